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

    /// Where it is about to enter `Function`, in code under test that is compiled with `-finstrument-functions`: one that is
    /// free, a member, overloaded (a cast selects), an instance of a template, a lambda's `operator()`. Throws `usage_error` for
    /// a virtual function without an object, for one that is compiled without the flag, as far as that can be told, and once the
    /// runner is gone.
    template <auto Function>
    [[nodiscard]] checkpoint_ref before() const {
        return at_function("before ", detail::function_name<Function>(), detail::function_address<Function>());
    }

    /// The same for what a virtual function is of this object: the final overrider, for all objects that have it.
    template <auto Function, typename Object>
    [[nodiscard]] checkpoint_ref before(const Object& of) const {
        return at_overrider("before ", detail::function_name<Function>(), detail::function_address<Function>(of));
    }

    /// The same for the functions that a name or a pattern means, private and static ones too: `"account::save"`,
    /// `"account::save(int)"`, `"bank::*::flush"`. Throws `usage_error` if there is none, with the names that come close.
    [[nodiscard]] checkpoint_ref before(std::string_view pattern) const { return at_functions("before ", pattern); }

    /// Where it has just left `Function`, in the same way. Where an exception leaves it, that is when it does in the code of g++;
    /// in clang's it is when the starter next enters or leaves a function that is compiled so.
    template <auto Function>
    [[nodiscard]] checkpoint_ref after() const {
        return at_function("after ", detail::function_name<Function>(), detail::function_address<Function>());
    }
    template <auto Function, typename Object>
    [[nodiscard]] checkpoint_ref after(const Object& of) const {
        return at_overrider("after ", detail::function_name<Function>(), detail::function_address<Function>(of));
    }
    [[nodiscard]] checkpoint_ref after(std::string_view pattern) const { return at_functions("after ", pattern); }

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
    [[nodiscard]] checkpoint_ref at_overrider(std::string_view side, const std::string& name,
                                              const void* function) const;
    [[nodiscard]] checkpoint_ref at_functions(std::string_view side, std::string_view pattern) const;
    [[nodiscard]] const void* value_address(const std::type_info& wanted) const;
    [[nodiscard]] void* result_address(const std::type_info& wanted) const;

    std::shared_ptr<detail::session> lives_in_;
    std::uint64_t runner_; ///< which one uses the session; sessions are used again
    starter_id id_;
    std::string name_;
};

} // namespace cppvaldi
