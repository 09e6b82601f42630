#pragma once

#include "kernel/execution.hpp"
#include "strategies/dpor/dpor.hpp"

#include <cppvaldi/cppvaldi.hpp>
#include <cppvaldi/detail/job.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Which executions of a body are equivalent, found without any of the code of the reduction: what each did is written down,
// and what it did before what, as far as that makes a difference, is compared as text.

/// Lets another strategy decide, and writes down what becomes of it.
class scribe final : public cppvaldi::strategy {
public:
    explicit scribe(cppvaldi::strategy& decides) : decides_(decides) {}

    bool begin_execution() override {
        steps_.clear();
        names_.clear();
        children_.clear();
        return decides_.begin_execution();
    }

    bool end_execution(const cppvaldi::scheduling_point& point) override {
        look(point);
        return decides_.end_execution(point);
    }

    [[nodiscard]] cppvaldi::strategy_needs needs() const override { return {.results = true}; }

    cppvaldi::starter_id next(const cppvaldi::scheduling_point& point) override {
        look(point);
        const cppvaldi::starter_id chosen = decides_.next(point);
        const cppvaldi::operation& announced = point.pending[cppvaldi::index(chosen)];
        step made;
        made.id = chosen;
        made.who = names_[cppvaldi::index(chosen)];
        made.kind = announced.kind;
        made.timed = announced.timed;
        made.access = announced.access;
        made.object = object_text(point, announced.object);
        steps_.push_back(made);
        return chosen;
    }

    std::uint32_t value(const cppvaldi::value_point& point) override {
        const std::uint32_t chosen = decides_.value(point);
        steps_.back().values += ' ' + std::to_string(chosen) + '/' + std::to_string(point.count);
        return chosen;
    }

    /// Returns what is the same for equivalent executions, and different for others.
    [[nodiscard]] std::string class_of_it() const {
        std::map<std::string, std::vector<std::size_t>> by_starter;
        std::vector<std::string> called(steps_.size());
        for (std::size_t each = 0; each < steps_.size(); ++each) {
            std::vector<std::size_t>& own = by_starter[steps_[each].who];
            own.push_back(each);
            called[each] = steps_[each].who + '#' + std::to_string(own.size());
        }
        std::string text;
        for (const auto& [who, own] : by_starter) {
            for (const std::size_t each : own) {
                text += called[each] + ' ' + std::string(to_string(steps_[each].kind)) + ' ' + steps_[each].object +
                        (steps_[each].failed ? " failed" : "") + steps_[each].values + '\n';
            }
        }
        const std::vector<bool> again = taken_again();
        std::set<std::string> ordered;
        for (std::size_t later = 0; later < steps_.size(); ++later) {
            for (std::size_t earlier = 0; earlier < later; ++earlier) {
                if (!again[earlier] && !again[later] && steps_[earlier].who != steps_[later].who &&
                    depend(steps_[earlier], steps_[later])) {
                    ordered.insert(called[earlier] + " < " + called[later]);
                }
            }
        }
        for (const std::string& each : ordered) {
            text += each + '\n';
        }
        return text;
    }

private:
    struct step {
        cppvaldi::starter_id id = cppvaldi::nobody;
        std::string who;
        cppvaldi::operation_kind kind{};
        cppvaldi::access_kind access{};
        bool timed = false;
        bool failed = false;
        bool settled = false;
        bool ordered = false;
        bool began_to_wait = false;
        std::string object;
        std::string given_up;
        std::string values;
    };

    static bool writes(const step& one) {
        using kind = cppvaldi::operation_kind;
        return one.kind == kind::store || one.kind == kind::exchange || one.kind == kind::fetch_modify ||
               one.kind == kind::write || (one.kind == kind::compare_exchange && !one.failed);
    }
    static bool reads(const step& one) {
        using kind = cppvaldi::operation_kind;
        return one.kind == kind::load || one.kind == kind::read || one.kind == kind::await_change ||
               (one.kind == kind::compare_exchange && one.failed);
    }
    static bool takes(const step& one) {
        using kind = cppvaldi::operation_kind;
        return (one.kind == kind::lock || one.kind == kind::try_lock) && !one.failed;
    }
    static bool shares(const step& one) {
        using kind = cppvaldi::operation_kind;
        return (one.kind == kind::lock_shared || one.kind == kind::try_lock_shared) && !one.failed;
    }
    static bool is_refused(const step& one) {
        using kind = cppvaldi::operation_kind;
        return (one.kind == kind::lock || one.kind == kind::try_lock) && one.failed;
    }
    static bool is_refused_shared(const step& one) {
        using kind = cppvaldi::operation_kind;
        return (one.kind == kind::lock_shared || one.kind == kind::try_lock_shared) && one.failed;
    }
    static bool acquires(const step& one) {
        using kind = cppvaldi::operation_kind;
        return one.kind == kind::acquire || one.kind == kind::try_acquire;
    }
    static bool notifies(const step& one) {
        using kind = cppvaldi::operation_kind;
        return one.kind == kind::notify_one || one.kind == kind::notify_all;
    }
    static bool concerns_stop(const step& one) {
        using kind = cppvaldi::operation_kind;
        return one.kind == kind::request_stop || one.kind == kind::ask_for_stop || one.kind == kind::add_callback ||
               one.kind == kind::remove_callback;
    }
    static bool joins_or_leaves_waiters(const step& one) {
        using kind = cppvaldi::operation_kind;
        return one.kind == kind::release_and_wait || (one.kind == kind::wake && one.failed) || one.began_to_wait;
    }

    /// True if it makes a difference which of two adjacent steps of different starters comes first. What can only be in one
    /// order may be either.
    static bool depend_one_way(const step& one, const step& other) {
        using kind = cppvaldi::operation_kind;
        const bool times_out = one.timed && one.failed;
        const bool moves_time = times_out || one.kind == kind::sleep;
        if (moves_time && ((other.timed && other.failed) || other.kind == kind::sleep)) {
            return true;
        }
        if (one.object == other.given_up && !one.object.empty() && is_refused(one)) {
            return true;
        }
        if (one.object.empty() || one.object != other.object) {
            return false;
        }
        return (writes(one) && (writes(other) || reads(other))) ||
               (takes(one) && (takes(other) || shares(other) || is_refused(other) || is_refused_shared(other))) ||
               (shares(one) && is_refused(other)) || (other.kind == kind::unlock_shared && is_refused(one)) ||
               (other.kind == kind::unlock && (is_refused(one) || is_refused_shared(one))) ||
               (acquires(one) && ((acquires(other) && !(one.failed && other.failed)) || other.kind == kind::release)) ||
               (notifies(one) &&
                ((notifies(other) && !(one.failed && other.failed)) || joins_or_leaves_waiters(other))) ||
               (joins_or_leaves_waiters(one) && joins_or_leaves_waiters(other)) ||
               (one.kind == kind::arrive && other.kind == kind::arrive && one.ordered) ||
               ((one.kind == kind::count_down || one.kind == kind::set_value) &&
                (other.kind == kind::await || (other.kind == kind::await_value && other.timed))) ||
               (concerns_stop(one) && concerns_stop(other) && one.access == cppvaldi::access_kind::update &&
                !one.failed && other.access != cppvaldi::access_kind::acquire) ||
               (one.kind == kind::call_once && other.kind == kind::call_once && !one.failed);
    }
    static bool depend(const step& one, const step& other) {
        return depend_one_way(one, other) || depend_one_way(other, one);
    }

    /// Which steps take a lock that their starter has, or give it back but once: nobody else can tell.
    [[nodiscard]] std::vector<bool> taken_again() const {
        struct holding {
            std::string who;
            int depth = 0;
        };
        using kind = cppvaldi::operation_kind;
        std::map<std::string, holding> held;
        std::vector<bool> again;
        for (const step& each : steps_) {
            holding& on = held[each.object];
            again.push_back(false);
            if (takes(each)) {
                again.back() = on.depth > 0 && on.who == each.who;
                on = {each.who, again.back() ? on.depth + 1 : 1};
            } else if (each.kind == kind::unlock) {
                again.back() = --on.depth > 0;
            }
            if (!each.given_up.empty()) {
                held[each.given_up].depth = 0;
            }
        }
        return again;
    }

    void look(const cppvaldi::scheduling_point& point) {
        while (names_.size() < point.pending.size()) {
            const std::string maker = steps_.empty() ? "" : steps_.back().who;
            names_.push_back(maker + '.' + std::to_string(++children_[maker]));
        }
        if (!steps_.empty() && !steps_.back().settled) {
            step& last = steps_.back();
            last.settled = true;
            last.failed = point.last.failed;
            last.ordered = point.last.ordered;
            last.given_up = object_text(point, point.last.given_up);
            const cppvaldi::operation& now = point.pending[cppvaldi::index(last.id)];
            last.began_to_wait =
                now.kind == cppvaldi::operation_kind::await_change && object_text(point, now.object) == last.object;
        }
    }

    [[nodiscard]] std::string object_text(const cppvaldi::scheduling_point& point, cppvaldi::object_id id) const {
        if (id == cppvaldi::object_id{}) {
            return "";
        }
        const cppvaldi::object_origin& origin = point.origins[static_cast<std::size_t>(id) - 1];
        return (origin.made_by == cppvaldi::nobody ? "outside" : names_[cppvaldi::index(origin.made_by)]) + '/' +
               std::to_string(origin.number);
    }

    cppvaldi::strategy& decides_;
    std::vector<step> steps_;
    std::vector<std::string> names_;
    std::map<std::string, int> children_;
};

/// What came of all executions of a body under a strategy.
struct classes_seen {
    std::map<std::string, std::size_t> seen; ///< how many executions each class had
    std::size_t executions = 0;
    std::size_t abandoned = 0;
    std::size_t not_finished = 0; ///< deadlocked, say
    bool all = true;
    std::string problem{}; ///< an exception
};

/// Runs all executions, whatever they come to.
inline classes_seen classes_under(cppvaldi::strategy& decides, const std::function<void()>& body,
                                  std::size_t most_executions = 100'000) {
    classes_seen sum;
    cppvaldi::execution world;
    scribe noting(decides);
    while (noting.begin_execution()) {
        if (decides.begins_anew()) {
            sum = {};
        }
        if (sum.executions == most_executions) {
            sum.all = false;
            return sum;
        }
        world.begin(noting, {}, {.tracing = false, .timeouts_are_decisions = true, .results = true});
        cppvaldi::detail::with_job([&](cppvaldi::detail::job_shape shape,
                                       cppvaldi::detail::job_maker maker) { return world.spawn("main", shape, maker); },
                                   [&] { body(); });
        const cppvaldi::execution::outcome outcome = world.run();
        sum.not_finished += outcome == cppvaldi::execution::outcome::all_finished ? 0 : 1;
        if (outcome == cppvaldi::execution::outcome::raised) {
            try {
                std::rethrow_exception(world.take_exception());
            } catch (const std::exception& problem) {
                sum.problem = problem.what();
                world.end();
                return sum;
            }
        }
        sum.abandoned += noting.end_execution(world.point()) ? 0 : 1;
        ++sum.executions;
        ++sum.seen[noting.class_of_it()];
        world.end();
    }
    return sum;
}

/// What a comparison with brute force came to.
struct compared {
    std::size_t classes = 0; ///< 0 if there are too many interleavings to see them all
    std::string difference;  ///< empty if the reduction ran one execution of each class, and no other
};

/// With a `seed` the reduction draws where it is free to choose.
inline compared compared_with_brute_force(const std::function<void()>& body, std::size_t most_executions = 100'000,
                                          std::uint64_t seed = 0) {
    const auto everything = cppvaldi::make_strategy(cppvaldi::exhaustive{});
    const auto reduced =
        seed == 0 ? std::make_unique<cppvaldi::dpor_strategy>() : std::make_unique<cppvaldi::dpor_strategy>(seed);
    const classes_seen all = classes_under(*everything, body, most_executions);
    if (!all.all) {
        return {};
    }
    const classes_seen once = classes_under(*reduced, body, most_executions);
    compared sum{all.seen.size(), once.problem};
    for (const auto& [which, count] : all.seen) {
        if (!once.seen.contains(which)) {
            sum.difference += "\nmissed, of " + std::to_string(all.seen.size()) + " classes:\n" + which;
            break;
        }
    }
    for (const auto& [which, count] : once.seen) {
        if (count > 1 || !all.seen.contains(which)) {
            sum.difference += "seen " + std::to_string(count) + " times" +
                              (all.seen.contains(which) ? "" : ", by the reduction alone") + ":\n" + which;
            break;
        }
    }
    if (once.abandoned > 0) {
        sum.difference += "abandoned: " + std::to_string(once.abandoned) + '\n';
    }
    return sum;
}

/// Expects that there is no difference, and returns how many classes there are.
inline std::size_t classes_of(const std::function<void()>& body, std::size_t most_executions = 100'000) {
    const compared sum = compared_with_brute_force(body, most_executions);
    BOOST_TEST(sum.classes > 0U);
    BOOST_TEST(sum.difference == "");
    return sum.classes;
}
