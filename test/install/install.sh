#!/bin/sh
# Installs the build into a scratch folder, as a packager does, and looks at it as the package's users will: builds and runs
# a program outside the tree with nothing but what pkg-config says, once with the shared library, once with the static one.
#
#   install.sh <program> <version> <source root> <build root> <prefix> <library folder> <header folder> <compiler>...
set -eu
program=$1 version=$2 source_root=$3 build_root=$4 libraries=$5/$6 headers=$5/$7 commands=$5/bin
shift 7
compiler=$*

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root
cp "$program" "$scratch/account.cpp"
cd "$scratch"

fail() {
    printf 'install: %s\n' "$*"
    exit 1
}

meson install -C "$build_root" --no-rebuild --quiet --destdir "$root"

# Nothing but headers, libraries and the pkg-config file, and all of it below the prefix.
stray=$(cd "$root" && find . ! -type d |
    sed -E -e 's,^\.,,' -e "\\,^$headers/cppvaldi/,d" -e "\\,^$commands/cppvaldi\$,d" -e "\\,^$libraries/(libcppvaldi(-intercept|-preload)?\.|pkgconfig/cppvaldi(-intercept)?\.pc\$),d")
[ -z "$stray" ] || fail "this does not belong to the library: $stray"

# Every public header, and no other.
(cd "$source_root/include" && find cppvaldi -name '*.hpp' | sort) >wanted
(cd "$root$headers" && find cppvaldi -type f | sort) >installed
cmp wanted installed || fail "the headers differ from those of the source: $(diff wanted installed)"

# The machine that built it is nowhere in what is read by those who use it.
if grep -rlF -e "$build_root" -e "$source_root" "$root$headers" "$root$libraries/pkgconfig"; then
    fail 'these name a folder of the machine that built it'
fi
case $(readelf -d "$root$libraries/libcppvaldi.so") in
    *RUNPATH* | *RPATH*) fail 'the shared library looks for others where it was built' ;;
    *'soname: [libcppvaldi.so.0]'*) ;;
    *) fail 'the shared library has another soname' ;;
esac

export PKG_CONFIG_PATH="$root$libraries/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
[ "$(pkg-config --modversion cppvaldi)" = "$version" ] || fail "pkg-config has another version than $version"

# The headers are enough, and clean under the warnings that people use. An adapter's needs what it adapts.
while read -r header; do
    case $header in
        */sqlite.hpp) needed='sqlite3.h' ;;
        */boost_test.hpp) needed='boost/test/unit_test.hpp' ;;
        *) needed=$header ;;
    esac
    printf '#if __has_include(<%s>)\n#include <%s>\n#endif\n' "$needed" "$header"
done <installed >headers.cpp
# shellcheck disable=SC2046,SC2086   # flags are words
$compiler -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only \
    $(pkg-config --cflags cppvaldi) headers.cpp || fail 'the headers do not compile'

# build <name> <pkg-config option>...: builds the program, runs it, and compares what it prints.
build() {
    name=$1
    shift
    flags=$(pkg-config "$@" --cflags --libs cppvaldi)
    printf '%s: %s\n' "$name" "$flags"
    # shellcheck disable=SC2086   # flags are words
    $compiler -std=c++20 -Wall -Wextra -Wpedantic -Werror account.cpp -o "$name" $flags $SANITIZER_FLAGS
    printed=$("./$name") || fail "$name: the program ends with status $?"
    [ "$printed" = 'balance 70' ] || fail "$name: the program printed '$printed'"
}

export LD_LIBRARY_PATH="$root$libraries"
build shared
readelf -d shared | grep -qF '[libcppvaldi.so.0]' || fail 'the program does not need the shared library that it was linked with'

# Without the shared library the linker takes the static one, and needs all that stands behind it.
rm "$root$libraries"/libcppvaldi.so*
build static --static
if readelf -d static | grep -F '[libcppvaldi'; then fail 'the static program needs the shared library'; fi
