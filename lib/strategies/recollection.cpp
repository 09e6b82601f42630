#include "strategies/recollection.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <utility>

namespace cppvaldi {

namespace {

constexpr const char* which_means =
    ", so the body depends on something that is not a decision: time, addresses, chance, the last execution";

bool waits_for_the_world(const scheduling_point& point) {
    return std::any_of(point.pending.begin(), point.pending.end(), [](const operation& next) {
        return next.kind == operation_kind::await_readable || next.kind == operation_kind::await_writable;
    });
}

} // namespace

bool recollection::begin_execution() {
    ++executions_;
    if (nodes_.empty()) {
        nodes_.emplace_back();
    }
    here_ = 0;
    return decides_.begin_execution();
}

strategy_needs recollection::needs() const {
    strategy_needs all = decides_.needs();
    all.names = all.names || learns();
    return all;
}

starter_id recollection::next(const scheduling_point& point) {
    if (here_ != none && waits_for_the_world(point)) {
        here_ = none;
    }
    if (here_ != none) {
        compare(point);
    }
    const starter_id chosen = decides_.next(point);
    if (chosen != somebody_else) { // else it is asked once more, and then something outside has changed
        go_on(index(chosen));
    } else {
        here_ = none;
    }
    return chosen;
}

std::uint32_t recollection::value(const value_point& point) {
    if (here_ != none) {
        compare({.running = point.running, .alternatives = point.count}, {}, point.step, nullptr);
    }
    const std::uint32_t chosen = decides_.value(point);
    go_on(chosen);
    return chosen;
}

void recollection::compare(const scheduling_point& point) {
    sight now{.running = point.running, .alternatives = point.enabled.size()};
    std::string said;
    if (point.running != nobody) {
        const operation& announced = point.pending[index(point.running)];
        now.announced = announced.kind;
        now.object = announced.object;
        now.label = announced.label;
        now.line = announced.where.line;
        if (learns() && point.names != nullptr) {
            said = point.names->operation(point.running);
        }
    }
    compare(now, std::move(said), point.step, point.names);
}

void recollection::compare(const sight& now, std::string said, std::uint64_t step, const step_names* names) {
    node& before = nodes_[here_];
    if (!before.seen) {
        before.seen = true;
        before.what = now;
        before.said = std::move(said);
        return;
    }
    if (before.what == now && (!learns() || before.said == said)) {
        return;
    }
    const auto text_of = [names](const sight& seen, const std::string& name) {
        const std::string starter = names == nullptr ? "starter " + std::to_string(index(seen.running))
                                                     : std::string(names->starter(seen.running));
        return '\'' + starter + ": " + (name.empty() ? std::string(to_string(seen.announced)) : name) + '\'';
    };
    const auto alternatives_of = [](const sight& seen) { return std::to_string(seen.alternatives) + " alternatives"; };
    std::string once = text_of(before.what, before.said);
    std::string now_so = text_of(now, said);
    if (once == now_so && before.what.alternatives != now.alternatives) {
        once = alternatives_of(before.what);
        now_so = alternatives_of(now);
    } else if (once == now_so) {
        now_so += " on something else, or elsewhere,";
    }
    throw divergence("the same " + std::to_string(step) + " decisions are followed by " + once +
                     " in one execution and by " + now_so + " in another" + which_means);
}

/// Takes a decision in the tree.
void recollection::go_on(std::uint32_t chosen) {
    if (here_ == none) {
        return;
    }
    std::uint32_t child = nodes_[here_].first_child;
    while (child != none && nodes_[child].chosen != chosen) {
        child = nodes_[child].next_sibling;
    }
    if (child == none && learns() && nodes_.size() < most_nodes) {
        child = static_cast<std::uint32_t>(nodes_.size());
        const std::uint32_t sibling = std::exchange(nodes_[here_].first_child, child);
        nodes_.push_back({.chosen = chosen, .next_sibling = sibling});
    }
    here_ = child;
}

} // namespace cppvaldi
