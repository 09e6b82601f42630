#include <cppvaldi/require.hpp>

#include "objects/here.hpp"

#include <string>
#include <utility>

namespace cppvaldi {

void detail::fail_requirement(std::string_view message, const place& where) {
    const requirement_failed failed(std::string(message.empty() ? "a requirement" : message) + " does not hold" +
                                        at_text(where),
                                    false);
    if (here() != nullptr) {
        here()->fault(std::make_exception_ptr(failed)); // comes back only if the driver goes on in spite of it
    }
    throw failed;
}

void detail::report_check(const std::string& message) {
    if (here() == nullptr || here()->unwinding()) {
        return;
    }
    const test_check_failed failed(message);
    if (here()->looking()) { // an invariant's predicate
        throw failed;
    }
    here()->fault(std::make_exception_ptr(failed));
}

bool detail::is_being_unwound() noexcept { return unwinding(); }

void invariant(std::string_view name, std::function<bool()> holds, const place& where) {
    if (here() == nullptr) {
        return;
    }
    here()->watch(
        [text = std::string(name) + " does not hold, an invariant" + at_text(where), holds = std::move(holds)] {
            if (!holds()) {
                throw requirement_failed(text, true);
            }
        });
}

std::uint32_t choose(std::uint32_t count, const place& where) {
    if (count == 0) {
        throw usage_error("choose(0)" + at_text(where) + ": there is nothing to choose from");
    }
    return here() == nullptr ? 0 : here()->choose(count);
}

} // namespace cppvaldi
