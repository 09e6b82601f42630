#include "explore/progress.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/explore.hpp>

#include <algorithm>
#include <ostream>

namespace cppvaldi {

std::uint64_t exploration::rate() const noexcept {
    const auto spent = static_cast<double>(time.count());
    return spent > 0 ? static_cast<std::uint64_t>(static_cast<double>(executions) * 1e9 / spent) : 0;
}

const coverage& exploration::coverage() const {
    if (!covered) {
        throw usage_error("exploration::coverage: nothing was collected; ask for it with limits{.coverage = true}");
    }
    return *covered;
}

std::ostream& operator<<(std::ostream& out, const exploration& shown) {
    if (shown.finding) {
        out << to_string(shown.finding->what);
    } else {
        out << (shown.complete ? "complete" : "stopped at the limit");
    }
    out << ": " << text_of(shown.executions)
        << (shown.by_class          ? shown.executions == 1 ? " class" : " classes"
            : shown.executions == 1 ? " execution"
                                    : " executions");
    if (shown.distinct < shown.executions) {
        out << (shown.distinct > 65'536 ? ", about " : ", ") << text_of(shown.distinct) << " of them different";
    }
    out << ", " << text_of(shown.time);
    if (shown.estimate && !shown.complete) {
        const double share = static_cast<double>(shown.executions) / static_cast<double>(*shown.estimate);
        const int percent = std::min(static_cast<int>(100 * share), 99); // it has not come to its end
        out << (percent == 0 ? ", less than 1" : ", about " + std::to_string(percent)) << "% explored";
    }
    return shown.remark.empty() ? out : out << "; " << shown.remark;
}

} // namespace cppvaldi
