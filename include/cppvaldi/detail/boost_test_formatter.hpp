#pragma once

#include <cppvaldi/detail/boost_test_contexts.hpp>
#include <cppvaldi/runner.hpp>

#include <boost/test/framework.hpp>
#include <boost/test/tree/test_unit.hpp>
#include <boost/test/unit_test_log_formatter.hpp>

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace cppvaldi::detail {

/// An entry of Boost.Test's log.
struct log_entry {
    boost::unit_test::log_level level = boost::unit_test::log_nothing;
    std::string file;
    std::size_t line = 0;
    std::string text;
    std::vector<std::string> contexts; ///< the outermost first
};

/// Makes an entry at the place of the running test case.
inline log_entry entry_of_case(boost::unit_test::log_level level, std::string text) {
    const boost::unit_test::test_case& running = boost::unit_test::framework::current_test_case();
    return {level, {running.p_file_name.begin(), running.p_file_name.end()}, running.p_line_num, std::move(text), {}};
}

/// A formatter that writes nothing. It hands entries to whoever listens. While nobody does, it adds the timelines of the runners
/// that are alive to what is about to be logged as an error.
class silent_formatter final : public boost::unit_test::unit_test_log_formatter {
public:
    std::function<void(log_entry)> listener;

private:
    using const_string = boost::unit_test::const_string;
    using level = boost::unit_test::log_level;

    void log_start(std::ostream&, boost::unit_test::counter_t) override {}
    void log_finish(std::ostream&) override {}
    void log_build_info(std::ostream&, bool) override {}
    void test_unit_start(std::ostream&, const boost::unit_test::test_unit&) override {}
    void test_unit_finish(std::ostream&, const boost::unit_test::test_unit&, unsigned long) override {}
    void log_exception_start(std::ostream&, const boost::unit_test::log_checkpoint_data&,
                             const boost::execution_exception&) override {}
    void log_exception_finish(std::ostream&) override {}

    void log_entry_start(std::ostream&, const boost::unit_test::log_entry_data& begun, log_entry_types type) override {
        entry_ = {begun.m_level, begun.m_file_name, begun.m_line_num, {}, {}};
        if (!listener && (type == BOOST_UTL_ET_ERROR || type == BOOST_UTL_ET_FATAL_ERROR)) {
            const std::string timelines = timelines_of_runners();
            if (!timelines.empty()) {
                add_test_context("what happened:\n" + timelines);
            }
        }
    }
    using unit_test_log_formatter::log_entry_value;
    void log_entry_value(std::ostream&, const_string value) override { entry_.text.append(value.begin(), value.end()); }
    void entry_context_start(std::ostream&, level) override {}
    void log_entry_context(std::ostream&, level, const_string value) override {
        entry_.contexts.emplace_back(value.begin(), value.end());
    }
    void entry_context_finish(std::ostream&, level) override {}
    void log_entry_finish(std::ostream&) override {
        if (listener) {
            listener(std::move(entry_));
        }
    }

    log_entry entry_;
};

} // namespace cppvaldi::detail
