// Explores programs that know nothing of this library: each buggy, until the bug is found, and mended, where nothing may be found.
//
//   driver <name>...       all, or those of these names

#include <cppvaldi/explore.hpp>
#include <cppvaldi/strategies.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#define IN_C(name)      \
    int name##_buggy(); \
    int name##_mended();

extern "C" {
IN_C(account)
IN_C(bank_transfer)
IN_C(bounded_buffer)
IN_C(dining_philosophers)
IN_C(lazy_initialisation)
IN_C(reorder_3)
IN_C(reorder_5)
IN_C(reorder_10)
IN_C(reorder_20)
IN_C(token_ring)
IN_C(two_stage)
IN_C(wrong_lock)
}
IN_C(async_pipeline)
IN_C(safe_stack)
IN_C(thread_pool)
IN_C(work_stealing)

namespace {

using kind = cppvaldi::finding::kind;

constexpr std::uint64_t most_schedules = 10'000;
constexpr std::uint64_t clean_schedules = 1'000;

struct program {
    std::string_view name;
    int (*buggy)();
    int (*mended)();
    kind shows;
    bool plain_accesses = true; ///< it goes wrong between accesses to plain variables
    bool is_found = true;       ///< within `most_schedules`
};

#define PROGRAM(name) #name, &name##_buggy, &name##_mended

const std::vector<program> programs{
    {PROGRAM(account), kind::assertion},
    {PROGRAM(async_pipeline), kind::assertion},
    {PROGRAM(bank_transfer), kind::deadlock, false},
    {PROGRAM(bounded_buffer), kind::deadlock, false},
    {PROGRAM(dining_philosophers), kind::deadlock, false},
    {PROGRAM(lazy_initialisation), kind::assertion},
    {PROGRAM(reorder_3), kind::assertion, false},
    {PROGRAM(reorder_5), kind::assertion, false},
    {PROGRAM(reorder_10), kind::assertion, false},
    {PROGRAM(reorder_20), kind::assertion, false},
    {PROGRAM(safe_stack), kind::assertion, false, false},
    {PROGRAM(thread_pool), kind::deadlock},
    {PROGRAM(token_ring), kind::assertion},
    {PROGRAM(two_stage), kind::assertion, false},
    {PROGRAM(work_stealing), kind::assertion, false},
    {PROGRAM(wrong_lock), kind::assertion},
};

/// Races of a buggy one are not wanted: many have one in the first execution.
cppvaldi::exploration explored(int (*main)(), const program& of, const cppvaldi::description& by,
                               std::uint64_t executions, bool data_races) {
    const cppvaldi::execution_options each{
        .plain_accesses_switch = of.plain_accesses ? cppvaldi::accesses::all : cppvaldi::accesses::none,
        .data_races = data_races,
    };
    return cppvaldi::explore([main] { (void)main(); }, by,
                             {.executions = executions, .each = each, .shrink = {.executions = 200}});
}

/// Returns what is wrong, or nothing.
std::string tried(const program& of) {
    std::string found_by;
    const std::vector<std::pair<std::string, cppvaldi::description>> strategies{{"random", cppvaldi::random{.seed = 1}},
                                                                                {"pct",
                                                                                 cppvaldi::pct{.depth = 3, .seed = 1}}};
    for (const auto& [name, by] : strategies) {
        const cppvaldi::exploration buggy =
            explored(of.buggy, of, by, of.is_found ? most_schedules : clean_schedules, false);
        if (!buggy.finding) {
            continue;
        }
        if (buggy.finding->what != of.shows) {
            return "something else is found: " + to_string(*buggy.finding);
        }
        const cppvaldi::exploration again = explored(of.buggy, of, by, most_schedules, false);
        if (again.executions != buggy.executions || again.finding->report() != buggy.finding->report()) {
            return "another time something else is found: " + to_string(*again.finding) + " instead of " +
                   to_string(*buggy.finding);
        }
        found_by += (found_by.empty() ? "" : ", ") + name + " after " + std::to_string(buggy.executions);
    }
    if (found_by.empty() && of.is_found) {
        return "the bug is not found";
    }
    for (const auto& [name, by] : strategies) {
        const cppvaldi::exploration mended = explored(of.mended, of, by, clean_schedules, true);
        if (mended.finding) {
            return "found in the mended one: " + to_string(*mended.finding);
        }
    }
    std::printf("%-20.*s %s\n", static_cast<int>(of.name.size()), of.name.data(),
                found_by.empty() ? "not looked for" : found_by.c_str());
    return "";
}

} // namespace

int main(int count, char** words) {
    int failed = 0;
    for (const program& each : programs) {
        const bool is_wanted =
            count == 1 || std::any_of(words + 1, words + count, [&](const char* word) { return each.name == word; });
        const std::string wrong = is_wanted ? tried(each) : "";
        if (!wrong.empty()) {
            std::printf("%.*s: %s\n", static_cast<int>(each.name.size()), each.name.data(), wrong.c_str());
            ++failed;
        }
    }
    return failed == 0 ? 0 : 1;
}
