#pragma once

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/thread.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

/// Programs as text: a string for each thread, a character for each operation. `.` is a checkpoint, `(` and `)` lock and unlock
/// one mutex, `[` and `]` another. The threads are called `a`, `b`, ..., each checkpoint `here`.
using sketch = std::vector<std::string>;

/// Runs the threads of `all` in an execution. Returns who did something, a letter for each operation: `aabb`.
inline std::string run_sketch(const sketch& all) {
    std::string done;
    cppvaldi::mutex round;
    cppvaldi::mutex square;
    std::vector<cppvaldi::thread> threads;
    threads.reserve(all.size());
    for (std::size_t who = 0; who < all.size(); ++who) {
        threads.emplace_back(std::string(1, static_cast<char>('a' + who)), [&, who] {
            for (const char each : all[who]) {
                switch (each) {
                case '(': round.lock(); break;
                case ')': round.unlock(); break;
                case '[': square.lock(); break;
                case ']': square.unlock(); break;
                default: cppvaldi::checkpoint("here"); break;
                }
                done += static_cast<char>('a' + who);
            }
        });
    }
    for (cppvaldi::thread& each : threads) {
        each.join();
    }
    return done;
}

/// All interleavings of a sketch, worked out from what the words mean, without the library: each as `run_sketch` writes it, and how
/// many preemptions it has. Threads stand before their first operations, and whoever goes on first preempts nobody.
class interleavings {
public:
    explicit interleavings(sketch of) : all_(std::move(of)), at_(all_.size()) { go_on(all_.size(), 0); }

    /// By what is done, with the preemptions.
    [[nodiscard]] const std::map<std::string, std::size_t>& all() const { return found_; }

    [[nodiscard]] std::size_t with_at_most(std::size_t preemptions) const {
        return static_cast<std::size_t>(
            std::count_if(found_.begin(), found_.end(), [&](const auto& each) { return each.second <= preemptions; }));
    }

    [[nodiscard]] std::size_t most_preemptions() const {
        std::size_t most = 0;
        for (const auto& [done, preemptions] : found_) {
            most = std::max(most, preemptions);
        }
        return most;
    }

private:
    [[nodiscard]] bool can_go_on(std::size_t who) const {
        if (at_[who] == all_[who].size()) {
            return false;
        }
        const char next = all_[who][at_[who]];
        return !(next == '(' && round_is_taken_) && !(next == '[' && square_is_taken_);
    }

    void take(char operation, bool back) {
        switch (operation) {
        case '(': round_is_taken_ = !back; break;
        case ')': round_is_taken_ = back; break;
        case '[': square_is_taken_ = !back; break;
        case ']': square_is_taken_ = back; break;
        default: break;
        }
    }

    void go_on(std::size_t last, std::size_t preemptions) {
        bool is_over = true;
        for (std::size_t who = 0; who < all_.size(); ++who) {
            if (can_go_on(who)) {
                is_over = false;
                const bool preempts = last < all_.size() && who != last && can_go_on(last);
                const char operation = all_[who][at_[who]];
                take(operation, false);
                ++at_[who];
                done_ += static_cast<char>('a' + who);
                go_on(who, preemptions + (preempts ? 1 : 0));
                done_.pop_back();
                --at_[who];
                take(operation, true);
            }
        }
        if (is_over) {
            found_[done_] = preemptions;
        }
    }

    sketch all_;
    std::vector<std::size_t> at_;
    bool round_is_taken_ = false;
    bool square_is_taken_ = false;
    std::string done_;
    std::map<std::string, std::size_t> found_;
};
