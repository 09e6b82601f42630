#pragma once

#include <cppvaldi/checkpoint_ref.hpp>
#include <cppvaldi/detail/function_name.hpp>
#include <cppvaldi/starter_set.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>

namespace cppvaldi {

namespace detail {
class session;
} // namespace detail

/// Names a starter of a runner, a value. The members that make a `checkpoint_ref` always work; those that look at the starter
/// throw `usage_error` once its runner is gone.
class starter {
public:
    /// Returns the name that it was started with.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Returns its number, by birth.
    [[nodiscard]] starter_id id() const noexcept { return id_; }

    // Checkpoints of its life.

    /// Where it calls `checkpoint(name)`, the next time.
    [[nodiscard]] checkpoint_ref at(std::string_view name) const;

    /// Where it calls `checkpoint(name)`, the `occurrence`-th time, from 1. Throws `usage_error` for 0.
    [[nodiscard]] checkpoint_ref at(std::string_view name, std::uint32_t occurrence) const;

    /// Before its first statement.
    [[nodiscard]] checkpoint_ref started() const;

    /// After its last statement.
    [[nodiscard]] checkpoint_ref finished() const;

    /// Where it can only go on after another starter has acted.
    [[nodiscard]] checkpoint_ref blocked() const;

    /// Where it is about to enter `Function`, in code under test that is compiled with `-finstrument-functions`. Throws
    /// `usage_error` for a virtual function, and once the runner is gone.
    template <auto Function>
    [[nodiscard]] checkpoint_ref before() const {
        return at_function("before ", detail::function_name<Function>(), detail::function_address<Function>());
    }

    /// Where it has just left `Function`, in the same way; g++ counts being left by an exception, clang does not.
    template <auto Function>
    [[nodiscard]] checkpoint_ref after() const {
        return at_function("after ", detail::function_name<Function>(), detail::function_address<Function>());
    }

    // Where it is now.

    [[nodiscard]] bool is_finished() const;
    [[nodiscard]] bool is_blocked() const;

    /// Returns the value that the checkpoint carries at which it is paused. Throws `usage_error` if it stands elsewhere, or if
    /// the value has another type. The reference is good until the runner goes on.
    template <typename Value>
    const Value& value() const {
        return *static_cast<const Value*>(value_address(typeid(Value)));
    }

    /// Returns what its callable returned; it may be moved from. Throws `usage_error` before it has finished, if it ended by an
    /// exception, or if it returned another type. The reference is good as long as the runner is.
    template <typename Result>
    std::remove_cvref_t<Result>& result() const {
        return *static_cast<std::remove_cvref_t<Result>*>(result_address(typeid(std::remove_cvref_t<Result>)));
    }

private:
    friend class runner;

    starter(std::shared_ptr<detail::session> lives_in, starter_id id, std::string name);

    [[nodiscard]] detail::session& lives_in(const char* call) const;
    [[nodiscard]] checkpoint_ref at_function(std::string_view side, const std::string& name,
                                             const void* function) const;
    [[nodiscard]] const void* value_address(const std::type_info& wanted) const;
    [[nodiscard]] void* result_address(const std::type_info& wanted) const;

    std::shared_ptr<detail::session> lives_in_;
    std::uint64_t runner_; ///< which one uses the session; sessions are used again
    starter_id id_;
    std::string name_;
};

} // namespace cppvaldi
