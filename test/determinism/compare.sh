#!/bin/sh
# Runs each program where the loader puts it, there once more, and without address randomisation, and compares what it
# prints with what the first one printed.
#
#   compare.sh <program>...
set -eu
first=$("$1")
printf '%s\n' "$first"

# compare <how> <command>...
compare() {
    how=$1
    shift
    printed=$("$@")
    if [ "$printed" != "$first" ]; then
        printf '\n%s prints something else, %s:\n%s\n' "$program" "$how" "$printed"
        exit 1
    fi
}

# A container may forbid it; then the addresses of two runs still differ.
if setarch -R true 2>/dev/null; then fixed='setarch -R'; else fixed=; fi

for program; do
    compare 'at an address of the loader'\''s choice' "$program"
    compare 'at another, with another environment' env LC_ALL=C.UTF-8 CPPVALDI_PADDING="$PATH$PATH$PATH" "$program"
    # shellcheck disable=SC2086   # a command and its option
    compare "without address randomisation${fixed:+ ($fixed)}" $fixed "$program"
done
printf '\n%s programs agree%s\n' "$#" "${fixed:+, with and without address randomisation}"
