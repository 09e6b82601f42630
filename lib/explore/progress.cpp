#include "explore/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace cppvaldi {

namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds between_two_lines{250};

std::uint64_t rate_of(const progress& so_far) noexcept {
    const auto spent = static_cast<double>(std::max<nanoseconds::rep>(so_far.time.count(), 1));
    return static_cast<std::uint64_t>(static_cast<double>(so_far.executions) * 1e9 / spent);
}

/// Until the first of what ends the search, as far as that is known.
std::optional<nanoseconds> left_of(const progress& so_far) noexcept {
    std::optional<nanoseconds> left;
    const auto bring_forward = [&left](nanoseconds by) { left = std::min(left.value_or(nanoseconds::max()), by); };
    const auto until = [&](std::uint64_t executions) {
        const std::uint64_t more = executions - std::min(executions, so_far.executions);
        const double each = static_cast<double>(so_far.time.count()) / static_cast<double>(so_far.executions);
        bring_forward(nanoseconds(static_cast<nanoseconds::rep>(std::min(static_cast<double>(more) * each, 9e18))));
    };
    if (so_far.executions == 0) {
        return left;
    }
    if (so_far.estimate) {
        until(*so_far.estimate);
    }
    if (so_far.most_executions) {
        until(*so_far.most_executions);
    }
    if (so_far.most_time) {
        bring_forward(std::max(*so_far.most_time - so_far.time, nanoseconds(0)));
    }
    return left;
}

} // namespace

std::string text_of(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t position = digits.size(); position > 3; position -= 3) {
        digits.insert(position - 3, 1, ',');
    }
    return digits;
}

std::string text_of(nanoseconds span) {
    const auto count = static_cast<std::uint64_t>(std::max<nanoseconds::rep>(span.count(), 0));
    const auto with_tenths = [count](std::uint64_t unit, const char* name) {
        const std::uint64_t tenths = count / (unit / 10);
        return std::to_string(tenths / 10) + (tenths < 100 ? '.' + std::to_string(tenths % 10) : "") + ' ' + name;
    };
    constexpr std::uint64_t second = 1'000'000'000;
    if (count < second) {
        return with_tenths(1'000'000, "ms");
    }
    if (count < 60 * second) {
        return with_tenths(second, "s");
    }
    const std::uint64_t seconds = count / second;
    if (seconds < 3600) {
        return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
    }
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

std::string line_of(const progress& so_far) {
    std::string line = text_of(so_far.executions) + " executions, " + text_of(rate_of(so_far)) + " a second";
    if (so_far.estimate) {
        const double share = static_cast<double>(so_far.executions) / static_cast<double>(*so_far.estimate);
        line += ", about " + std::to_string(static_cast<int>(100 * std::min(share, 1.0))) + "% of " +
                text_of(*so_far.estimate);
    }
    if (const std::optional<nanoseconds> left = left_of(so_far)) {
        line += ", " + text_of(*left) + " left";
    }
    return line;
}

void progress_line::show(const progress& so_far) {
    out_ << "\r\x1b[Kcppvaldi: " << line_of(so_far) << std::flush;
    shown_ = true;
    next_ = so_far.time + between_two_lines;
}

void progress_line::erase() {
    if (shown_) {
        out_ << "\r\x1b[K" << std::flush;
        shown_ = false;
    }
}

bool errors_go_to_terminal() noexcept { return ::isatty(STDERR_FILENO) == 1; }

/// How large a search of everything is. Knuth ("Estimating the efficiency of backtrack programs", Mathematics of Computation 29,
/// 1975) takes the mean, over random paths, of the product of how many alternatives each decision on the path had: the inverse of
/// the probability of that path. The paths of a depth-first search are not random, so here they are weighted by that
/// probability (Kilby, Slaney, Thiebaux and Walsh, "Estimating search tree size", AAAI 2006, section 3.1, the weighted backtrack
/// estimator). A weighted mean of inverse weights is the number of paths divided by the sum of their weights: by the share of the
/// whole that is behind, which the strategy knows. When nothing is left that is 1, and the estimate exact.
std::optional<std::uint64_t> estimate_of(std::uint64_t executions, std::uint64_t explored) {
    if (explored == 0) {
        return std::nullopt;
    }
    const double whole = static_cast<double>(executions) / std::ldexp(static_cast<double>(explored), -63);
    return whole < 1e19 ? std::optional(static_cast<std::uint64_t>(whole + 0.5)) : std::nullopt;
}

} // namespace cppvaldi
