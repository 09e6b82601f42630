// Small programs drawn at random, each compared with brute force: the reduction runs one execution of each class.

#include "strategies/generator.hpp"
#include "support/classes.hpp"
#include "support/fixture.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(random_programs, clean_world)

namespace {

using namespace std::chrono_literals;
using cppvaldi::generator;

/// What a program may use.
enum class vocabulary : std::uint8_t {
    values,
    locks,
    permits,
    conditions,
    times,
    sleeps,
    shares,
    phases,
    waits,
    spawning
};

/// One statement. `inside` is done while a lock is held, or if it was.
struct statement {
    std::string what;
    std::size_t on = 0;
    int number = 0;
    std::vector<statement> inside{};
};

using program = std::vector<std::vector<statement>>;

statement draw_value_statement(generator& draw) {
    static const std::array<const char*, 6> words{"load", "store", "add", "cas", "exchange", "choose"};
    const std::uint32_t which = draw.below(16);
    return {words[which == 15 ? 5 : which % 5], draw.below(2), static_cast<int>(draw.below(2)), {}};
}

statement draw(generator& numbers, vocabulary from, int depth) {
    const auto inner = [&](std::uint32_t most) {
        std::vector<statement> all;
        for (std::uint32_t left = numbers.below(most + 1); left > 0; --left) {
            all.push_back(draw_value_statement(numbers));
        }
        return all;
    };
    if (numbers.below(3) == 0 || depth > 1) {
        return draw_value_statement(numbers);
    }
    switch (from) {
    case vocabulary::values: return draw_value_statement(numbers);
    case vocabulary::locks: return {numbers.below(3) == 0 ? "try_lock" : "lock", numbers.below(2), 0, inner(2)};
    case vocabulary::permits: {
        static const std::array<const char*, 4> words{"acquire", "try_acquire", "release", "acquire"};
        return {words[numbers.below(4)], 0, 0, inner(1)};
    }
    case vocabulary::conditions: {
        static const std::array<const char*, 4> words{"wait", "notify_one", "notify_all", "lock"};
        return {words[numbers.below(4)], 0, 0, inner(1)};
    }
    case vocabulary::times: {
        static const std::array<const char*, 5> words{"wait_for", "notify_one", "lock", "lock_for", "acquire_for"};
        return {words[numbers.below(5)], 0, static_cast<int>(numbers.below(2)), inner(1)};
    }
    case vocabulary::sleeps: {
        static const std::array<const char*, 4> words{"sleep", "sleep", "lock", "acquire"};
        return {words[numbers.below(4)], 0, static_cast<int>(numbers.below(2)), inner(1)};
    }
    case vocabulary::shares: {
        static const std::array<const char*, 4> words{"lock_shared", "lock_whole", "try_lock_shared", "try_lock_whole"};
        return {words[numbers.below(4)], 0, 0, inner(1)};
    }
    case vocabulary::phases: {
        static const std::array<const char*, 4> words{"count_down", "latch_wait", "latch_try", "once"};
        return {words[numbers.below(4)], 0, 0, inner(1)};
    }
    case vocabulary::waits: {
        static const std::array<const char*, 3> words{"atomic_wait", "atomic_notify_one", "atomic_notify_all"};
        return {words[numbers.below(3)], numbers.below(2), 0, {}};
    }
    case vocabulary::spawning: return {"spawn", 0, 0, inner(2)};
    }
    return {};
}

/// All that a program works on.
struct world_of_one {
    explicit world_of_one(std::ptrdiff_t count_downs) : latch(count_downs) {}

    std::array<cppvaldi::atomic<int>, 2> values{};
    std::array<cppvaldi::timed_mutex, 2> locks;
    cppvaldi::mutex guard;
    cppvaldi::condition_variable condition;
    cppvaldi::counting_semaphore<9> permits{1};
    cppvaldi::shared_mutex shared;
    cppvaldi::latch latch;
    cppvaldi::once_flag once;
};

void perform(world_of_one& in, const std::vector<statement>& all);

void perform_value(world_of_one& in, const statement& one) {
    cppvaldi::atomic<int>& value = in.values[one.on];
    if (one.what == "load") {
        (void)value.load();
    } else if (one.what == "store") {
        value.store(one.number);
    } else if (one.what == "add") {
        value.fetch_add(1);
    } else if (one.what == "exchange") {
        (void)value.exchange(one.number);
    } else if (one.what == "cas") {
        int expected = one.number;
        if (value.compare_exchange_strong(expected, expected + 1)) {
            (void)in.values[1 - one.on].load();
        }
    } else if (one.what == "choose") {
        if (cppvaldi::choose(2) == 1) {
            value.store(2);
        }
    }
}

template <typename Lock, typename Unlock>
void perform_under(bool has, world_of_one& in, const statement& one, Lock lock, Unlock unlock) {
    if (has) {
        lock();
        perform(in, one.inside);
        unlock();
    }
}

void perform_lock(world_of_one& in, const statement& one) {
    cppvaldi::timed_mutex& lock = in.locks[one.on];
    const auto nothing = [] {};
    if (one.what == "lock") {
        perform_under(
            true, in, one, [&] { lock.lock(); }, [&] { lock.unlock(); });
    } else if (one.what == "try_lock") {
        perform_under(lock.try_lock(), in, one, nothing, [&] { lock.unlock(); });
    } else if (one.what == "lock_for") {
        perform_under(lock.try_lock_for(1ms), in, one, nothing, [&] { lock.unlock(); });
    } else if (one.what == "lock_shared") {
        perform_under(
            true, in, one, [&] { in.shared.lock_shared(); }, [&] { in.shared.unlock_shared(); });
    } else if (one.what == "lock_whole") {
        perform_under(
            true, in, one, [&] { in.shared.lock(); }, [&] { in.shared.unlock(); });
    } else if (one.what == "try_lock_shared") {
        perform_under(in.shared.try_lock_shared(), in, one, nothing, [&] { in.shared.unlock_shared(); });
    } else if (one.what == "try_lock_whole") {
        perform_under(in.shared.try_lock(), in, one, nothing, [&] { in.shared.unlock(); });
    }
}

void perform_wait(world_of_one& in, const statement& one) {
    if (one.what == "acquire") {
        in.permits.acquire();
    } else if (one.what == "try_acquire") {
        if (in.permits.try_acquire()) {
            perform(in, one.inside);
        }
    } else if (one.what == "acquire_for") {
        (void)in.permits.try_acquire_for(1ms);
    } else if (one.what == "release") {
        in.permits.release();
    } else if (one.what == "wait" || one.what == "wait_for") {
        cppvaldi::unique_lock<cppvaldi::mutex> held(in.guard);
        if (one.what == "wait") {
            in.condition.wait(held);
        } else {
            (void)in.condition.wait_for(held, 1ms);
        }
        perform(in, one.inside);
    } else if (one.what == "notify_one") {
        in.condition.notify_one();
    } else if (one.what == "notify_all") {
        in.condition.notify_all();
    } else if (one.what == "count_down") {
        in.latch.count_down();
    } else if (one.what == "latch_wait") {
        in.latch.wait();
    } else if (one.what == "latch_try") {
        if (in.latch.try_wait()) {
            perform(in, one.inside);
        }
    } else if (one.what == "once") {
        cppvaldi::call_once(in.once, [&] { perform(in, one.inside); });
    } else if (one.what == "sleep") {
        cppvaldi::this_thread::sleep_for(1ms * (1 + one.number));
    } else if (one.what == "atomic_wait") {
        in.values[one.on].wait(0);
    } else if (one.what == "atomic_notify_one") {
        in.values[one.on].notify_one();
    } else if (one.what == "atomic_notify_all") {
        in.values[one.on].notify_all();
    } else if (one.what == "spawn") {
        cppvaldi::thread child([&] { perform(in, one.inside); });
        in.values[0].fetch_add(1);
        child.join();
    }
}

void perform(world_of_one& in, const std::vector<statement>& all) {
    for (const statement& each : all) {
        perform_value(in, each);
        perform_lock(in, each);
        perform_wait(in, each);
    }
}

std::string text_of(const std::vector<statement>& all) {
    std::string text;
    for (const statement& each : all) {
        text += ' ' + each.what + ' ' + std::to_string(each.on) + ',' + std::to_string(each.number) + " {" +
                text_of(each.inside) + " };";
    }
    return text;
}

program draw_program(std::uint64_t seed, vocabulary from) {
    generator numbers(seed);
    program made(2 + numbers.below(2));
    for (auto& starter : made) {
        for (std::uint32_t left = 1 + numbers.below(3); left > 0; --left) {
            starter.push_back(draw(numbers, from, 0));
        }
    }
    return made;
}

std::ptrdiff_t count_downs_of(const program& made) {
    std::ptrdiff_t sum = 0;
    for (const auto& starter : made) {
        sum += std::count_if(starter.begin(), starter.end(),
                             [](const statement& each) { return each.what == "count_down"; });
    }
    return sum;
}

void run(const program& made) {
    world_of_one in(count_downs_of(made));
    std::vector<cppvaldi::thread> all;
    for (const auto& starter : made) {
        all.emplace_back([&in, &starter] { perform(in, starter); });
    }
    for (cppvaldi::thread& each : all) {
        each.join();
    }
    (void)in.values[0].load();
}

void try_programs(vocabulary from, std::uint64_t first, std::uint64_t count) {
    std::size_t compared_programs = 0;
    if (const char* const shift = std::getenv("SHIFT_SEEDS")) {
        first += std::strtoull(shift, nullptr, 10);
    }
    if (const char* const times = std::getenv("TIMES_SEEDS")) {
        count *= std::strtoull(times, nullptr, 10);
    }
    const char* const only = std::getenv("ONLY_SEED");
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        if (only != nullptr && seed != std::strtoull(only, nullptr, 10)) {
            continue;
        }
        const program made = draw_program(seed, from);
        const compared sum = compared_with_brute_force([&] { run(made); }, 20'000, seed % 2 == 0 ? 0 : seed);
        compared_programs += sum.classes > 0 ? 1 : 0;
        if (!sum.difference.empty()) {
            std::string text = "seed " + std::to_string(seed) + ":\n";
            for (const auto& starter : made) {
                text += text_of(starter) + '\n';
            }
            BOOST_ERROR(text + sum.difference);
        }
    }
    BOOST_TEST_MESSAGE(compared_programs << " programs compared");
    BOOST_TEST((only != nullptr || compared_programs * 3 >= count * 2));
}

/// Within a bound just those classes are seen of which brute force sees a member.
void try_bounds(vocabulary from, std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const program made = draw_program(seed, from);
        for (std::uint32_t bound = 0; bound < 3; ++bound) {
            const auto everything = cppvaldi::make_strategy(cppvaldi::exhaustive{.preemptions = bound});
            const auto reduced = cppvaldi::make_strategy(cppvaldi::dpor{.preemptions = bound});
            const classes_seen all = classes_under(
                *everything, [&] { run(made); }, 5'000);
            const classes_seen once = classes_under(
                *reduced, [&] { run(made); }, 5'000);
            BOOST_TEST_CONTEXT("seed " << seed << ", bound " << bound) {
                BOOST_TEST(once.problem == "");
                BOOST_TEST(once.executions == all.executions);
                BOOST_TEST(once.executions - once.abandoned == all.seen.size());
            }
        }
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(within_bounds) {
    try_bounds(vocabulary::values, 11'000, 60);
    try_bounds(vocabulary::locks, 12'000, 40);
    try_bounds(vocabulary::permits, 13'000, 40);
    try_bounds(vocabulary::conditions, 14'000, 40);
    try_bounds(vocabulary::phases, 17'000, 40);
    try_bounds(vocabulary::times, 15'000, 40);
    try_bounds(vocabulary::shares, 16'000, 40);
    try_bounds(vocabulary::waits, 18'000, 40);
    try_bounds(vocabulary::spawning, 19'000, 30);
}

BOOST_AUTO_TEST_CASE(of_values) { try_programs(vocabulary::values, 1'000, 150); }
BOOST_AUTO_TEST_CASE(of_locks) { try_programs(vocabulary::locks, 2'000, 100); }
BOOST_AUTO_TEST_CASE(of_permits) { try_programs(vocabulary::permits, 3'000, 100); }
BOOST_AUTO_TEST_CASE(of_conditions) { try_programs(vocabulary::conditions, 4'000, 100); }
BOOST_AUTO_TEST_CASE(of_phases) { try_programs(vocabulary::phases, 7'000, 100); }

BOOST_AUTO_TEST_CASE(of_times) { try_programs(vocabulary::times, 5'000, 100); }
BOOST_AUTO_TEST_CASE(of_sleeps) { try_programs(vocabulary::sleeps, 20'000, 100); }
BOOST_AUTO_TEST_CASE(of_shared_locks) { try_programs(vocabulary::shares, 6'000, 100); }
BOOST_AUTO_TEST_CASE(of_waits_for_a_change) { try_programs(vocabulary::waits, 8'000, 100); }
BOOST_AUTO_TEST_CASE(of_starters_of_starters) { try_programs(vocabulary::spawning, 9'000, 60); }
BOOST_AUTO_TEST_CASE(of_a_choice_before_anything_is_announced) { try_programs(vocabulary::spawning, 900'207, 1); }

BOOST_AUTO_TEST_SUITE_END()
