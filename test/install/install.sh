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

# What takes calls over is one library more, for Meson, CMake and plain commands.
[ -e "$root$libraries/pkgconfig/cppvaldi-intercept.pc" ] || exit 0
cat >taken_over.cpp <<'TEXT'
#include <cppvaldi/explore.hpp>
#include <cstdio>
#include <thread>
int main() {
    cppvaldi::check([] { std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).join(); },
                    cppvaldi::random{.seed = 1}, {.executions = 10});
    std::puts("an hour has passed");
}
TEXT
cat >CMakeLists.txt <<'TEXT'
cmake_minimum_required(VERSION 3.13)
project(taken_over CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(PkgConfig REQUIRED)
pkg_check_modules(intercept REQUIRED IMPORTED_TARGET cppvaldi-intercept)
add_executable(taken_over taken_over.cpp)
target_link_libraries(taken_over PkgConfig::intercept)
TEXT
cat >meson.build <<'TEXT'
project('taken_over', 'cpp', default_options: ['cpp_std=c++20'])
executable('taken_over', 'taken_over.cpp', dependencies: dependency('cppvaldi-intercept'))
TEXT
# shellcheck disable=SC2046   # flags are words
$compiler -std=c++20 taken_over.cpp -o taken_over $(pkg-config --cflags --libs cppvaldi-intercept)
{ CXX=$compiler meson setup by_meson && meson compile -C by_meson; } >meson.log 2>&1 || { cat meson.log; fail 'Meson does not build it'; }
programs='./taken_over by_meson/taken_over'
if command -v cmake >/dev/null; then
    { CXX=$compiler cmake -S . -B by_cmake && cmake --build by_cmake; } >cmake.log 2>&1 || { cat cmake.log; fail 'CMake does not build it'; }
    programs="$programs by_cmake/taken_over"
fi
for program in $programs; do
    [ "$("$program")" = 'an hour has passed' ] || fail "$program: its calls are not taken over"
done
