#!/bin/sh
# Looks into machine code: with checkpoints it refers to the library, without them to nothing of it.
#
#   no_checkpoints.sh <nm> <library with> <library without>
set -eu
library='reach_checkpoint|current_execution'
if ! "$1" "$2" | grep -qE "$library"; then
    printf 'with checkpoints there is no trace of them: this test sees nothing\n'
    exit 1
fi
if "$1" "$3" | grep -E "$library|typeinfo| _ZTI"; then
    printf 'without checkpoints this is left of them\n'
    exit 1
fi
