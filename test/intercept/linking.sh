#!/bin/sh
# A program that refers to nothing but cppvaldi::explore, or to threads as well, has its calls taken over wherever the library stands on its
# link line, with the core before it, behind it, or not at all (then it stands behind the objects, as every static library that they need).
#
#   linking.sh <libcppvaldi-intercept.a> <libcppvaldi.a> <headers> <compiler>...
set -eu
intercept=$1 core=$2 headers=$3
shift 3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/only_explore.cpp" <<'TEXT'
#include <cppvaldi/explore.hpp>
#include <cstdio>
#include <ctime>
int main() {
    std::time_t seen = 0;
    const auto found = cppvaldi::explore([&] { seen = std::time(nullptr); }, cppvaldi::random{.seed = 1}, {.executions = 1});
    std::printf("%s", !found.finding && seen == 946'684'800 ? "taken over" : "not taken over");
}
TEXT
cat >"$scratch/with_threads.cpp" <<'TEXT'
#include <cppvaldi/explore.hpp>
#include <cstdio>
#include <mutex>
#include <thread>
int main() {
    const auto found = cppvaldi::explore(
        [&] {
            std::mutex mutex;
            mutex.lock();
            std::thread other([&] { mutex.lock(); });
            other.join();
        },
        cppvaldi::random{.seed = 1}, {.executions = 10});
    std::printf("%s", found.finding && found.finding->what == cppvaldi::finding::kind::deadlock ? "taken over" : "not taken over");
}
TEXT

for program in only_explore with_threads; do
    "$@" -std=c++20 -I "$headers" -c "$scratch/$program.cpp" -o "$scratch/$program.o"
    object=$scratch/$program.o
    for line in "$intercept $object $core" "$object $intercept" "$object $intercept $core" "$object $core $intercept"; do
        # shellcheck disable=SC2086   # words of a link line
        "$@" $line -lboost_context -o "$scratch/program"
        printed=$("$scratch/program" 2>&1) || true
        if [ "$printed" != 'taken over' ]; then
            printf 'linking: %s, %s: %s\n' "$program" "$line" "$printed"
            exit 1
        fi
    done
done
