#include "explore/given_search.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <utility>

namespace cppvaldi {

namespace {

/// Collects mentions, each checkpoint once.
class collector {
public:
    [[nodiscard]] std::size_t position_of(const checkpoint_ref& ref, std::uint32_t occurrence) {
        for (std::size_t position = 0; position < all_.size(); ++position) {
            if (is(all_[position], ref) && all_[position].occurrence == occurrence) {
                return position;
            }
        }
        refuse_what_cannot_be_counted(ref, occurrence);
        all_.push_back({.starter = ref.starter(), .checkpoint = ref.name(), .occurrence = occurrence});
        return all_.size() - 1;
    }

    /// Adds the checkpoints of an order, each after the one before.
    void add(const order& total) {
        for (const checkpoint_ref& ref : total) {
            const std::size_t before = all_.size();
            const std::size_t position = position_of(ref, ref.occurrence() == 0 ? last_of(ref) + 1 : ref.occurrence());
            if (position < before) {
                throw usage_error("given(order): " + ref.text() +
                                  " is there twice; name another occurrence, as in at(\"" + ref.starter() + "\", \"" +
                                  ref.name() + "\", 2)");
            }
            all_[position].must_be_reached = true;
            if (position > 0) {
                all_[position].after.push_back(position - 1);
            }
        }
    }

    void add(const happens_before& pair) {
        const std::size_t first = position_of(pair.first, std::max(pair.first.occurrence(), 1U));
        const std::size_t then = position_of(pair.then, std::max(pair.then.occurrence(), 1U));
        all_[then].after.push_back(first);
    }

    [[nodiscard]] std::vector<given_order::mention> take() { return std::move(all_); }

private:
    static bool is(const given_order::mention& known, const checkpoint_ref& ref) {
        return known.starter == ref.starter() && known.checkpoint == ref.name();
    }

    /// Returns the occurrence of the last mention, or 0.
    [[nodiscard]] std::uint32_t last_of(const checkpoint_ref& ref) const {
        const auto last = std::find_if(all_.rbegin(), all_.rend(), [&](const auto& known) { return is(known, ref); });
        return last == all_.rend() ? 0 : last->occurrence;
    }

    static void refuse_what_cannot_be_counted(const checkpoint_ref& ref, std::uint32_t occurrence) {
        if (occurrence > 1 && (ref.name() == "started" || ref.name() == "finished")) {
            throw usage_error("given: " + ref.text() + ": a starter has only one '" + ref.name() +
                              "'; leave the number out");
        }
    }

    std::vector<given_order::mention> all_;
};

} // namespace

std::vector<given_order::mention> mentions_of(const given& only) {
    collector all;
    all.add(only.total());
    for (const happens_before& pair : only.pairs()) {
        all.add(pair);
    }
    return all.take();
}

void outside::kept(const given_order& filter) {
    for (std::size_t position = 0; position < ever_reached_.size(); ++position) {
        ever_reached_[position] = ever_reached_[position] || filter.is_reached(position);
    }
}

void outside::left(const given_order& filter, std::span<const decision> decisions) {
    if (executions_++ == 0 || filter.reached() > most_reached_) {
        most_reached_ = filter.reached();
        furthest_ = schedule({decisions.begin(), decisions.end()});
    }
}

std::size_t outside::never_reached() const noexcept {
    const auto unreached = std::find(ever_reached_.begin(), ever_reached_.end(), false);
    return unreached == ever_reached_.end() ? given_order::none
                                            : static_cast<std::size_t>(unreached - ever_reached_.begin());
}

std::string text_of(const given_order::mention& named) {
    return named.occurrence == 1 ? at(named.starter, named.checkpoint).text()
                                 : at(named.starter, named.checkpoint, named.occurrence).text();
}

bool keeps_order(given_order& filter, const execution& world, execution::outcome outcome) {
    const bool is_over = outcome == execution::outcome::all_finished || outcome == execution::outcome::stuck ||
                         outcome == execution::outcome::deadlocked;
    if (is_over) {
        scheduling_point last = world.point();
        last.running = world.last_running();
        filter.settle(last);
    }
    return outcome == execution::outcome::all_finished ? filter.is_kept() : !filter.is_left();
}

bool mentions_are_in(const trace& shown, const std::vector<given_order::mention>& mentions) {
    const auto times = [&](const given_order::mention& named) {
        return std::count_if(shown.steps.begin(), shown.steps.end(), [&](const trace::step& each) {
            const std::string_view reached = each.what == trace::event::reached    ? std::string_view(each.checkpoint)
                                             : each.what == trace::event::finished ? "finished"
                                             : each.what == trace::event::began    ? "started"
                                                                                   : "";
            return reached == named.checkpoint && shown.starters[each.starter] == named.starter;
        });
    };
    return std::all_of(mentions.begin(), mentions.end(), [&](const given_order::mention& named) {
        return named.checkpoint == "blocked" || times(named) >= static_cast<std::ptrdiff_t>(named.occurrence);
    });
}

std::string why_left(const given_order& filter) {
    const std::vector<given_order::mention>& mentions = filter.mentions();
    if (const std::size_t early = filter.too_early(); early != given_order::none) {
        return text_of(mentions[early]) + " is reached before " + text_of(mentions[filter.missing_before(early)]);
    }
    const std::size_t missing = filter.missing();
    return missing == given_order::none ? "those that could go on come too early"
                                        : text_of(mentions[missing]) + " is not reached";
}

} // namespace cppvaldi
