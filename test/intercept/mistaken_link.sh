#!/bin/sh
# A program that is not only compiled but also linked with -fsanitize=thread says so at once. Linked without, it runs.
#
#   mistaken_link.sh <libcppvaldi-intercept.a> <headers> <compiler>...
set -eu
library=$1 headers=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/program.cpp" <<'TEXT'
#include <cppvaldi/explore.hpp>
#include <cstdio>
#include <thread>
int main() {
    const auto found = cppvaldi::explore(
        [] {
            int data = 0;
            std::thread alice([&] { data = 1; });
            alice.join();
        },
        cppvaldi::random{.seed = 1}, {.executions = 1});
    std::puts(found.finding ? "found" : "clean");
}
TEXT
"$@" -std=c++20 -fsanitize=thread -I"$headers" -c "$scratch/program.cpp" -o "$scratch/program.o"

"$@" "$scratch/program.o" "$library" -lboost_context -o "$scratch/program"
[ "$("$scratch/program")" = clean ] || { echo "linked without, it is not clean"; exit 1; }

# Where the compiler has no such library there is no such mistake.
"$@" -fsanitize=thread "$scratch/program.o" "$library" -lboost_context -o "$scratch/mistaken" 2>"$scratch/said" || exit 77
status=0
timeout -s KILL 20 "$scratch/mistaken" 2>"$scratch/said" || status=$?
cat "$scratch/said"
[ "$status" -eq 2 ] && grep -q 'link without it' "$scratch/said"
