#pragma once

#include <cppvaldi/errors.hpp>
#include <cppvaldi/place.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cppvaldi {

/// A `require` failed, or an `invariant` did not hold.
class requirement_failed : public execution_error {
public:
    requirement_failed(const std::string& message, bool is_invariant)
        : execution_error(message), is_invariant_(is_invariant) {}

    [[nodiscard]] bool is_invariant() const noexcept { return is_invariant_; }

private:
    bool is_invariant_;
};

/// A check of a test framework's failed in a starter, and `report_check` was told.
class test_check_failed : public execution_error {
public:
    using execution_error::execution_error;
};

namespace detail {
[[noreturn]] void fail_requirement(std::string_view message, const place& where);

/// Ends the execution because a check of a test framework's has failed: a finding of `explore`, an exception `test_check_failed`
/// of the call that drives a runner. Nothing outside an execution, and while one is being unwound. MAY SWITCH.
void report_check(const std::string& message);

/// True while an execution is being unwound: what is checked then concerns nobody.
[[nodiscard]] bool is_being_unwound() noexcept;
} // namespace detail

/// Fails the execution unless `condition` holds: a finding of `explore`, an exception `requirement_failed` of the call that
/// drives a runner. Code under test cannot catch it. Outside an execution it is thrown.
inline void require(bool condition, std::string_view message = {}, const place& where = place::current()) {
    if (!condition) [[unlikely]] {
        detail::fail_requirement(message, where);
    }
}

/// Has `holds` checked at every scheduling point until the starter that calls this has ended. It may read what is shared under
/// the kernel: nobody else runs meanwhile. No effect outside an execution.
void invariant(std::string_view name, std::function<bool()> holds, const place& where = place::current());

/// Returns a value below `count`: a decision like any other, so that a search tries them all. Outside an execution, and under a
/// runner, it is 0. Throws `usage_error` if `count` is 0.
[[nodiscard]] std::uint32_t choose(std::uint32_t count, const place& where = place::current());

} // namespace cppvaldi
