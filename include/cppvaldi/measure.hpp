#pragma once

#include <cppvaldi/execution_options.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/schedule.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace cppvaldi {

/// What many measurements of the same came to, a value: real time.
struct quantiles {
    std::chrono::nanoseconds least{0};
    std::chrono::nanoseconds median{0};
    std::chrono::nanoseconds most_of_ten{0};     ///< nine of ten took no longer
    std::chrono::nanoseconds most_of_hundred{0}; ///< 99 of 100

    friend bool operator==(const quantiles&, const quantiles&) = default;
};

/// What one schedule costs, a value. Times are those of the code between two scheduling points, each with what it costs to announce
/// an operation and to read the clock once, some tens of nanoseconds; what the measurement itself does does not count.
struct measurement {
    /// From one checkpoint of a starter to its next, `started` and `finished` among them.
    struct segment {
        std::string starter;
        std::string from;
        std::string to;
        quantiles ran;    ///< while it ran itself
        quantiles waited; ///< while others did

        friend bool operator==(const segment&, const segment&) = default;
    };

    /// What one starter takes in an execution.
    struct share {
        std::string starter;
        std::uint64_t switches = 0; ///< how often control came to it
        quantiles ran;
        quantiles blocked; ///< while it could only go on after another had acted

        friend bool operator==(const share&, const share&) = default;
    };

    std::uint64_t repetitions = 0;
    std::vector<segment> segments; ///< in the order in which they end
    std::vector<share> shares;     ///< by birth
    quantiles whole;               ///< of the starters together

    /// Returns two tables for people, times in nanoseconds.
    [[nodiscard]] std::string table() const;

    /// Returns it as one line of JSON: an object with `version`, `repetitions`, `unit`, `whole`, `segments` and `shares`.
    [[nodiscard]] std::string json() const;

    friend bool operator==(const measurement&, const measurement&) = default;

    /// Prints the tables.
    friend std::ostream& operator<<(std::ostream& out, const measurement& shown);
};

/// Returns a table of the medians of two measurements side by side, and of what the second takes in percent of the first.
/// Segments are matched by their names and by how often these came up before; one that only one of the two has stands alone.
[[nodiscard]] std::string comparison(const measurement& first, const measurement& second);

/// Plays `played` again and again, `repetitions` times and once before that does not count, and measures it. The body is what
/// `explore` takes. After the last decision of the schedule it goes on as `replay` does.
///
/// Throws `usage_error` if `repetitions` is 0, and `execution_error` if an execution shows something wrong: that cannot be
/// measured.
[[nodiscard]] measurement measure(const std::function<void()>& body, const schedule& played, std::uint64_t repetitions,
                                  const execution_options& options = {});

/// The same for the schedule of a runner: `set_up` starts the starters that it had, in the same order.
[[nodiscard]] measurement measure(const std::function<void(runner&)>& set_up, const schedule& played,
                                  std::uint64_t repetitions, const execution_options& options = {});

} // namespace cppvaldi
