#include "strategies/recollection.hpp"

#include "strategies/annotated.hpp"

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
        sight now{.running = point.running, .alternatives = point.enabled.size()};
        if (point.running != nobody) {
            const operation& announced = point.pending[index(point.running)];
            now.announced = announced.kind;
            now.object = announced.object;
            now.label = announced.label;
            now.line = announced.where.line;
        }
        const bool has_text = learns() && point.running != nobody && point.names != nullptr;
        compare(now, has_text ? step_text(*point.names, point.running) : std::string(), point.step);
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
        compare({.running = point.running, .alternatives = point.count}, {}, point.step);
    }
    const std::uint32_t chosen = decides_.value(point);
    go_on(chosen);
    return chosen;
}

void recollection::compare(const sight& now, std::string text, std::uint64_t step) {
    node& before = nodes_[here_];
    if (!before.seen) {
        before.seen = true;
        before.what = now;
        before.text = std::move(text);
        return;
    }
    const bool says_the_same = !learns() || before.text == text;
    if (before.what == now && says_the_same) {
        return;
    }
    std::string both = "something else in one execution than in another";
    if (text != before.text) {
        both = '\'' + before.text + "' in one execution and by '" + text + "' in another";
    } else if (before.what.alternatives != now.alternatives) {
        both = std::to_string(before.what.alternatives) + " alternatives in one execution and " +
               std::to_string(now.alternatives) + " in another";
    }
    throw divergence("the same " + std::to_string(step) + " decisions are followed by " + both + which_means);
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
