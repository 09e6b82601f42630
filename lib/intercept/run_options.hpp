#pragma once

#include <cppvaldi/execution_options.hpp>
#include <cppvaldi/explore.hpp>
#include <cppvaldi/strategies.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cppvaldi::intercept {

/// How one execution of a program after the other is carried out.
enum class run_mode : std::uint8_t {
    fork,     ///< each in a child process
    snapshot, ///< in one process, whose memory is put back in between
};

/// What `cppvaldi run` is asked for, a value.
struct run_options {
    std::vector<std::string> strategies{"random"}; ///< one, or several that take turns
    std::uint64_t seed = 1;
    std::uint32_t depth = 3;                    ///< of pct
    std::optional<std::uint32_t> preemptions{}; ///< of exhaustive and dpor
    std::optional<std::uint64_t> executions{};
    std::optional<std::chrono::nanoseconds> time{};
    std::string replay{}; ///< a token
    std::string report{}; ///< a file
    run_mode mode = run_mode::fork;
    bool leaks = false; ///< are looked for
    int status = 0;     ///< the exit status of a program that is right
    shrinking shrink{.executions = 1'000, .time = std::chrono::seconds(10)}; ///< what makes a schedule shorter
    execution_options each{.stack_size_bytes = std::size_t{8} * 1024 * 1024};

    /// Returns the strategy that is asked for.
    [[nodiscard]] std::unique_ptr<strategy> decides() const;
};

/// Reads options, up to the first word that is none; `used` says how many words they are. Throws `usage_error`, with what is wrong.
[[nodiscard]] run_options parse_run_options(std::span<const std::string> words, std::size_t& used);

/// What `cppvaldi run --help` prints.
[[nodiscard]] const char* run_help() noexcept;

/// The variable that hands the options over to the program, a word a line.
inline constexpr const char* run_variable = "CPPVALDI_RUN";

} // namespace cppvaldi::intercept
