#pragma once

#include <cppvaldi/detail/atomic_spot.hpp>
#include <cppvaldi/memory_order.hpp>
#include <cppvaldi/place.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>

namespace cppvaldi {

/// `std::atomic_ref` under the kernel. All references to one value are one object, within an execution. What `atomic` says of
/// itself is true of it too.
///
/// Limit: a value whose memory is used again by another one in the same execution is taken for the same object.
///
/// MAY SWITCH: every operation, inside an execution. Outside, each is a plain access.
template <typename T>
class atomic_ref : public detail::atomic_types<T> {
    static_assert(std::is_trivially_copyable_v<T>, "what an atomic_ref refers to is trivially copyable");
    using step = typename detail::atomic_difference<T>::type;

public:
    static constexpr bool is_always_lock_free = __atomic_always_lock_free(sizeof(T), nullptr);
    static constexpr std::size_t required_alignment = alignof(T);

    explicit atomic_ref(T& referenced) noexcept
        : identity_(std::addressof(referenced)), value_(std::addressof(referenced)) {}
    atomic_ref(const atomic_ref&) noexcept = default;
    atomic_ref& operator=(const atomic_ref&) = delete;

    T operator=(T desired) const noexcept {
        store(desired, memory_order_seq_cst, place{});
        return desired;
    }
    [[gnu::always_inline]] operator T() const { return load(memory_order_seq_cst, place{}); }

    [[nodiscard]] bool is_lock_free() const noexcept { return is_always_lock_free; }

    void store(T desired, memory_order = memory_order_seq_cst, const place& where = place::current()) const noexcept {
        spot().store(desired, where);
    }
    [[gnu::always_inline]] T load(memory_order = memory_order_seq_cst, const place& where = place::current()) const {
        return spot().load(where);
    }
    [[gnu::always_inline]] T exchange(T desired, memory_order = memory_order_seq_cst,
                                      const place& where = place::current()) const {
        return spot().exchange(desired, where);
    }

    /// One that fails is a read. The same is true of the other three.
    [[gnu::always_inline]] bool compare_exchange_weak(T& expected, T desired, memory_order, memory_order,
                                                      const place& where = place::current()) const {
        return spot().compare_exchange(expected, desired, where);
    }
    [[gnu::always_inline]] bool compare_exchange_strong(T& expected, T desired, memory_order, memory_order,
                                                        const place& where = place::current()) const {
        return spot().compare_exchange(expected, desired, where);
    }
    [[gnu::always_inline]] bool compare_exchange_weak(T& expected, T desired, memory_order = memory_order_seq_cst,
                                                      const place& where = place::current()) const {
        return spot().compare_exchange(expected, desired, where);
    }
    [[gnu::always_inline]] bool compare_exchange_strong(T& expected, T desired, memory_order = memory_order_seq_cst,
                                                        const place& where = place::current()) const {
        return spot().compare_exchange(expected, desired, where);
    }

    /// Blocks until it is notified and differs from `old`, or at once if it does.
    void wait(T old, memory_order = memory_order_seq_cst, const place& where = place::current()) const {
        spot().wait(old, where);
    }
    void notify_one(const place& where = place::current()) const noexcept { spot().notify_one(where); }
    void notify_all(const place& where = place::current()) const noexcept { spot().notify_all(where); }

    // Numbers and pointers. Integers wrap around.

    T fetch_add(step operand, memory_order = memory_order_seq_cst,
                const place& where = place::current()) const requires detail::atomic_sum<T> {
        return spot().modify([operand](T old) { return detail::sum(old, operand); }, where);
    }
    T fetch_sub(step operand, memory_order = memory_order_seq_cst,
                const place& where = place::current()) const requires detail::atomic_sum<T> {
        return spot().modify([operand](T old) { return detail::difference(old, operand); }, where);
    }
    T operator+=(step operand) const requires detail::atomic_sum<T> {
        return detail::sum(fetch_add(operand, memory_order_seq_cst, place{}), operand);
    }
    T operator-=(step operand) const requires detail::atomic_sum<T> {
        return detail::difference(fetch_sub(operand, memory_order_seq_cst, place{}), operand);
    }
    T operator++() const requires detail::atomic_count<T> { return *this += 1; }
    T operator--() const requires detail::atomic_count<T> { return *this -= 1; }
    T operator++(int) const requires detail::atomic_count<T> { return fetch_add(1, memory_order_seq_cst, place{}); }
    T operator--(int) const requires detail::atomic_count<T> { return fetch_sub(1, memory_order_seq_cst, place{}); }

    // Integers.

    T fetch_and(T operand, memory_order = memory_order_seq_cst,
                const place& where = place::current()) const requires detail::atomic_integer<T> {
        return spot().modify([operand](T old) { return static_cast<T>(old & operand); }, where);
    }
    T fetch_or(T operand, memory_order = memory_order_seq_cst,
               const place& where = place::current()) const requires detail::atomic_integer<T> {
        return spot().modify([operand](T old) { return static_cast<T>(old | operand); }, where);
    }
    T fetch_xor(T operand, memory_order = memory_order_seq_cst,
                const place& where = place::current()) const requires detail::atomic_integer<T> {
        return spot().modify([operand](T old) { return static_cast<T>(old ^ operand); }, where);
    }
    T operator&=(T operand) const requires detail::atomic_integer<T> {
        return static_cast<T>(fetch_and(operand, memory_order_seq_cst, place{}) & operand);
    }
    T operator|=(T operand) const requires detail::atomic_integer<T> {
        return static_cast<T>(fetch_or(operand, memory_order_seq_cst, place{}) | operand);
    }
    T operator^=(T operand) const requires detail::atomic_integer<T> {
        return static_cast<T>(fetch_xor(operand, memory_order_seq_cst, place{}) ^ operand);
    }

private:
    [[nodiscard, gnu::always_inline]] detail::atomic_spot<T> spot() const noexcept {
        return {identity_, *value_, detail::cell_form::referenced};
    }

    detail::cell identity_; // a copy of what the execution keeps for the address, once it has been asked
    T* value_;
};

} // namespace cppvaldi
