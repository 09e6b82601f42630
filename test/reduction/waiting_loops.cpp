// Loops that only look until others have acted: what is one class with them, compared with a model in which they are single steps
// that have to wait.

#include "strategies/generator.hpp"
#include "support/fixture.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

BOOST_FIXTURE_TEST_SUITE(waiting_loops, clean_world)

namespace {

using cppvaldi::atomic;
using cppvaldi::generator;

enum class word : std::uint8_t { load, store, add, await, take };

struct statement {
    word what;
    std::size_t on;
    int number;
};

using program = std::vector<std::vector<statement>>;

bool writes(word what) { return what == word::store || what == word::add || what == word::take; }

/// All orders of the steps, where who awaits what is not there is not enabled.
class model {
public:
    explicit model(const program& made) : made_(made), at_(made.size(), 0) { go_on(); }

    [[nodiscard]] bool sticks() const { return sticks_; }
    [[nodiscard]] std::size_t classes() const { return classes_.size(); }

private:
    struct step {
        std::size_t who;
        std::size_t rank;
    };

    const statement& of(const step& one) const { return made_[one.who][one.rank]; }

    [[nodiscard]] bool is_enabled(std::size_t who) const {
        if (at_[who] == made_[who].size()) {
            return false;
        }
        const statement& next = made_[who][at_[who]];
        return (next.what != word::await || values_[next.on] == next.number) &&
               (next.what != word::take || values_[next.on] == 0);
    }

    void go_on() {
        if (sticks_ || classes_.size() > 3'000 || ++calls_ > 300'000) {
            sticks_ = true;
            return;
        }
        bool is_over = true;
        bool can = false;
        for (std::size_t who = 0; who < made_.size(); ++who) {
            is_over = is_over && at_[who] == made_[who].size();
            if (!is_enabled(who)) {
                continue;
            }
            can = true;
            const statement& next = made_[who][at_[who]];
            const int before = values_[next.on];
            if (next.what == word::add) {
                ++values_[next.on];
            } else if (writes(next.what)) {
                values_[next.on] = next.number;
            }
            path_.push_back({who, at_[who]++});
            go_on();
            path_.pop_back();
            --at_[who];
            values_[next.on] = before;
        }
        sticks_ = sticks_ || (!can && !is_over);
        if (is_over) {
            note_class();
        }
    }

    void note_class() {
        std::set<std::string> ordered;
        const auto name = [](const step& one) { return std::to_string(one.who) + '.' + std::to_string(one.rank); };
        for (std::size_t later = 0; later < path_.size(); ++later) {
            for (std::size_t earlier = 0; earlier < later; ++earlier) {
                const statement& one = of(path_[earlier]);
                const statement& other = of(path_[later]);
                if (one.on == other.on && (writes(one.what) || writes(other.what))) {
                    ordered.insert(name(path_[earlier]) + '<' + name(path_[later]));
                }
            }
        }
        std::string text;
        for (const std::string& each : ordered) {
            text += each + ' ';
        }
        classes_.insert(text);
    }

    const program& made_;
    std::vector<std::size_t> at_;
    std::array<int, 3> values_{};
    std::vector<step> path_;
    std::set<std::string> classes_;
    std::uint64_t calls_ = 0;
    bool sticks_ = false;
};

void perform(std::array<atomic<int>, 3>& values, const std::vector<statement>& all) {
    for (const statement& each : all) {
        atomic<int>& on = values[each.on];
        switch (each.what) {
        case word::load: (void)on.load(); break;
        case word::store: on.store(each.number); break;
        case word::add: on.fetch_add(1); break;
        case word::await:
            while (on.load() != each.number) {}
            break;
        case word::take:
            if (each.number == 1) {
                for (int free = 0; !on.compare_exchange_strong(free, each.number); free = 0) {}
            } else {
                while (on.exchange(each.number) != 0) {}
            }
            break;
        }
    }
}

void run(const program& made) {
    std::array<atomic<int>, 3> values{};
    std::vector<cppvaldi::thread> all;
    for (const auto& starter : made) {
        all.emplace_back([&values, &starter] { perform(values, starter); });
    }
    for (cppvaldi::thread& each : all) {
        each.join();
    }
}

program draw_program(std::uint64_t seed) {
    generator numbers(seed);
    program made(2 + numbers.below(2));
    for (auto& starter : made) {
        for (std::uint32_t left = 1 + numbers.below(3); left > 0; --left) {
            if (numbers.below(4) == 0) { // a spin lock
                starter.push_back({word::take, 2, 1 + static_cast<int>(seed % 2)});
                starter.push_back({static_cast<word>(numbers.below(3)), numbers.below(2), 1});
                starter.push_back({word::store, 2, 0});
            } else {
                starter.push_back(
                    {static_cast<word>(numbers.below(4)), numbers.below(2), static_cast<int>(numbers.below(3))});
            }
        }
    }
    return made;
}

std::string text_of(const program& made) {
    static const std::array<const char*, 5> words{"load", "store", "add", "await", "take"};
    std::string text;
    for (const auto& starter : made) {
        for (const statement& each : starter) {
            text += std::string(words[static_cast<std::size_t>(each.what)]) + ' ' + std::to_string(each.on) + ',' +
                    std::to_string(each.number) + "; ";
        }
        text += '\n';
    }
    return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(count_as_steps_that_have_to_wait) {
    std::uint64_t first = 1;
    std::uint64_t count = 600;
    if (const char* const only = std::getenv("ONLY_SEED")) {
        first = std::strtoull(only, nullptr, 10);
        count = 1;
    }
    if (const char* const times = std::getenv("TIMES_SEEDS")) {
        count *= std::strtoull(times, nullptr, 10);
    }
    std::uint64_t compared = 0;
    std::uint64_t waiting = 0;
    std::uint64_t executions = 0;
    std::uint64_t abandoned = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const program made = draw_program(seed);
        const model expected(made);
        if (expected.sticks()) {
            continue;
        }
        cppvaldi::limits until;
        until.executions = 20'000;
        const cppvaldi::exploration found = cppvaldi::explore([&] { run(made); }, cppvaldi::dpor{}, until);
        ++compared;
        waiting += text_of(made).find("await") != std::string::npos || text_of(made).find("take") != std::string::npos;
        executions += found.executions;
        abandoned += found.abandoned;
        BOOST_TEST_CONTEXT("seed " << seed << ":\n" << text_of(made)) {
            BOOST_TEST(!found.finding);
            BOOST_TEST(found.executions == expected.classes());
        }
    }
    BOOST_TEST_MESSAGE(compared << " compared, " << waiting << " with loops, " << executions << " executions, "
                                << abandoned << " abandoned");
    BOOST_TEST(compared * 4 >= count);
}

BOOST_AUTO_TEST_SUITE_END()
