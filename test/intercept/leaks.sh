#!/bin/sh
# Memory that is lost is a finding where it is looked for, in both modes and however the program is compiled; what can be reached is none.
#
#   leaks.sh <cppvaldi> <source>
set -u
command=$(cd "$(dirname "$1")" && pwd)/${1##*/}
source=$(cd "$(dirname "$2")" && pwd)/${2##*/}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0

# expect <status> <text> <arguments>...: that is how it ends, and this is among what it prints.
expect() {
    status=$1 text=$2
    shift 2
    printed=$("$command" run "$@" 2>&1)
    was=$?
    case $printed in
        *'not seen again'*) ;;
        *"$text"*) [ "$was" -eq "$status" ] && return ;;
    esac
    printf '%s %s: cppvaldi run %s: status %s, wanted %s and "%s"\n%s\n' "$compiler" "$optimisation" "$*" "$was" "$status" "$text" "$printed"
    failed=1
}

for compiler in g++ clang++; do
    command -v "$compiler" >/dev/null || continue
    for optimisation in -O0 -O2; do
        "$compiler" -std=c++20 -g $optimisation -pthread "$source" -o leaks || exit 1
        for mode in fork snapshot; do
            expect 0 'nothing found' --mode $mode --executions 100 ./leaks thread
            expect 0 '100 executions, nothing found' --mode $mode --leaks all --executions 100 ./leaks none
            expect 0 '100 executions, nothing found' --mode $mode --leaks all --executions 100 ./leaks exit
            expect 1 'leak: 2,000 bytes that nobody can reach are not freed, in 2 blocks; the first, of 1,000, allocated at leaks.cpp:48' \
                --mode $mode --leaks all ./leaks thread
            expect 1 'leak: 48 bytes that nobody can reach are not freed, allocated at leaks.cpp:51' --mode $mode --leaks all ./leaks list
            expect 1 'leak: 33 bytes' --mode $mode --leaks all ./leaks main
            expect 1 'in 2 blocks; the first' --mode $mode --leaks all ./leaks circle
            expect 1 'leak: 77 bytes' --mode $mode --leaks all ./leaks twice # which some interleavings lose
        done
    done
done
token=$("$command" run --leaks all ./leaks twice 2>&1 | sed -n 's/^to see it again: CPPVALDI_REPLAY=//p')
expect 1 'leak: 77 bytes' --leaks all --replay "$token" ./leaks twice
expect 2 'is neither none nor all' --leaks some ./leaks none
exit $failed
