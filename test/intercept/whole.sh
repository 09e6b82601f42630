#!/bin/sh
# Runs a program that knows nothing of this library, compiled by both compilers, with and without optimisation: what is wrong with it is
# found within 10,000 executions, the same way each time, and is seen again under its token; of its mended twin 1,000 are clean, and 100
# where it is compiled in another way.
#
#   whole.sh <cppvaldi> <source>
set -eu
command=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    printf 'whole: %s: %s\n' "$how" "$*"
    cat "$scratch"/first "$scratch"/second 2>/dev/null
    exit 1
}

# status <command>...: runs it and prints its exit status; what it prints is left in a file.
status() {
    output=$1
    shift
    if "$@" >"$scratch/$output" 2>&1; then printf 0; else printf '%s' $?; fi
}

case $source in
    *.c) compilers='gcc clang' flags= ;;
    *) compilers='g++ clang++' flags=-std=c++20 ;;
esac
executions=1,000
for compiler in $compilers; do
    command -v "$compiler" >/dev/null || continue
    for optimisation in -O0 -O2; do
        how="$compiler $optimisation"
        # shellcheck disable=SC2086   # flags are words
        "$compiler" $flags $optimisation -g -pthread -DPROGRAM=main "$source" -o "$scratch/wrong"
        # shellcheck disable=SC2086
        "$compiler" $flags $optimisation -g -pthread -DMENDED -DPROGRAM=main "$source" -o "$scratch/mended"
        strategy=random
        if [ "$(status first "$command" run --executions 10000 "$scratch/wrong")" != 1 ]; then
            strategy=pct
            [ "$(status first "$command" run --strategy pct --executions 10000 "$scratch/wrong")" = 1 ] || fail 'nothing is found'
        fi
        [ "$(status second "$command" run --strategy "$strategy" --executions 10000 "$scratch/wrong")" = 1 ] || fail 'found once only'
        sed -i 's/, [^,]* m\?s$//' "$scratch/first" "$scratch/second"
        cmp -s "$scratch/first" "$scratch/second" || fail 'not the same the second time'
        token=$(sed -n 's/^to see it again: CPPVALDI_REPLAY=//p' "$scratch/first")
        [ "$(status second "$command" run --replay "$token" "$scratch/wrong")" != 0 ] || fail 'not seen again under its token'
        head -n 1 "$scratch/first" >"$scratch/wanted"
        grep -qFf "$scratch/wanted" "$scratch/second" || fail 'something else is seen under its token'
        [ "$(status first "$command" run --executions "$(echo $executions | tr -d ,)" "$scratch/mended")" = 0 ] || fail 'the mended one is not clean'
        grep -q "$executions executions, nothing found" "$scratch/first" || fail 'not all were run'
        executions=100
    done
done
