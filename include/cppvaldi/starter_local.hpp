#pragma once

#include <cppvaldi/detail/starter_slots.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace cppvaldi {

/// What `thread_local` is to a thread: a `Value` for each starter, made when the starter first uses it, and destroyed at the
/// starter's end, in the reverse order of construction. Code outside executions has one too, for as long as this object lives.
///
///     cppvaldi::starter_local<std::vector<int>> scratch;              // each begins empty
///     cppvaldi::starter_local<connection> to_server{"localhost"};     // each is made from these arguments
///     cppvaldi::starter_local<session> mine{[] { return log_in(); }}; // each is what this returns
template <typename Value>
class starter_local {
public:
    /// Each is made from copies of `arguments`.
    template <typename... Arguments>
        requires std::constructible_from < Value, const std::decay_t<Arguments>
    &... > explicit starter_local(Arguments&&... arguments)
        : make_([kept = std::tuple<std::decay_t<Arguments>...>(std::forward<Arguments>(arguments)...)] {
              return std::apply([](const auto&... each) { return std::make_shared<Value>(each...); }, kept);
          }) {}

    /// Each is what a call of `initialiser` returns.
    template <typename Initialiser>
        requires(std::is_invocable_r_v<Value, std::decay_t<Initialiser>&> &&
                 !std::constructible_from<Value, const std::decay_t<Initialiser>&> &&
                 !std::same_as<std::decay_t<Initialiser>, starter_local>)
    explicit starter_local(Initialiser&& initialiser)
        : make_([kept = std::decay_t<Initialiser>(std::forward<Initialiser>(initialiser))]() mutable {
              return std::shared_ptr<Value>(new Value(kept()));
          }) {}

    starter_local(const starter_local&) = delete;
    starter_local& operator=(const starter_local&) = delete;

    /// Returns the caller's own. If making it throws, the next use tries again.
    [[nodiscard]] Value& get() {
        if (void* const known = slots_.find()) {
            return *static_cast<Value*>(known);
        }
        const std::shared_ptr<Value> made = make_();
        slots_.put(made);
        return *made;
    }
    [[nodiscard]] Value& operator*() { return get(); }
    [[nodiscard]] Value* operator->() { return &get(); }

private:
    std::function<std::shared_ptr<Value>()> make_;
    detail::starter_slots slots_;
};

} // namespace cppvaldi
