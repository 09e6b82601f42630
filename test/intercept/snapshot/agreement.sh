#!/bin/sh
# Runs a program that knows nothing of this library in both modes, compiled by both compilers, and by the first without optimisation as well:
# they find the same, in the same execution, with the same report and token, per strategy and seed; and of the mended twin they see the
# same. (The command itself compares the last execution in a memory that was put back with one in a process of its own, so several counts
# are tried.)
#
# With the preloaded library its code is instrumented, and linked with that.
#
#   agreement.sh [--instrumented <preloaded library>] <cppvaldi> <source> [<arguments of the program>]
set -eu
instrumented='' library='' accesses=none
if [ "$1" = --instrumented ]; then
    instrumented=-fsanitize=thread library="$(cd "$(dirname "$2")" && pwd)/${2##*/}" accesses=all
    shift 2
fi
command=$1 source=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    printf 'agreement: %s: %s\n' "$how" "$*"
    cat "$scratch"/fork "$scratch"/snapshot 2>/dev/null
    exit 1
}

# in_both <program> <status or any> <options>...: runs it in both modes.
in_both() {
    program=$1 wanted=$2
    shift 2
    for mode in fork snapshot; do
        # shellcheck disable=SC2086   # arguments are words
        if "$command" run --mode $mode --accesses $accesses "$@" "$program" $arguments >"$scratch/$mode" 2>&1; then status=0; else status=$?; fi
        printf 'exit status %s\n' "$status" >>"$scratch/$mode"
        sed -i 's/, [^,]* m\?s$//' "$scratch/$mode"
        [ "$wanted" = any ] || [ "$status" = "$wanted" ] || fail "mode $mode, $*: exit status $status"
    done
    cmp -s "$scratch/fork" "$scratch/snapshot" || fail "not the same with $*"
}

# build <program> <flags>...: compiles the source to that.
build() {
    built=$scratch/$1
    shift
    # shellcheck disable=SC2086   # flags are words
    "$compiler" $flags $instrumented $optimisation -g -w -pthread -DPROGRAM=main "$@" -c "$source" -o "$built.o"
    # shellcheck disable=SC2086
    "$compiler" -pthread "$built.o" $library ${library:+-Wl,-rpath,${library%/*}} -o "$built" -ldl
}

arguments=$*
case $source in
    *.c) compilers='gcc clang' flags= ;;
    *) compilers='g++ clang++' flags=-std=c++20 ;;
esac
optimisations='-O0 -O2'
for compiler in $compilers; do
    command -v "$compiler" >/dev/null || continue
    for optimisation in $optimisations; do
        how="$compiler $optimisation"
        build wrong
        build mended -DMENDED
        for seed in 1 2; do
            in_both "$scratch/wrong" any --strategy random --seed $seed --executions 100
            in_both "$scratch/wrong" any --strategy pct --seed $seed --executions 100
        done
        in_both "$scratch/wrong" any --strategy dpor --executions 100
        in_both "$scratch/wrong" any --strategy surw --executions 100
        in_both "$scratch/mended" 0 --strategy dpor --executions 50
        for executions in 2 3 7 40; do
            in_both "$scratch/mended" 0 --strategy pos --executions $executions
        done
        in_both "$scratch/mended" 0 --strategy exhaustive --preemptions 1 --executions 60
    done
    optimisations=-O2
done
