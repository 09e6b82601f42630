#!/bin/sh
# The rules must be able to fail: breaks each once, in a scratch tree, and sees that house.sh complains of it.
#
#   canary.sh <source root>
set -eu
house=$1/test/house
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir -p lib/fiber lib/kernel lib/strategies include/cppvaldi test/house bench
cp "$house/floors" test/house
for folder in lib include test bench; do : >"$folder/meson.build"; done
failed=0

# expect <complaint> <file> <text>: with that text in that file, house.sh complains of just that.
expect() {
    case $2 in *.hpp) printf '#pragma once\n' >"$2" ;; *) : >"$2" ;; esac
    printf '%b\n' "$3" >>"$2"
    check "$@"
}

check() {
    printf "'%s'\n'%s'\n" "${2#*/}" "$(basename "$2" .cpp)" >"${2%%/*}/meson.build"
    if printed=$("$house/house.sh" "$scratch"); then
        printf 'not seen: %s\n' "$1"
        failed=1
    elif ! printf '%s\n' "$printed" | head -n 1 | grep -qF "$1"; then
        printf 'wanted: %s\nprinted: %s\n' "$1" "$printed"
        failed=1
    fi
    rm "$2"
    : >"${2%%/*}/meson.build"
}

"$house/house.sh" "$scratch" || failed=1

expect 'nobody any other Boost' lib/kernel/a.cpp '#include <boost/context/fiber.hpp>'
expect 'only lib/fiber/ includes Boost.Context' test/a.cpp '#include <boost/context/fiber.hpp>'
expect 'only sqlite.hpp includes SQLite' lib/kernel/a.cpp '# include <sqlite3.h>'
expect 'public headers only' include/cppvaldi/order.hpp '#include "a.hpp"'
expect 'fiber includes kernel' lib/fiber/a.cpp '#include "kernel/a.hpp"'
expect 'strategies includes drivers' include/cppvaldi/order.hpp '#include <cppvaldi/runner.hpp>'
expect 'is on no floor' lib/a.cpp 'int a;'
expect 'differs from run to run' lib/kernel/a.cpp 'int a = std::''rand();'
expect 'differs between standard libraries' test/a.cpp 'std::''shuffle(begin, end, engine);'
expect 'the real clock' lib/kernel/a.cpp 'auto a = std::chrono::steady_''clock::now();'
expect 'no test sleeps' test/a.cpp 'std::this_thread::''sleep_for(1s);'
expect 'no pointer is printed' lib/kernel/a.cpp 'std::printf("%%''p", pointer);'
expect 'thread-locals are' lib/kernel/a.cpp 'thread_''local int a;'
expect 'no floating point' lib/strategies/a.cpp 'double a;'
expect 'the environment is read' lib/kernel/a.cpp 'const char* a = std::''getenv("A");'
expect 'left for later' test/a.cpp '// FIX''ME'
expect 'left for later' test/a.cpp '#if'' 0'
expect 'machine' test/a.cpp 'open("/''tmp/a");'
expect 'white space' test/a.cpp 'int a; '

printf '#include <vector>\n' >lib/kernel/a.hpp
check 'begins with #pragma once' lib/kernel/a.hpp

printf '#pragma once\n' >lib/kernel/b.hpp
printf "'kernel/b.hpp'" >lib/meson.build
printf '#include <vector>\n#include "kernel/b.hpp"\n' >lib/kernel/b.cpp
"$house/house.sh" "$scratch" | grep -qF 'its own header first: kernel/b.hpp' || { echo 'not seen: own header first'; failed=1; }
"$house/house.sh" "$scratch" | grep -qF 'lib/kernel/b.cpp:1: is not listed' || { echo 'not seen: not listed'; failed=1; }
rm lib/kernel/b.*

yes 'int a;' | head -n 501 >test/a.cpp
check 'a source stays under' test/a.cpp
yes '#pragma once' | head -n 201 >include/cppvaldi/order.hpp
check 'a public header stays under' include/cppvaldi/order.hpp

exit "$failed"
