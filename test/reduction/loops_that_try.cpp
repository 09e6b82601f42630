// Loops around try_lock and try_acquire: as many classes as with what blocks instead, which brute force counts.

#include "strategies/generator.hpp"
#include "support/classes.hpp"
#include "support/fixture.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(loops_that_try, clean_world)

namespace {

using cppvaldi::generator;

enum class word : std::uint8_t { load, store, add, lock, lock_whole, lock_shared, acquire, release, acquire_once };
enum class way : std::uint8_t { blocking, trying, trying_with_yield };

struct statement {
    word what;
    std::size_t on = 0;
    std::vector<statement> inside{};
};

using program = std::vector<std::vector<statement>>;

struct world_of_one {
    std::array<cppvaldi::atomic<int>, 2> values{};
    std::array<cppvaldi::mutex, 2> locks;
    cppvaldi::shared_mutex shared;
    cppvaldi::counting_semaphore<9> permits{1};
};

template <typename Block, typename Try>
void get(way how, Block block, Try attempt) {
    switch (how) {
    case way::blocking: block(); break;
    case way::trying:
        while (!attempt()) {}
        break;
    case way::trying_with_yield:
        while (!attempt()) {
            cppvaldi::this_thread::yield();
        }
        break;
    }
}

void perform(world_of_one& in, const std::vector<statement>& all, way how) {
    for (const statement& each : all) {
        switch (each.what) {
        case word::load: (void)in.values[each.on].load(); break;
        case word::store: in.values[each.on].store(1); break;
        case word::add: in.values[each.on].fetch_add(1); break;
        case word::lock: {
            cppvaldi::mutex& mutex = in.locks[each.on];
            get(
                how, [&] { mutex.lock(); }, [&] { return mutex.try_lock(); });
            perform(in, each.inside, how);
            mutex.unlock();
            break;
        }
        case word::lock_whole:
            get(
                how, [&] { in.shared.lock(); }, [&] { return in.shared.try_lock(); });
            perform(in, each.inside, how);
            in.shared.unlock();
            break;
        case word::lock_shared:
            get(
                how, [&] { in.shared.lock_shared(); }, [&] { return in.shared.try_lock_shared(); });
            perform(in, each.inside, how);
            in.shared.unlock_shared();
            break;
        case word::acquire:
            get(
                how, [&] { in.permits.acquire(); }, [&] { return in.permits.try_acquire(); });
            perform(in, each.inside, how);
            in.permits.release();
            break;
        case word::acquire_once:
            get(
                how, [&] { in.permits.acquire(); }, [&] { return in.permits.try_acquire(); });
            break;
        case word::release: in.permits.release(); break;
        }
    }
}

void run(const program& made, way how) {
    world_of_one all;
    std::vector<cppvaldi::thread> starters;
    for (const auto& starter : made) {
        starters.emplace_back([&all, &starter, how] { perform(all, starter, how); });
    }
    for (cppvaldi::thread& each : starters) {
        each.join();
    }
}

statement draw_statement(generator& numbers, std::uint64_t seed, int depth) {
    const auto any_value = [&] { return statement{static_cast<word>(numbers.below(3)), numbers.below(2)}; };
    if (depth > 1 || numbers.below(4) == 0) {
        return any_value();
    }
    std::vector<statement> inside;
    for (std::uint32_t left = numbers.below(3); left > 0; --left) {
        inside.push_back(numbers.below(3) == 0 && seed % 3 == 0 ? draw_statement(numbers, seed, depth + 1)
                                                                : any_value());
    }
    switch (seed % 3) {
    case 0: return {word::lock, numbers.below(2), inside};
    case 1: return {numbers.below(2) == 0 ? word::lock_whole : word::lock_shared, 0, inside};
    default: return {static_cast<word>(6 + numbers.below(3)), 0, inside};
    }
}

program draw_program(std::uint64_t seed) {
    generator numbers(seed);
    program made(2 + numbers.below(2));
    for (auto& starter : made) {
        for (std::uint32_t left = 1 + numbers.below(2); left > 0; --left) {
            starter.push_back(draw_statement(numbers, seed, 0));
        }
    }
    return made;
}

std::string text_of(const std::vector<statement>& all) {
    static const std::array<const char*, 9> words{"load",        "store",   "add",     "lock",        "lock whole",
                                                  "lock shared", "acquire", "release", "acquire once"};
    std::string text;
    for (const statement& each : all) {
        text += std::string(words[static_cast<std::size_t>(each.what)]) + ' ' + std::to_string(each.on) + " {" +
                text_of(each.inside) + "}; ";
    }
    return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(have_the_classes_of_what_blocks) {
    std::uint64_t first = 1;
    std::uint64_t count = 300;
    if (const char* const only = std::getenv("ONLY_SEED")) {
        first = std::strtoull(only, nullptr, 10);
        count = 1;
    }
    if (const char* const times = std::getenv("TIMES_SEEDS")) {
        count *= std::strtoull(times, nullptr, 10);
    }
    std::uint64_t compared = 0;
    std::uint64_t classes = 0;
    std::uint64_t abandoned = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const program made = draw_program(seed);
        const auto everything = cppvaldi::make_strategy(cppvaldi::exhaustive{});
        const classes_seen all = classes_under(
            *everything, [&] { run(made, way::blocking); }, 3'000);
        if (!all.all || all.not_finished > 0) {
            continue;
        }
        ++compared;
        for (const way how : {way::trying, way::trying_with_yield}) {
            const cppvaldi::exploration found =
                cppvaldi::explore([&] { run(made, how); }, cppvaldi::dpor{}, {.executions = 20'000});
            classes += found.executions;
            abandoned += found.abandoned;
            std::string text;
            for (const auto& starter : made) {
                text += text_of(starter) + '\n';
            }
            BOOST_TEST_CONTEXT("seed " << seed << ", way " << static_cast<int>(how) << ":\n" << text) {
                BOOST_TEST(!found.finding);
                BOOST_TEST(found.executions == all.seen.size());
            }
        }
    }
    BOOST_TEST_MESSAGE(compared << " compared, " << classes << " classes, " << abandoned << " abandoned");
    BOOST_TEST(compared * 3 >= count);
}

BOOST_AUTO_TEST_SUITE_END()
