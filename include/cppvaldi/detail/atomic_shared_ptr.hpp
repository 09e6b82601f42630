#pragma once

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/place.hpp>

#include <memory>
#include <utility>

/// The functions of `<memory>` that treat a plain `std::shared_ptr` as an atomic; the standard calls them deprecated. All that
/// are called for one pointer are on one object, as with `atomic_ref`.

namespace cppvaldi {

namespace detail {

template <typename T, typename Use>
decltype(auto) with_shared_ptr(const std::shared_ptr<T>* on, Use&& use) {
    const cell identity(on);
    return std::forward<Use>(use)(
        atomic_spot<std::shared_ptr<T>>{identity, const_cast<std::shared_ptr<T>&>(*on), cell_form::referenced});
}

} // namespace detail

template <typename T>
[[nodiscard]] bool atomic_is_lock_free(const std::shared_ptr<T>*) noexcept {
    return false;
}
template <typename T>
std::shared_ptr<T> atomic_load(const std::shared_ptr<T>* on, const place& where = place::current()) {
    return detail::with_shared_ptr(on, [&](auto spot) { return spot.load(where); });
}
template <typename T>
std::shared_ptr<T> atomic_load_explicit(const std::shared_ptr<T>* on, memory_order,
                                        const place& where = place::current()) {
    return detail::with_shared_ptr(on, [&](auto spot) { return spot.load(where); });
}
template <typename T>
void atomic_store(std::shared_ptr<T>* on, std::shared_ptr<T> desired, const place& where = place::current()) noexcept {
    detail::with_shared_ptr(on, [&](auto spot) { return spot.store(std::move(desired), where); });
}
template <typename T>
void atomic_store_explicit(std::shared_ptr<T>* on, std::shared_ptr<T> desired, memory_order,
                           const place& where = place::current()) noexcept {
    detail::with_shared_ptr(on, [&](auto spot) { return spot.store(std::move(desired), where); });
}
template <typename T>
std::shared_ptr<T> atomic_exchange(std::shared_ptr<T>* on, std::shared_ptr<T> desired,
                                   const place& where = place::current()) {
    return detail::with_shared_ptr(on, [&](auto spot) { return spot.exchange(std::move(desired), where); });
}
template <typename T>
std::shared_ptr<T> atomic_exchange_explicit(std::shared_ptr<T>* on, std::shared_ptr<T> desired, memory_order,
                                            const place& where = place::current()) {
    return detail::with_shared_ptr(on, [&](auto spot) { return spot.exchange(std::move(desired), where); });
}
template <typename T>
bool atomic_compare_exchange_weak(std::shared_ptr<T>* on, std::shared_ptr<T>* expected, std::shared_ptr<T> desired,
                                  const place& where = place::current()) {
    return detail::with_shared_ptr(on, [&](auto spot) {
        return spot.compare_exchange(*expected, std::move(desired), where);
    });
}
template <typename T>
bool atomic_compare_exchange_weak_explicit(std::shared_ptr<T>* on, std::shared_ptr<T>* expected,
                                           std::shared_ptr<T> desired, memory_order, memory_order,
                                           const place& where = place::current()) {
    return detail::with_shared_ptr(on, [&](auto spot) {
        return spot.compare_exchange(*expected, std::move(desired), where);
    });
}
template <typename T>
bool atomic_compare_exchange_strong(std::shared_ptr<T>* on, std::shared_ptr<T>* expected, std::shared_ptr<T> desired,
                                    const place& where = place::current()) {
    return detail::with_shared_ptr(on, [&](auto spot) {
        return spot.compare_exchange(*expected, std::move(desired), where);
    });
}
template <typename T>
bool atomic_compare_exchange_strong_explicit(std::shared_ptr<T>* on, std::shared_ptr<T>* expected,
                                             std::shared_ptr<T> desired, memory_order, memory_order,
                                             const place& where = place::current()) {
    return detail::with_shared_ptr(on, [&](auto spot) {
        return spot.compare_exchange(*expected, std::move(desired), where);
    });
}

} // namespace cppvaldi
