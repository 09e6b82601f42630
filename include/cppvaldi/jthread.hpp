#pragma once

#include <cppvaldi/stop_token.hpp>
#include <cppvaldi/thread.hpp>

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cppvaldi {

namespace detail {

template <typename Callable, typename... Arguments>
concept can_be_started_with_token =
    can_be_started<Callable, stop_token, Arguments...> || can_be_started<Callable, Arguments...>;

} // namespace detail

/// `std::jthread` under the kernel: a `thread` with a `stop_source`, that requests a stop and joins when it is destroyed.
///
/// When its execution is unwound while the destructor waits, the destructor returns, since it may not throw, and the starter is
/// unwound at its next scheduling point.
class jthread {
public:
    using id = thread::id;

    jthread() noexcept : source_(nostopstate) {}

    /// Starts a thread, as `std::jthread` does: the callable gets a `stop_token` first, if it takes one.
    template <typename Callable, typename... Arguments>
        requires(!std::same_as<std::remove_cvref_t<Callable>, jthread> &&
                 detail::can_be_started_with_token<Callable, Arguments...>)
    explicit jthread(Callable&& callable, Arguments&&... arguments)
        : thread_(start(source_, std::string_view(), std::forward<Callable>(callable),
                        std::forward<Arguments>(arguments)...)) {}

    /// The same with a name, which orders, timelines and reports use.
    template <typename Name, typename Callable, typename... Arguments>
        requires(std::convertible_to<Name, std::string_view> &&
                 !detail::can_be_started_with_token<Name, Callable, Arguments...> &&
                 detail::can_be_started_with_token<Callable, Arguments...>)
    jthread(const Name& name, Callable&& callable, Arguments&&... arguments)
        : thread_(start(source_, std::string_view(name), std::forward<Callable>(callable),
                        std::forward<Arguments>(arguments)...)) {}

    jthread(jthread&& other) noexcept = default;
    jthread& operator=(jthread&& other) noexcept {
        if (this != &other) {
            end();
            source_ = std::move(other.source_);
            thread_.id_ = std::exchange(other.thread_.id_, nobody);
        }
        return *this;
    }

    /// Requests a stop and joins, if it is joinable. MAY SWITCH.
    ~jthread() { end(); }

    void swap(jthread& other) noexcept {
        source_.swap(other.source_);
        thread_.swap(other.thread_);
    }
    friend void swap(jthread& left, jthread& right) noexcept { left.swap(right); }

    [[nodiscard]] bool joinable() const noexcept { return thread_.joinable(); }

    /// As `thread::join`. MAY SWITCH.
    void join(const place& where = place::current()) { thread_.join(where); }

    /// As `thread::detach`.
    void detach() { thread_.detach(); }

    [[nodiscard]] id get_id() const noexcept { return thread_.get_id(); }

    [[nodiscard]] stop_source get_stop_source() noexcept { return source_; }
    [[nodiscard]] stop_token get_stop_token() const noexcept { return source_.get_token(); }

    /// As `stop_source::request_stop`. MAY SWITCH.
    bool request_stop(const place& where = place::current()) { return source_.request_stop(where); }

    [[nodiscard]] static unsigned int hardware_concurrency() noexcept { return thread::hardware_concurrency(); }

private:
    template <typename Callable, typename... Arguments>
    static thread start(const stop_source& source, std::string_view name, Callable&& callable,
                        Arguments&&... arguments) {
        if constexpr (detail::can_be_started<Callable, stop_token, Arguments...>) {
            return thread(thread::named{}, name, std::forward<Callable>(callable), source.get_token(),
                          std::forward<Arguments>(arguments)...);
        } else {
            return thread(thread::named{}, name, std::forward<Callable>(callable),
                          std::forward<Arguments>(arguments)...);
        }
    }

    void end() noexcept {
        if (joinable()) {
            detail::request_stop_quietly(source_.state_, place{});
            detail::join_quietly(thread_.id_, place{});
            thread_.id_ = nobody;
        }
    }

    stop_source source_;
    thread thread_;
};

} // namespace cppvaldi
