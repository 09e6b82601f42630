#include <cppvaldi/coverage.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>

namespace cppvaldi {

namespace {

constexpr std::size_t most_shown = 20;

/// Prints a line for each of those that `wanted` says, up to the most, and how many are left.
template <typename Each, typename Wanted, typename Line>
void list(std::ostream& out, const std::vector<Each>& all, Wanted wanted, Line line) {
    std::size_t seen = 0;
    for (const Each& each : all) {
        if (wanted(each) && seen++ < most_shown) {
            out << "    ";
            line(each);
            out << '\n';
        }
    }
    if (seen > most_shown) {
        out << "    and " << seen - most_shown << " more\n";
    }
}

void show_pairs(std::ostream& out, const std::vector<coverage::pair>& all) {
    const auto count = [&](auto wanted) { return std::count_if(all.begin(), all.end(), wanted); };
    const auto both = [](const coverage::pair& each) { return each.in_both_orders(); };
    const auto never = [](const coverage::pair& each) { return each.never_together(); };
    const auto once = [&](const coverage::pair& each) { return !both(each) && !never(each); };
    out << "pairs of checkpoints: " << count(both) << " in both orders, " << count(once) << " in one order only, "
        << count(never) << " never in one execution\n";
    list(out, all, once, [&](const coverage::pair& each) {
        out << "only " << (each.one_first ? each.one : each.other) << " before "
            << (each.one_first ? each.other : each.one);
    });
    list(out, all, never,
         [&](const coverage::pair& each) { out << "never both " << each.one << " and " << each.other; });
}

void show_objects(std::ostream& out, const std::vector<coverage::use>& all) {
    const auto count = [&](auto wanted) { return std::count_if(all.begin(), all.end(), wanted); };
    const auto alone = [](const coverage::use& each) { return each.starters.size() == 1; };
    const auto calm = [&](const coverage::use& each) { return !alone(each) && !each.contended; };
    out << "objects: " << count([](const coverage::use& each) { return each.contended; }) << " contended, "
        << count(calm) << " never contended, " << count(alone) << " of one starter only\n";
    list(out, all, calm, [&](const coverage::use& each) {
        out << each.object << ": nobody ever waited or raced for it, of";
        for (std::size_t rank = 0; rank < each.starters.size(); ++rank) {
            out << (rank == 0 ? " " : ", ") << each.starters[rank];
        }
    });
    list(out, all, alone, [&](const coverage::use& each) { out << each.object << ": only " << each.starters.front(); });
}

} // namespace

std::ostream& operator<<(std::ostream& out, const coverage& shown) {
    out << "coverage of " << shown.executions << (shown.executions == 1 ? " execution\n" : " executions\n");
    show_pairs(out, shown.pairs);
    show_objects(out, shown.objects);
    return out;
}

} // namespace cppvaldi
