#include "explore/stopwatch.hpp"

#include <algorithm>
#include <utility>

namespace cppvaldi {

namespace {

/// Returns the sample below which `share` of `of` lie. The samples are sorted, and there is one.
std::chrono::nanoseconds at_share(const std::vector<std::chrono::nanoseconds>& sorted, std::size_t share,
                                  std::size_t of) {
    return sorted[(sorted.size() - 1) * share / of];
}

quantiles quantiles_of(std::vector<std::chrono::nanoseconds> samples) {
    if (samples.empty()) {
        return {};
    }
    std::sort(samples.begin(), samples.end());
    return {samples.front(), at_share(samples, 1, 2), at_share(samples, 9, 10), at_share(samples, 99, 100)};
}

} // namespace

void stopwatch::begin(strategy& decides, bool counts) {
    decides_ = &decides;
    counts_ = counts;
    runs_ = nobody;
    whole_now_ = nanoseconds{0};
    next_segment_ = 0;
    for (samples_of_starter& each : starters_) {
        each.at = "started";
        each.ran_there = each.others_ran = each.ran_now = each.blocked_now = nanoseconds{0};
        each.is_blocked = false;
        each.has_ended = false;
        each.switches = 0;
    }
    since_ = now_();
}

void stopwatch::end(nanoseconds ended_at) {
    take_slice(ended_at);
    if (runs_ != nobody && !at(runs_).has_ended) {
        reach(runs_, "finished");
    }
    if (!counts_) {
        return;
    }
    ++repetitions_;
    whole_.push_back(whole_now_);
    for (samples_of_starter& each : starters_) {
        each.ran.push_back(each.ran_now);
        each.blocked.push_back(each.blocked_now);
    }
}

starter_id stopwatch::next(const scheduling_point& point) {
    const nanoseconds asked_at = now_();
    look_who_is_blocked(point); // since the last step was made
    take_slice(asked_at);
    for (std::size_t number = starters_.size(); number < point.pending.size(); ++number) {
        starters_.emplace_back().name = world_.name_of(static_cast<starter_id>(number));
    }
    if (point.running != nobody) {
        const operation& announced = point.pending[index(point.running)];
        if (announced.kind == operation_kind::checkpoint || announced.kind == operation_kind::finished) {
            reach(point.running, world_.labels().text(announced.label));
        }
    }
    const starter_id chosen = decides_->next(point);
    if (chosen != nobody && chosen != somebody_else && chosen != runs_) {
        ++at(chosen).switches;
        runs_ = chosen;
    }
    since_ = now_();
    return chosen;
}

std::uint32_t stopwatch::value(const value_point& point) {
    take_slice(now_());
    const std::uint32_t chosen = decides_->value(point);
    since_ = now_();
    return chosen;
}

/// Counts the time up to now for who has run, and for who has waited meanwhile.
void stopwatch::take_slice(nanoseconds until) {
    if (runs_ == nobody) {
        return;
    }
    const nanoseconds slice = until - since_;
    whole_now_ += slice;
    for (samples_of_starter& each : starters_) {
        if (each.has_ended) {
            continue;
        }
        if (&each == &at(runs_)) {
            each.ran_now += slice;
            each.ran_there += slice;
            continue;
        }
        each.others_ran += slice;
        each.blocked_now += each.is_blocked ? slice : nanoseconds{0};
    }
}

/// A segment ends, and the next one begins.
void stopwatch::reach(starter_id who, std::string_view checkpoint) {
    samples_of_starter& mine = at(who);
    if (next_segment_ == segments_.size()) {
        segments_.push_back({mine.name, mine.at, std::string(checkpoint), {}, {}});
    }
    samples_of_segment& ended = segments_[next_segment_++];
    if (counts_) {
        ended.ran.push_back(mine.ran_there);
        ended.waited.push_back(mine.others_ran);
    }
    mine.at = checkpoint;
    mine.has_ended = checkpoint == "finished";
    mine.ran_there = mine.others_ran = nanoseconds{0};
}

void stopwatch::look_who_is_blocked(const scheduling_point& point) {
    for (std::size_t number = 0; number < starters_.size(); ++number) {
        starters_[number].is_blocked = point.blocked(static_cast<starter_id>(number));
    }
}

stopwatch::samples_of_starter& stopwatch::at(starter_id who) { return starters_[index(who)]; }

measurement stopwatch::result() const {
    measurement result;
    result.repetitions = repetitions_;
    result.whole = quantiles_of(whole_);
    for (const samples_of_segment& each : segments_) {
        result.segments.push_back(
            {each.starter, each.from, each.to, quantiles_of(each.ran), quantiles_of(each.waited)});
    }
    for (const samples_of_starter& each : starters_) {
        result.shares.push_back({each.name, each.switches, quantiles_of(each.ran), quantiles_of(each.blocked)});
    }
    return result;
}

} // namespace cppvaldi
