// What does it cost that calls of the C library are taken over: a switch that changes the thread control block against one that does
// not, a pthread mutex against cppvaldi's own, a thread created and joined, and the same of the operating system?

#include "under_kernel.hpp"

#include "kernel/front_door.hpp"

#include <cppvaldi/mutex.hpp>
#include <cppvaldi/thread.hpp>

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace {

/// While it lives, starters have no worlds of their own, as in a program that does not link the library.
class without_front_door {
public:
    without_front_door() : before_(std::exchange(cppvaldi::linked_front_door, nullptr)) {}
    without_front_door(const without_front_door&) = delete;
    without_front_door& operator=(const without_front_door&) = delete;
    ~without_front_door() { cppvaldi::linked_front_door = before_; }

private:
    const cppvaldi::front_door* before_;
};

/// Two starters that take turns.
class in_turns final : public cppvaldi::strategy {
public:
    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        const cppvaldi::starter_id after =
            point.running == cppvaldi::nobody ? cppvaldi::nobody : point.enabled.after(point.running);
        return after == cppvaldi::nobody ? point.enabled.first() : after;
    }
};

void switches(benchmark::State& state) {
    cppvaldi::execution world;
    in_turns decides;
    for (auto _ : state) {
        world.begin(decides, {}, {.tracing = false});
        for (const char* name : {"first", "second"}) {
            const auto start = [&](cppvaldi::detail::job_shape shape, cppvaldi::detail::job_maker maker) {
                (void)world.spawn(name, shape, maker);
            };
            cppvaldi::detail::with_job(start, [&state] {
                cppvaldi::object none{"bench"};
                bench::repeat(state.range(0) / 2, [&] {
                    cppvaldi::operation always;
                    always.kind = cppvaldi::operation_kind::store;
                    always.access = cppvaldi::access_kind::write;
                    cppvaldi::detail::current_execution->perform_always(none, always);
                });
            });
        }
        benchmark::DoNotOptimize(world.run());
        world.end();
    }
    bench::count_items(state, state.range(0));
}

void switch_with_own_world(benchmark::State& state) { switches(state); }

void switch_without(benchmark::State& state) {
    const without_front_door none;
    switches(state);
}

void taken_over_mutex(benchmark::State& state) {
    bench::under_search(state, [&] {
        pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
        bench::repeat(state.range(0), [&] {
            ::pthread_mutex_lock(&mutex);
            ::pthread_mutex_unlock(&mutex);
        });
    });
    bench::count_items(state, state.range(0));
}

void own_mutex(benchmark::State& state) {
    bench::under_search(state, [&] {
        cppvaldi::mutex mutex;
        bench::repeat(state.range(0), [&] {
            mutex.lock();
            mutex.unlock();
        });
    });
    bench::count_items(state, state.range(0));
}

void real_mutex(benchmark::State& state) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    for (auto _ : state) {
        bench::repeat(state.range(0), [&] {
            ::pthread_mutex_lock(&mutex);
            ::pthread_mutex_unlock(&mutex);
        });
    }
    bench::count_items(state, state.range(0));
}

void create_and_join() {
    pthread_t thread{};
    (void)::pthread_create(
        &thread, nullptr, [](void* unused) { return unused; }, nullptr);
    (void)::pthread_join(thread, nullptr);
}

void taken_over_thread(benchmark::State& state) {
    bench::under_search(state, [&] { bench::repeat(state.range(0), &create_and_join); });
    bench::count_items(state, state.range(0));
}

void own_thread(benchmark::State& state) {
    const without_front_door none;
    bench::under_search(state, [&] {
        bench::repeat(state.range(0), [] {
            cppvaldi::thread made([] {});
            made.join();
        });
    });
    bench::count_items(state, state.range(0));
}

void real_thread(benchmark::State& state) {
    for (auto _ : state) {
        bench::repeat(state.range(0), &create_and_join);
    }
    bench::count_items(state, state.range(0));
}

} // namespace

int main(int argc, char** argv) {
    bench::measure("switch_with_own_world", {100, 100'000}, switch_with_own_world);
    bench::measure("switch_without", {100, 100'000}, switch_without);
    bench::measure("taken_over_mutex", {100, 100'000}, taken_over_mutex);
    bench::measure("own_mutex", {100, 100'000}, own_mutex);
    bench::measure("real_mutex", {100, 100'000}, real_mutex);
    bench::measure("taken_over_thread", {10, 1'000}, taken_over_thread);
    bench::measure("own_thread", {10, 1'000}, own_thread);
    bench::measure("real_thread", {10, 1'000}, real_thread, bench::timing::wall);
    return bench::run(argc, argv,
                      {
                          {"a switch with a world of its own, against one without", "switch_with_own_world",
                           "switch_without"},
                          {"pthread_mutex_lock and unlock, against cppvaldi::mutex", "taken_over_mutex", "own_mutex"},
                          {"the same, against the C library's", "taken_over_mutex", "real_mutex"},
                          {"pthread_create and join, against cppvaldi::thread", "taken_over_thread", "own_thread"},
                          {"the same: a tenth of the C library's", "taken_over_thread", "real_thread", 0.1},
                      });
}
