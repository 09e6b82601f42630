// How soon does each strategy find each classic bug? For every bug of test/bugs and every strategy: the mean and the maximum, over
// several seeds, of how many executions it takes to the first finding. Prints a table in Markdown; docs/bugs.md is one.
//
//   bugs [--seeds n] [--executions n] [--by strategy]... [bug...]
//
// A search without a seed, exhaustive or dpor, is run once. Fails if nobody finds a bug that the tests expect to be
// found in so many executions.

#include "bugs/bug.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using bugs::bug;
using bugs::version;

struct contender {
    std::string name;
    bool has_seed;
    std::function<std::unique_ptr<cppvaldi::strategy>(std::uint64_t seed)> make;
};

/// Returns a contender that is `described` as it stands.
template <typename Description>
contender without_seed(const Description& described) {
    std::ostringstream name;
    name << described;
    return {name.str(), false, [described](std::uint64_t) { return cppvaldi::make_strategy(described); }};
}

/// Returns one that is `described` with another seed each time.
template <typename Description>
contender with_seed(std::string name, const Description& described) {
    return {std::move(name), true, [described](std::uint64_t seed) {
                Description seeded = described;
                seeded.seed = seed;
                return cppvaldi::make_strategy(seeded);
            }};
}

std::vector<contender> contenders() {
    return {without_seed(cppvaldi::exhaustive{.preemptions = 5}),
            without_seed(cppvaldi::dpor{}),
            with_seed("random", cppvaldi::random{}),
            with_seed("sticky", cppvaldi::sticky{}),
            with_seed("pct, depth 3", cppvaldi::pct{.depth = 3}),
            with_seed("pos", cppvaldi::pos{}),
            with_seed("surw", cppvaldi::surw{})};
}

/// What the searches of one bug by one strategy came to.
struct score {
    std::uint64_t searches = 0;
    std::uint64_t found = 0;
    std::uint64_t executions = 0; ///< of those that found it
    std::uint64_t most = 0;
};

score measure(const bug& wanted, const contender& by, std::uint64_t seeds, std::uint64_t most_executions) {
    score sum;
    for (std::uint64_t seed = 1; seed <= (by.has_seed ? seeds : 1); ++seed) {
        const cppvaldi::exploration search = cppvaldi::explore([&] { wanted.body(version::buggy); }, *by.make(seed),
                                                               {.executions = most_executions, .each = wanted.each});
        ++sum.searches;
        if (search.finding && search.finding->what == wanted.shows) {
            ++sum.found;
            sum.executions += search.executions;
            sum.most = std::max(sum.most, search.executions);
        }
    }
    return sum;
}

/// `1,234`.
std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t left = digits.size(); left > 3; left -= 3) {
        digits.insert(left - 3, 1, ',');
    }
    return digits;
}

/// `12, at most 31`; `17 of 20: 2,000, at most 9,000`; `-` if it was never found.
std::string text(const score& shown) {
    if (shown.found == 0) {
        return "-";
    }
    const std::string mean = grouped((shown.executions + shown.found / 2) / shown.found);
    const std::string all = shown.searches == 1 ? mean : mean + ", at most " + grouped(shown.most);
    return shown.found == shown.searches
               ? all
               : std::to_string(shown.found) + " of " + std::to_string(shown.searches) + ": " + all;
}

struct arguments {
    std::uint64_t seeds = 20;
    std::uint64_t executions = 100'000;
    std::vector<std::string_view> names; ///< of bugs; all if there are none
    std::vector<std::string_view> by;    ///< strategies; all if there are none

    [[nodiscard]] bool wants(const bug& which) const {
        return names.empty() || std::find(names.begin(), names.end(), which.name) != names.end();
    }

    [[nodiscard]] bool wants(const contender& which) const {
        return by.empty() || std::find(by.begin(), by.end(), which.name) != by.end();
    }
};

arguments read(int count, char** given) {
    arguments read;
    for (int position = 1; position < count; ++position) {
        const std::string_view word = given[position];
        if (word == "--seeds" && position + 1 < count) {
            read.seeds = std::stoull(given[++position]);
        } else if (word == "--executions" && position + 1 < count) {
            read.executions = std::stoull(given[++position]);
        } else if (word == "--by" && position + 1 < count) {
            read.by.emplace_back(given[++position]);
        } else {
            read.names.push_back(word);
        }
    }
    return read;
}

} // namespace

int main(int count, char** given) {
    const arguments asked = read(count, given);
    std::vector<contender> all = contenders();
    std::erase_if(all, [&](const contender& each) { return !asked.wants(each); });
    std::cout << "Executions to the first finding, mean and maximum over " << asked.seeds << " seeds, of at most "
              << grouped(asked.executions) << " in each search:\n\n| bug |";
    std::string line = "\n| --- |";
    for (const contender& each : all) {
        std::cout << ' ' << each.name << " |";
        line += " --- |";
    }
    std::cout << line << std::endl;
    bool kept = true;
    for (const bug& wanted : bugs::all_bugs()) {
        if (!asked.wants(wanted)) {
            continue;
        }
        std::cout << "| " << wanted.name << " |" << std::flush;
        std::uint64_t found = 0;
        for (const contender& each : all) {
            const score reached = measure(wanted, each, asked.seeds, asked.executions);
            found += reached.found;
            std::cout << ' ' << text(reached) << " |" << std::flush;
        }
        std::cout << std::endl;
        const bool is_expected =
            std::any_of(wanted.found_by.begin(), wanted.found_by.end(),
                        [&](const bugs::attempt& each) { return each.executions <= asked.executions; });
        kept = kept && (found > 0 || !is_expected);
    }
    return kept ? 0 : 1;
}
