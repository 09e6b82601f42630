#pragma once

#include <cppvaldi/detail/boost_test_contexts.hpp>
#include <cppvaldi/detail/boost_test_formats.hpp>
#include <cppvaldi/detail/boost_test_formatter.hpp>
#include <cppvaldi/detail/crash.hpp>
#include <cppvaldi/detail/current.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/require.hpp>

#include <boost/test/framework.hpp>
#include <boost/test/results_collector.hpp>
#include <boost/test/tree/observer.hpp>
#include <boost/test/unit_test_log.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cppvaldi::detail {

/// What Boost.Test was told in an execution.
struct test_record {
    std::vector<log_entry> entries; ///< with the contexts of their starters
    std::size_t passed = 0;
    std::size_t warned = 0;
    bool failed = false; ///< a check did, the last entry; the execution ended there
};

/// Stands between the code under test and Boost.Test: while executions are explored it listens alone, keeps what the last one
/// has said, and ends an execution whose check fails.
///
/// It is told of results as an observer, and of texts by a formatter in the place of the custom one, the only way to get at
/// them. Where the program has a custom formatter, that one stays, and findings do not say which check failed, nor do runners
/// show their timelines.
class boost_test_log final : public boost::unit_test::test_observer {
public:
    static boost_test_log& instance() {
        static boost_test_log only;
        return only;
    }

    /// From now on only this listens.
    void begin() {
        namespace ut = boost::unit_test;
        contexts_.begin();
        tracks_contexts_ = false;
        ut::unit_test_log_formatter* const custom = ut::unit_test_log.get_formatter(ut::OF_CUSTOM_LOGGER);
        formatter_ = dynamic_cast<silent_formatter*>(custom); // who sets another one deletes this one
        if (formatter_ != nullptr) {
            formats_ = boost_test_formats::asked_for();
            ut::log_level least = ut::log_all_errors;
            for (const ut::output_format each : formats_) {
                least = std::min(least, ut::unit_test_log.get_formatter(each)->get_log_level());
            }
            formatter_->set_log_level(least);
            formatter_->listener = [this](log_entry entry) { keep(std::move(entry)); };
            ut::unit_test_log.set_format(ut::OF_CUSTOM_LOGGER);
        } else if (custom != nullptr) {
            formats_ = {ut::OF_CUSTOM_LOGGER};
            level_of_custom_ = ut::unit_test_log.set_threshold_level(ut::OF_CUSTOM_LOGGER, ut::log_nothing);
        }
        ut::unit_test_log.configure();
        ut::framework::deregister_observer(ut::results_collector);
        listens_ = true;
    }

    /// Lets Boost.Test listen again. Nothing if it does.
    void end() {
        namespace ut = boost::unit_test;
        if (!std::exchange(listens_, false)) {
            return;
        }
        if (formatter_ != nullptr) {
            formatter_->set_log_level(ut::log_all_errors);
            formatter_->listener = nullptr;
        } else {
            ut::unit_test_log.set_threshold_level(ut::OF_CUSTOM_LOGGER, level_of_custom_);
        }
        for (const ut::output_format each : formats_) {
            ut::unit_test_log.add_format(each);
        }
        ut::unit_test_log.configure();
        ut::framework::register_observer(ut::results_collector);
    }

    /// An execution begins; called by its first starter.
    void begin_execution() {
        record_ = {};
        contexts_.begin_execution();
        if (tracks_contexts_) {
            invariant("contexts", [this] {
                contexts_.track();
                return true;
            });
        }
    }

    /// Returns what the last execution has said.
    [[nodiscard]] test_record take_record() { return std::exchange(record_, {}); }

    /// Puts the formatter in its place, before the log looks who is there.
    void test_start(boost::unit_test::counter_t, boost::unit_test::test_unit_id) override {
        namespace ut = boost::unit_test;
        report_crashes_before_handlers();
        if (ut::unit_test_log.get_formatter(ut::OF_CUSTOM_LOGGER) == nullptr) {
            auto* const added = new silent_formatter; // the log deletes it
            added->set_log_level(ut::log_all_errors);
            ut::unit_test_log.add_formatter(added);
        }
    }

    /// A check has come to its end, in an exploration or not.
    void assertion_result(boost::unit_test::assertion_result result) override {
        namespace ut = boost::unit_test;
        if (!listens_ || record_.failed || is_being_unwound()) {
            return;
        }
        if (result != ut::AR_FAILED) {
            ++(result == ut::AR_PASSED ? record_.passed : record_.warned);
            return;
        }
        record_.failed = true;
        if (formatter_ == nullptr) {
            record_.entries.push_back(entry_of_case(ut::log_all_errors, "a check has failed"));
        }
        const log_entry& failed = record_.entries.back();
        report_check(failed.text + " at " + place{failed.file.c_str(), static_cast<std::uint32_t>(failed.line)}.text());
    }

    /// If somebody still listens, a system error or a timeout has taken Boost.Test out of an exploration by a jump, and it is
    /// about to log that. No starter runs any more.
    void exception_caught(const boost::execution_exception&) override {
        current_execution = nullptr;
        end();
    }

    int priority() override { return 1; } // before the log, whose is 2

private:
    /// Keeps an entry, and of its contexts those of the running starter. As long as nobody has opened any, nobody keeps track;
    /// then those of all starters are there once, until the next execution, which repeats this one.
    void keep(log_entry entry) {
        if (record_.failed || is_being_unwound()) {
            return;
        }
        const std::size_t outer = std::min(contexts_.outer(), entry.contexts.size());
        entry.contexts.erase(entry.contexts.begin(), entry.contexts.begin() + static_cast<std::ptrdiff_t>(outer));
        if (tracks_contexts_) {
            contexts_.track();
            entry.contexts = contexts_.own();
        }
        tracks_contexts_ = tracks_contexts_ || !entry.contexts.empty();
        record_.entries.push_back(std::move(entry));
    }

    silent_formatter* formatter_ = nullptr;
    bool listens_ = false;
    test_record record_;
    std::vector<boost::unit_test::output_format> formats_;
    boost::unit_test::log_level level_of_custom_ = boost::unit_test::log_all_errors;
    starter_contexts contexts_;
    bool tracks_contexts_ = false;
};

/// It listens from the beginning.
inline const bool boost_test_log_is_there = [] {
    boost::unit_test::framework::register_observer(boost_test_log::instance());
    return true;
}();

} // namespace cppvaldi::detail
