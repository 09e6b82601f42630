#!/bin/sh
# What never comes to a scheduling point is reported, with who it is and where, and ended.
#
#   watchdog.sh <program>
set -u
printed=$("$1" 2>&1)
status=$?
for wanted in "starter 'thread-1' has made no step for 5 seconds" 'compute_for_ever' 'Give a loop a checkpoint' 'CPPVALDI_REPLAY='; do
    case $printed in
        *"$wanted"*) ;;
        *)
            printf 'missing: %s\nprinted: %s\n' "$wanted" "$printed"
            exit 1
            ;;
    esac
done
[ "$status" -ge 128 ] || { printf 'it has ended with %s\n' "$status"; exit 1; }
