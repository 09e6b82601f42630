#!/bin/sh
# Programs in C and C++ that use nothing of this library, compiled as they are by each compiler at hand, without and with optimisation: their bugs are
# found, the same way each time, and their mended twins come out clean.
#
#   programs.sh <headers> <libcppvaldi-intercept.a> <libcppvaldi.a> <program>... <driver> <compiler of the library>...
set -eu
headers=$1 intercept=$2 core=$3
shift 3
programs=
while [ "${1##*/}" != driver.cpp ]; do
    programs="$programs $1"
    shift
done
driver=$1
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$@" -std=c++20 -O1 -I "$headers" -c "$driver" -o "$scratch/driver.o"

# Compiles one program, buggy and mended: name, what is compiled, further words for the compiler.
both() {
    name=$1 compile=$2 source=$3
    shift 3
    $compile "$@" -c "-DPROGRAM=${name}_buggy" "$source" -o "$scratch/${name}_buggy.o"
    $compile "$@" -c -DMENDED "-DPROGRAM=${name}_mended" "$source" -o "$scratch/${name}_mended.o"
}

for kind in "gcc g++" "clang clang++"; do
    c_compiler=${kind% *} cpp_compiler=${kind#* }
    if ! command -v "$c_compiler" >/dev/null || ! command -v "$cpp_compiler" >/dev/null; then
        echo "without $kind, which is not here"
        continue
    fi
    for level in -O0 -O2; do
        echo "$kind $level"
        flags="$level -g -fsanitize=thread -Wall -Wextra -Werror"
        [ "$c_compiler" != gcc ] || flags="$flags -Wno-tsan"
        for program in $programs; do
            name=${program##*/}
            name=${name%.*}
            case $program in
                */reorder.c)
                    for threads in 3 5 10 20; do
                        both "reorder_$threads" "$c_compiler -std=gnu11 $flags" "$program" "-DTHREADS=$threads"
                    done ;;
                *.c) both "$name" "$c_compiler -std=gnu11 $flags" "$program" ;;
                *) both "$name" "$cpp_compiler -std=c++17 $flags" "$program" ;;
            esac
        done
        "$@" "$scratch"/*.o "$intercept" "$core" -lboost_context -o "$scratch/programs"
        "$scratch/programs"
    done
done
