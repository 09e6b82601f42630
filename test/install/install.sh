#!/bin/sh
# Installs the build into a scratch folder, then builds and runs a program outside the tree with nothing but what
# pkg-config says: once with the shared library, once with the static one.
#
#   install.sh <program> <build root> <prefix> <library folder> <compiler>...
set -eu
program=$1 build_root=$2 libraries=$3/$4
shift 4
compiler=$*

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$program" "$scratch/account.cpp"
cd "$scratch"

meson install -C "$build_root" --no-rebuild --quiet --destdir "$scratch/root"

export PKG_CONFIG_PATH="$scratch/root$libraries/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$scratch/root"

# build <name> <pkg-config option>...: builds the program, runs it, and compares what it prints.
build() {
    name=$1
    shift
    flags=$(pkg-config "$@" --cflags --libs cppvaldi)
    printf '%s: %s\n' "$name" "$flags"
    # shellcheck disable=SC2086   # flags are words
    $compiler -std=c++20 account.cpp -o "$name" $flags $SANITIZER_FLAGS
    printed=$("./$name")
    if [ "$printed" != 'balance 70' ]; then
        printf '%s: the program printed "%s"\n' "$name" "$printed"
        exit 1
    fi
}

export LD_LIBRARY_PATH="$scratch/root$libraries"
build shared

# Without the shared library the linker takes the static one, and needs all that stands behind it.
rm "$scratch/root$libraries"/libcppvaldi.so*
build static --static
