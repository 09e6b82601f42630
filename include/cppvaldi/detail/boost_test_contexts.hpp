#pragma once

#include <cppvaldi/thread.hpp>

#include <boost/test/framework.hpp>
#include <boost/test/utils/lazy_ostream.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cppvaldi::detail {

/// Adds a context to the next entry of Boost.Test's log, its lines after the first one indented.
inline void add_test_context(std::string text) {
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
        text.insert(at + 1, "    ");
    }
    boost::unit_test::framework::add_context(boost::unit_test::lazy_ostream::instance() << text, false);
}

/// Whose contexts they are: `BOOST_TEST_CONTEXT` knows one list for all, and starters take turns in opening and closing them.
/// But everybody does so only while running; so whoever has just run has made what is different.
class starter_contexts {
public:
    /// Those that there are now are everybody's.
    void begin() { outer_ = now().size(); }

    /// Those that there were belong to starters that are gone.
    void begin_execution() { known_.clear(); }

    /// Takes note of what the running starter has opened and closed since the last call.
    void track() {
        const std::vector<std::string> open = now();
        std::vector<context> known;
        std::size_t next = std::min(outer_, open.size());
        for (context& each : known_) {
            if (next < open.size() && open[next] == each.text) {
                known.push_back(std::move(each));
                ++next;
            }
        }
        for (; next < open.size(); ++next) {
            known.push_back({open[next], this_thread::get_id()});
        }
        known_ = std::move(known);
    }

    /// Returns those of the running starter, the outermost first.
    [[nodiscard]] std::vector<std::string> own() const {
        std::vector<std::string> texts;
        for (const context& each : known_) {
            if (each.owner == this_thread::get_id()) {
                texts.push_back(each.text);
            }
        }
        return texts;
    }

    /// Returns how many are everybody's.
    [[nodiscard]] std::size_t outer() const noexcept { return outer_; }

private:
    struct context {
        std::string text;
        thread::id owner;
    };

    static std::vector<std::string> now() {
        std::vector<std::string> texts;
        const auto all = boost::unit_test::framework::get_context();
        for (auto each = all.next(); !each.is_empty(); each = all.next()) {
            texts.emplace_back(each.begin(), each.end());
        }
        return texts;
    }

    std::size_t outer_ = 0;
    std::vector<context> known_;
};

} // namespace cppvaldi::detail
