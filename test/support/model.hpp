#pragma once

#include <cppvaldi/strategy.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <vector>

/// A program without fibers, which only a strategy sees: a string for each starter, a character for each operation. `.` is a
/// checkpoint, `(` and `)` lock and unlock, `r` and `w` read and write one variable, `R` and `W` another, `y` yields.
using outline = std::vector<std::string>;

/// Plays executions of an outline, as the kernel does: announcements first, then one operation after the other.
class model {
public:
    explicit model(outline of) : all_(std::move(of)) {}

    /// Plays one execution. Returns who did something, a letter for each operation: `aabb`. Every answer of the strategy is
    /// checked.
    std::string play(cppvaldi::strategy& decides) {
        at_.assign(all_.size(), 0);
        pending_.assign(all_.size(), cppvaldi::operation{});
        enabled_.clear();
        resting_.clear();
        is_locked_ = false;
        steps_ = 0;
        for (std::size_t who = 0; who < all_.size(); ++who) {
            enabled_.insert(id(who));
        }
        std::string done;
        cppvaldi::starter_id running = cppvaldi::nobody;
        const auto now = [&] {
            cppvaldi::scheduling_point point{enabled_, pending_, running, steps_, &resting_};
            point.origins = origins_;
            return point;
        };
        while (!enabled_.empty()) {
            running = decides.next(now());
            BOOST_REQUIRE(enabled_.contains(running));
            ++steps_;
            if (pending_[index(running)].kind != cppvaldi::operation_kind::started) {
                perform(index(running));
                done += static_cast<char>('a' + index(running));
            }
            announce(index(running));
        }
        (void)decides.end_execution(now());
        return done;
    }

    [[nodiscard]] std::uint64_t steps() const { return steps_; }

private:
    static cppvaldi::starter_id id(std::size_t who) { return static_cast<cppvaldi::starter_id>(who); }

    void perform(std::size_t who) {
        const char operation = all_[who][at_[who]++];
        if (operation == '(' || operation == ')') {
            is_locked_ = operation == '(';
        }
    }

    void announce(std::size_t who) {
        using cppvaldi::access_kind;
        using cppvaldi::operation_kind;
        cppvaldi::operation& next = pending_[who];
        next = {};
        const char what = at_[who] < all_[who].size() ? all_[who][at_[who]] : '!';
        const auto be = [&](operation_kind kind, access_kind access, std::uint32_t object) {
            next.kind = kind;
            next.access = access;
            next.object = cppvaldi::object_id{object};
        };
        switch (what) {
        case '!': be(operation_kind::finished, access_kind::none, 0); break;
        case '(': be(operation_kind::lock, access_kind::acquire, 1); break;
        case ')': be(operation_kind::unlock, access_kind::release, 1); break;
        case 'r': be(operation_kind::load, access_kind::read, 2); break;
        case 'w': be(operation_kind::store, access_kind::write, 2); break;
        case 'R': be(operation_kind::load, access_kind::read, 3); break;
        case 'W': be(operation_kind::store, access_kind::write, 3); break;
        case 'y': be(operation_kind::yield, access_kind::none, 0); break;
        default: be(operation_kind::checkpoint, access_kind::none, 0); break;
        }
        next.where = {"outline", static_cast<std::uint32_t>(1 + 1000 * who + at_[who])};
        for (std::size_t each = 0; each < all_.size(); ++each) {
            const operation_kind kind = pending_[each].kind;
            const bool can = kind != operation_kind::finished && !(kind == operation_kind::lock && is_locked_);
            const bool rests = can && each == who && kind == operation_kind::yield;
            rests ? resting_.insert(id(each)) : resting_.erase(id(each));
            can && !rests ? enabled_.insert(id(each)) : enabled_.erase(id(each));
        }
        if (enabled_.empty() && !resting_.empty()) {
            enabled_.insert(id(who));
            resting_.erase(id(who));
        }
    }

    outline all_;
    std::vector<std::size_t> at_;
    std::vector<cppvaldi::object_origin> origins_{{cppvaldi::nobody, 1}, {cppvaldi::nobody, 2}, {cppvaldi::nobody, 3}};
    std::vector<cppvaldi::operation> pending_;
    cppvaldi::starter_set enabled_;
    cppvaldi::starter_set resting_;
    bool is_locked_ = false;
    std::uint64_t steps_ = 0;
};
