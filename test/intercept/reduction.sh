#!/bin/sh
# How many classes of interleavings whole programs have, under `--strategy dpor`.
#
#   reduction.sh <cppvaldi> <preloaded library>
set -u
command=$(cd "$(dirname "$1")" && pwd)/${1##*/}
library=$(cd "$(dirname "$2")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0

# expect <text> <arguments>...: this is among what is printed, and nothing is found.
expect() {
    text=$1
    shift
    printed=$("$command" run "$@" 2>&1)
    was=$?
    case $printed in
        *"$text"*) [ "$was" -eq 0 ] && return ;;
    esac
    printf 'cppvaldi run %s: status %s, wanted 0 and "%s"\n%s\n' "$*" "$was" "$text" "$printed"
    failed=1
}

# mutex <threads> <rounds> <mutexes>: a counter for each mutex.
cat >mutex.c <<'TEXT'
#include <pthread.h>
#include <stdlib.h>
static pthread_mutex_t doors[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static int counts[2], rounds, mutexes;
static void* add(void* number) {
    const int own = (int)(long)number % mutexes;
    for (int round = 0; round < rounds; round++) {
        pthread_mutex_lock(&doors[own]);
        counts[own]++;
        pthread_mutex_unlock(&doors[own]);
    }
    return NULL;
}
int main(int count, char** arguments) {
    pthread_t threads[3];
    const int many = atoi(arguments[1]);
    rounds = atoi(arguments[2]);
    mutexes = atoi(arguments[3]);
    for (long each = 0; each < many; each++) { pthread_create(&threads[each], NULL, add, (void*)each); }
    for (int each = 0; each < many; each++) { pthread_join(threads[each], NULL); }
    return count == 4 && counts[0] + counts[1] == many * rounds ? 0 : 1;
}
TEXT
# atomic add|lose <threads> <rounds>
cat >atomic.cpp <<'TEXT'
#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>
static std::atomic<int> number;
int main(int, char** arguments) {
    const bool adds = arguments[1][0] == 'a';
    const int rounds = std::atoi(arguments[3]);
    std::vector<std::thread> threads;
    for (int many = std::atoi(arguments[2]); many > 0; --many) {
        threads.emplace_back([=] {
            for (int round = 0; round < rounds; ++round) {
                if (adds) {
                    number.fetch_add(1);
                } else {
                    number.store(number.load() + 1);
                }
            }
        });
    }
    for (std::thread& each : threads) { each.join(); }
}
TEXT
# Who waits until the number is 1 by the operating system's own call, or by the standard library's.
cat >waiting.cpp <<'TEXT'
#include <atomic>
#include <latch>
#include <thread>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
static std::atomic<int> number;
static std::latch latch(2);
int main(int, char** arguments) {
    const char how = arguments[1][0];
    std::thread waiter([=] {
        if (how == 'f') {
            syscall(SYS_futex, &number, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
        } else if (how == 's') {
            number.wait(0);
        } else {
            latch.arrive_and_wait();
        }
    });
    if (how == 'f') {
        number.store(1);
        syscall(SYS_futex, &number, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    } else if (how == 's') {
        number.store(1);
        number.notify_one();
    } else {
        latch.arrive_and_wait();
    }
    waiter.join();
}
TEXT
cc -w -pthread mutex.c -o mutex || exit 1
c++ -std=c++20 -w -g -fsanitize=thread -c atomic.cpp -o atomic.o || exit 1
c++ -std=c++20 -w -g -fsanitize=thread -c waiting.cpp -o waiting.o || exit 1
c++ waiting.o -pthread "-L$library" -lcppvaldi-preload "-Wl,-rpath,$library" -o waiting || exit 1
c++ atomic.o -pthread "-L$library" -lcppvaldi-preload "-Wl,-rpath,$library" -o atomic || exit 1

# Who locks first, each time: (m + n)! / (m! n!) orders.
expect 'complete: 6 classes, nothing found' --strategy dpor ./mutex 2 2 1
expect 'complete: 20 classes, nothing found' --strategy dpor ./mutex 2 3 1
expect 'complete: 90 classes, nothing found' --strategy dpor ./mutex 3 2 1
# Those with no preemption: one thread after the other.
expect 'complete: 2 classes, nothing found' --strategy dpor --preemptions 0 ./mutex 2 2 1
# Two that meet nowhere.
expect 'complete: 1 class, nothing found' --strategy dpor ./mutex 2 3 2
# Each modification has its place among the others.
expect 'complete: 2 classes, nothing found' --strategy dpor ./atomic add 2 1
expect 'complete: 6 classes, nothing found' --strategy dpor ./atomic add 3 1
expect 'complete: 24 classes, nothing found' --strategy dpor ./atomic add 4 1
# Both loads first, and then the stores in two orders; or one thread after the other, in two orders.
expect 'complete: 4 classes, nothing found' --strategy dpor ./atomic lose 2 1
expect 'complete: 34 classes, nothing found' --strategy dpor ./atomic lose 2 2
# The waiter looks before the store, and is woken; or after it, and does not wait.
expect 'complete: 2 classes, nothing found' --strategy dpor ./waiting futex
expect 'complete: ' --strategy dpor ./waiting standard
expect ' classes, nothing found' --strategy dpor --executions 200 ./waiting latch
# What draws lots is never complete; a portfolio is when one of its members is.
expect 'cppvaldi: 50 executions, nothing found' --strategy surw --executions 50 ./mutex 2 3 1
expect 'cppvaldi: 50 executions, nothing found' --strategy surw,pct,pos --executions 50 ./atomic add 2 3
expect 'complete: ' --strategy random,dpor ./mutex 2 2 1
exit $failed
