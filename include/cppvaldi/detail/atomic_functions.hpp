#pragma once

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/place.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

/// The free functions of `<atomic>`: each calls the member of its name.

namespace cppvaldi {

namespace detail {

// Not deduced: the argument is converted.
template <typename T>
using value_of = typename atomic<T>::value_type;
template <typename T>
using difference_of = typename atomic<T>::difference_type;

} // namespace detail

template <typename T>
[[nodiscard]] bool atomic_is_lock_free(const volatile atomic<T>* on) noexcept {
    return on->is_lock_free();
}

/// Sets the value; it is not a scheduling point, and the standard calls it deprecated.
template <typename T>
void atomic_init(volatile atomic<T>* on, detail::value_of<T> desired) noexcept {
    const_cast<atomic<T>*>(on)->init(std::move(desired));
}

template <typename T>
void atomic_store(volatile atomic<T>* on, detail::value_of<T> desired, const place& where = place::current()) noexcept {
    on->store(std::move(desired), memory_order_seq_cst, where);
}
template <typename T>
void atomic_store_explicit(volatile atomic<T>* on, detail::value_of<T> desired, memory_order order,
                           const place& where = place::current()) noexcept {
    on->store(std::move(desired), order, where);
}
template <typename T>
T atomic_load(const volatile atomic<T>* on, const place& where = place::current()) {
    return on->load(memory_order_seq_cst, where);
}
template <typename T>
T atomic_load_explicit(const volatile atomic<T>* on, memory_order order, const place& where = place::current()) {
    return on->load(order, where);
}
template <typename T>
T atomic_exchange(volatile atomic<T>* on, detail::value_of<T> desired, const place& where = place::current()) {
    return on->exchange(std::move(desired), memory_order_seq_cst, where);
}
template <typename T>
T atomic_exchange_explicit(volatile atomic<T>* on, detail::value_of<T> desired, memory_order order,
                           const place& where = place::current()) {
    return on->exchange(std::move(desired), order, where);
}
template <typename T>
bool atomic_compare_exchange_weak(volatile atomic<T>* on, detail::value_of<T>* expected, detail::value_of<T> desired,
                                  const place& where = place::current()) {
    return on->compare_exchange_weak(*expected, std::move(desired), memory_order_seq_cst, where);
}
template <typename T>
bool atomic_compare_exchange_weak_explicit(volatile atomic<T>* on, detail::value_of<T>* expected,
                                           detail::value_of<T> desired, memory_order success, memory_order failure,
                                           const place& where = place::current()) {
    return on->compare_exchange_weak(*expected, std::move(desired), success, failure, where);
}
template <typename T>
bool atomic_compare_exchange_strong(volatile atomic<T>* on, detail::value_of<T>* expected, detail::value_of<T> desired,
                                    const place& where = place::current()) {
    return on->compare_exchange_strong(*expected, std::move(desired), memory_order_seq_cst, where);
}
template <typename T>
bool atomic_compare_exchange_strong_explicit(volatile atomic<T>* on, detail::value_of<T>* expected,
                                             detail::value_of<T> desired, memory_order success, memory_order failure,
                                             const place& where = place::current()) {
    return on->compare_exchange_strong(*expected, std::move(desired), success, failure, where);
}
template <typename T>
T atomic_fetch_add(volatile atomic<T>* on, detail::difference_of<T> operand, const place& where = place::current()) {
    return on->fetch_add(operand, memory_order_seq_cst, where);
}
template <typename T>
T atomic_fetch_add_explicit(volatile atomic<T>* on, detail::difference_of<T> operand, memory_order order,
                            const place& where = place::current()) {
    return on->fetch_add(operand, order, where);
}
template <typename T>
T atomic_fetch_sub(volatile atomic<T>* on, detail::difference_of<T> operand, const place& where = place::current()) {
    return on->fetch_sub(operand, memory_order_seq_cst, where);
}
template <typename T>
T atomic_fetch_sub_explicit(volatile atomic<T>* on, detail::difference_of<T> operand, memory_order order,
                            const place& where = place::current()) {
    return on->fetch_sub(operand, order, where);
}
template <typename T>
T atomic_fetch_and(volatile atomic<T>* on, detail::value_of<T> operand, const place& where = place::current()) {
    return on->fetch_and(operand, memory_order_seq_cst, where);
}
template <typename T>
T atomic_fetch_and_explicit(volatile atomic<T>* on, detail::value_of<T> operand, memory_order order,
                            const place& where = place::current()) {
    return on->fetch_and(operand, order, where);
}
template <typename T>
T atomic_fetch_or(volatile atomic<T>* on, detail::value_of<T> operand, const place& where = place::current()) {
    return on->fetch_or(operand, memory_order_seq_cst, where);
}
template <typename T>
T atomic_fetch_or_explicit(volatile atomic<T>* on, detail::value_of<T> operand, memory_order order,
                           const place& where = place::current()) {
    return on->fetch_or(operand, order, where);
}
template <typename T>
T atomic_fetch_xor(volatile atomic<T>* on, detail::value_of<T> operand, const place& where = place::current()) {
    return on->fetch_xor(operand, memory_order_seq_cst, where);
}
template <typename T>
T atomic_fetch_xor_explicit(volatile atomic<T>* on, detail::value_of<T> operand, memory_order order,
                            const place& where = place::current()) {
    return on->fetch_xor(operand, order, where);
}
template <typename T>
void atomic_wait(const volatile atomic<T>* on, detail::value_of<T> old, const place& where = place::current()) {
    on->wait(std::move(old), memory_order_seq_cst, where);
}
template <typename T>
void atomic_wait_explicit(const volatile atomic<T>* on, detail::value_of<T> old, memory_order order,
                          const place& where = place::current()) {
    on->wait(std::move(old), order, where);
}
template <typename T>
void atomic_notify_one(volatile atomic<T>* on, const place& where = place::current()) noexcept {
    on->notify_one(where);
}
template <typename T>
void atomic_notify_all(volatile atomic<T>* on, const place& where = place::current()) noexcept {
    on->notify_all(where);
}

} // namespace cppvaldi
