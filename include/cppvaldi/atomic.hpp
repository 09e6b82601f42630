#pragma once

#include <cppvaldi/atomic_flag.hpp>
#include <cppvaldi/atomic_ref.hpp>
#include <cppvaldi/detail/atomic_spot.hpp>
#include <cppvaldi/memory_order.hpp>
#include <cppvaldi/place.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace cppvaldi {

/// `std::atomic` under the kernel, for every type that the standard allows, shared and weak pointers included. Each operation is
/// a scheduling point. Memory orders are accepted, and all behave as `seq_cst`. A weak compare-exchange never fails spuriously.
///
/// What a spin loop may stand on is not `noexcept`: a starter that spins when its execution ends is unwound from there. An
/// operator cannot know the place that it is called from; the members can, so reports of them say more.
///
/// MAY SWITCH: every operation, inside an execution. Outside, each is a plain access.
template <typename T>
class atomic : public detail::atomic_types<T> {
    static_assert(detail::can_be_atomic<T>, "an atomic's type is trivially copyable and can be copied and assigned");
    using step = typename detail::atomic_difference<T>::type;
    using assigned = std::conditional_t<std::is_trivially_copyable_v<T>, T, void>;

public:
    static constexpr bool is_always_lock_free =
        std::is_trivially_copyable_v<T> && __atomic_always_lock_free(sizeof(T), nullptr);

    constexpr atomic() noexcept(std::is_nothrow_default_constructible_v<T>) requires std::is_default_constructible_v<T>
        : value_() {}
    constexpr atomic(T desired) noexcept : value_(std::move(desired)) {}
    constexpr atomic(std::nullptr_t) noexcept requires detail::is_shared_ptr<T> : value_(nullptr) {}

    /// `name` is what reports call it; it is not copied.
    constexpr atomic(T desired, const char* name) noexcept : identity_(name), value_(std::move(desired)) {}
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;
    atomic& operator=(const atomic&) volatile = delete;

    assigned operator=(T desired) noexcept { return assign(std::move(desired)); }
    assigned operator=(T desired) volatile noexcept { return assign(std::move(desired)); }
    void operator=(std::nullptr_t) noexcept requires detail::is_shared_ptr<T> { assign(nullptr); }
    [[gnu::always_inline]] operator T() const volatile { return load(memory_order_seq_cst, place{}); }

    [[nodiscard]] bool is_lock_free() const volatile noexcept { return is_always_lock_free; }

    void store(T desired, memory_order = memory_order_seq_cst,
               const place& where = place::current()) volatile noexcept {
        spot().store(std::move(desired), where);
    }
    [[gnu::always_inline]] T load(memory_order = memory_order_seq_cst, const place& where = place::current()) const
        volatile {
        return spot().load(where);
    }
    [[gnu::always_inline]] T exchange(T desired, memory_order = memory_order_seq_cst,
                                      const place& where = place::current()) volatile {
        return spot().exchange(std::move(desired), where);
    }

    /// One that fails is a read. The same is true of the other three.
    [[gnu::always_inline]] bool compare_exchange_weak(T& expected, T desired, memory_order, memory_order,
                                                      const place& where = place::current()) volatile {
        return spot().compare_exchange(expected, std::move(desired), where);
    }
    [[gnu::always_inline]] bool compare_exchange_strong(T& expected, T desired, memory_order, memory_order,
                                                        const place& where = place::current()) volatile {
        return spot().compare_exchange(expected, std::move(desired), where);
    }
    [[gnu::always_inline]] bool compare_exchange_weak(T& expected, T desired, memory_order = memory_order_seq_cst,
                                                      const place& where = place::current()) volatile {
        return spot().compare_exchange(expected, std::move(desired), where);
    }
    [[gnu::always_inline]] bool compare_exchange_strong(T& expected, T desired, memory_order = memory_order_seq_cst,
                                                        const place& where = place::current()) volatile {
        return spot().compare_exchange(expected, std::move(desired), where);
    }

    /// Blocks until it is notified and differs from `old`, or at once if it does. Where nobody notifies, reports say who changed it
    /// or notified too early.
    void wait(T old, memory_order = memory_order_seq_cst, const place& where = place::current()) const volatile {
        spot().wait(old, where);
    }
    void notify_one(const place& where = place::current()) volatile noexcept { spot().notify_one(where); }
    void notify_all(const place& where = place::current()) volatile noexcept { spot().notify_all(where); }

    /// For `atomic_init`.
    void init(T desired) noexcept { value_ = std::move(desired); }

    // Numbers and pointers. Integers wrap around.

    T fetch_add(step operand, memory_order = memory_order_seq_cst,
                const place& where = place::current()) volatile requires detail::atomic_sum<T> {
        return spot().modify([operand](T old) { return detail::sum(old, operand); }, where);
    }
    T fetch_sub(step operand, memory_order = memory_order_seq_cst,
                const place& where = place::current()) volatile requires detail::atomic_sum<T> {
        return spot().modify([operand](T old) { return detail::difference(old, operand); }, where);
    }
    T operator+=(step operand) volatile requires detail::atomic_sum<T> {
        return detail::sum(fetch_add(operand, memory_order_seq_cst, place{}), operand);
    }
    T operator-=(step operand) volatile requires detail::atomic_sum<T> {
        return detail::difference(fetch_sub(operand, memory_order_seq_cst, place{}), operand);
    }
    T operator++() volatile requires detail::atomic_count<T> { return *this += 1; }
    T operator--() volatile requires detail::atomic_count<T> { return *this -= 1; }
    T operator++(int) volatile requires detail::atomic_count<T> { return fetch_add(1, memory_order_seq_cst, place{}); }
    T operator--(int) volatile requires detail::atomic_count<T> { return fetch_sub(1, memory_order_seq_cst, place{}); }

    // Integers.

    T fetch_and(T operand, memory_order = memory_order_seq_cst,
                const place& where = place::current()) volatile requires detail::atomic_integer<T> {
        return spot().modify([operand](T old) { return static_cast<T>(old & operand); }, where);
    }
    T fetch_or(T operand, memory_order = memory_order_seq_cst,
               const place& where = place::current()) volatile requires detail::atomic_integer<T> {
        return spot().modify([operand](T old) { return static_cast<T>(old | operand); }, where);
    }
    T fetch_xor(T operand, memory_order = memory_order_seq_cst,
                const place& where = place::current()) volatile requires detail::atomic_integer<T> {
        return spot().modify([operand](T old) { return static_cast<T>(old ^ operand); }, where);
    }
    T operator&=(T operand) volatile requires detail::atomic_integer<T> {
        return static_cast<T>(fetch_and(operand, memory_order_seq_cst, place{}) & operand);
    }
    T operator|=(T operand) volatile requires detail::atomic_integer<T> {
        return static_cast<T>(fetch_or(operand, memory_order_seq_cst, place{}) | operand);
    }
    T operator^=(T operand) volatile requires detail::atomic_integer<T> {
        return static_cast<T>(fetch_xor(operand, memory_order_seq_cst, place{}) ^ operand);
    }

private:
    assigned assign(T desired) volatile noexcept {
        if constexpr (std::is_void_v<assigned>) {
            spot().store(std::move(desired), place{});
        } else {
            spot().store(desired, place{});
            return desired;
        }
    }

    [[nodiscard, gnu::always_inline]] detail::atomic_spot<T> spot() const volatile noexcept {
        auto& self = const_cast<atomic&>(*this);
        return {self.identity_, self.value_, detail::cell_form::atomic};
    }

    [[no_unique_address]] detail::cell identity_; // the value lies in its padding
    T value_;
};

template <typename T>
atomic(T) -> atomic<T>;
template <typename T>
atomic(T, const char*) -> atomic<T>;

} // namespace cppvaldi

// What needs the class.
#include <cppvaldi/detail/atomic_functions.hpp>
#include <cppvaldi/detail/atomic_names.hpp>
#include <cppvaldi/detail/atomic_shared_ptr.hpp>
