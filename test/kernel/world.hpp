#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/detail/current.hpp>
#include <cppvaldi/detail/job.hpp>
#include <cppvaldi/strategy.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

using cppvaldi::execution;
using cppvaldi::nobody;
using cppvaldi::operation;
using cppvaldi::operation_kind;
using cppvaldi::scheduling_point;
using cppvaldi::starter_id;

/// A strategy that a test writes as a function.
class deciding final : public cppvaldi::strategy {
public:
    std::function<starter_id(const scheduling_point&)> choose = lowest;

    [[nodiscard]] starter_id next(const scheduling_point& point) override { return choose(point); }

    [[nodiscard]] static starter_id lowest(const scheduling_point& point) { return point.enabled.first(); }

    /// Stays with who runs, if possible.
    [[nodiscard]] static starter_id stay(const scheduling_point& point) {
        return point.running != nobody && point.enabled.contains(point.running) ? point.running : lowest(point);
    }

    /// Goes on with the next in a circle.
    [[nodiscard]] static starter_id round_robin(const scheduling_point& point) {
        const starter_id after = point.running == nobody ? nobody : point.enabled.after(point.running);
        return after == nobody ? lowest(point) : after;
    }

    /// Brings everybody to a first scheduling point, by birth, and then holds.
    [[nodiscard]] static starter_id begin_everybody(const scheduling_point& point) {
        const bool at_the_driver = point.running == nobody;
        for (starter_id each = at_the_driver ? point.enabled.first() : point.enabled.after(point.running);
             each != nobody; each = point.enabled.after(each)) {
            if (point.pending[index(each)].kind == operation_kind::started) {
                return each;
            }
        }
        return nobody;
    }
};

/// An execution under a strategy of the test's. At its end no stack is alive.
struct world {
    explicit world(const cppvaldi::execution_options& options = {}) { kernel.begin(strategy, options, {}); }
    world(const world&) = delete;
    world& operator=(const world&) = delete;
    ~world() { end(); }

    void end() {
        kernel.end();
        BOOST_TEST(kernel.live_stacks() == 0U);
        BOOST_TEST(cppvaldi::detail::current_execution == made_in);
    }

    template <typename Callable, typename... Arguments>
    starter_id start(std::string_view name, Callable&& callable, Arguments&&... arguments) {
        return cppvaldi::detail::with_job(
            [&](cppvaldi::detail::job_shape shape, cppvaldi::detail::job_maker maker) {
                return kernel.spawn(name, shape, maker);
            },
            std::forward<Callable>(callable), std::forward<Arguments>(arguments)...);
    }

    /// Brings everybody to a first scheduling point.
    void begin_everybody() {
        strategy.choose = deciding::begin_everybody;
        const execution::outcome why = kernel.run();
        BOOST_TEST((why == execution::outcome::held || why == execution::outcome::stuck));
    }

    /// Runs everything to its end, the lowest id first.
    void finish() {
        strategy.choose = deciding::lowest;
        BOOST_TEST((kernel.run() == execution::outcome::all_finished));
    }

    [[nodiscard]] std::string_view label_of(const operation& shown) const { return kernel.labels().text(shown.label); }

    execution* const made_in = cppvaldi::detail::current_execution; ///< of the starter that made this, or null
    deciding strategy;
    execution kernel;
};

/// Notes its text when it is destroyed.
class notes_when_destroyed {
public:
    notes_when_destroyed(std::string& log, std::string text) : log_(&log), text_(std::move(text)) {}
    notes_when_destroyed(notes_when_destroyed&& other) noexcept
        : log_(std::exchange(other.log_, nullptr)), text_(std::move(other.text_)) {}
    notes_when_destroyed(const notes_when_destroyed&) = delete;
    notes_when_destroyed& operator=(const notes_when_destroyed&) = delete;
    notes_when_destroyed& operator=(notes_when_destroyed&&) = delete;
    ~notes_when_destroyed() {
        if (log_ != nullptr) {
            *log_ += text_ + ' ';
        }
    }

private:
    std::string* log_;
    std::string text_;
};

} // namespace test
