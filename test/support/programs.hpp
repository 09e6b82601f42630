#pragma once

#include <cppvaldi/cppvaldi.hpp>

#include "support/padlock.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

// Small programs for starters to run, and what the tests of the runner ask about them.

struct account {
    int balance = 100;

    void withdraw(int amount) {
        const int seen = balance;
        cppvaldi::checkpoint("read");
        balance = seen - amount;
        cppvaldi::checkpoint("written");
    }
};

/// Reaches these checkpoints one after the other.
inline auto reaching(std::vector<std::string> names) {
    return [names = std::move(names)] {
        for (const std::string& name : names) {
            cppvaldi::checkpoint(name);
        }
    };
}

/// Takes the lock, says so, uses it, and gives it back.
inline auto using_lock(padlock& needed) {
    return [&needed] {
        needed.take();
        cppvaldi::checkpoint("has it");
        cppvaldi::checkpoint("uses it");
        needed.give_back();
        cppvaldi::checkpoint("gave it back");
    };
}

/// The checkpoints in the order in which they were reached, as the timeline has them.
inline std::string reached(const cppvaldi::runner& run) {
    std::string all;
    const cppvaldi::trace played = run.trace_so_far();
    for (const cppvaldi::trace::step& each : played.steps) {
        if (each.what == cppvaldi::trace::event::reached) {
            all += (all.empty() ? "" : " ") + played.starters[each.starter] + ':' + each.text;
        }
    }
    return all;
}

template <typename Error, typename Call>
std::string message_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    BOOST_ERROR("nothing was thrown");
    return "";
}

inline std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }
