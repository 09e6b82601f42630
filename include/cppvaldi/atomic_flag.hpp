#pragma once

#include <cppvaldi/detail/atomic_spot.hpp>
#include <cppvaldi/memory_order.hpp>
#include <cppvaldi/place.hpp>

namespace cppvaldi {

/// `std::atomic_flag` under the kernel. What `atomic` says of itself is true of it too.
///
/// MAY SWITCH: every operation, inside an execution. Outside, each is a plain access.
class atomic_flag {
public:
    constexpr atomic_flag() noexcept = default;

    /// For `ATOMIC_FLAG_INIT`.
    constexpr atomic_flag(int set) noexcept : value_(set != 0) {}

    /// `name` is what reports call it; it is not copied.
    constexpr explicit atomic_flag(const char* name) noexcept : identity_(name) {}
    atomic_flag(const atomic_flag&) = delete;
    atomic_flag& operator=(const atomic_flag&) = delete;
    atomic_flag& operator=(const atomic_flag&) volatile = delete;

    [[gnu::always_inline]] bool test(memory_order = memory_order_seq_cst, const place& where = place::current()) const
        volatile {
        return spot().load(where);
    }
    [[gnu::always_inline]] bool test_and_set(memory_order = memory_order_seq_cst,
                                             const place& where = place::current()) volatile {
        return spot().exchange(true, where);
    }
    void clear(memory_order = memory_order_seq_cst, const place& where = place::current()) volatile noexcept {
        spot().store(false, where);
    }

    /// Blocks until it is notified and differs from `old`, or at once if it does.
    void wait(bool old, memory_order = memory_order_seq_cst, const place& where = place::current()) const volatile {
        spot().wait(old, where);
    }
    void notify_one(const place& where = place::current()) volatile noexcept { spot().notify_one(where); }
    void notify_all(const place& where = place::current()) volatile noexcept { spot().notify_all(where); }

private:
    [[nodiscard, gnu::always_inline]] detail::atomic_spot<bool> spot() const volatile noexcept {
        auto& self = const_cast<atomic_flag&>(*this);
        return {self.identity_, self.value_, detail::cell_form::atomic_flag};
    }

    [[no_unique_address]] detail::cell identity_; // the value lies in its padding
    bool value_ = false;
};

inline bool atomic_flag_test(const volatile atomic_flag* flag, const place& where = place::current()) {
    return flag->test(memory_order_seq_cst, where);
}
inline bool atomic_flag_test_explicit(const volatile atomic_flag* flag, memory_order order,
                                      const place& where = place::current()) {
    return flag->test(order, where);
}
inline bool atomic_flag_test_and_set(volatile atomic_flag* flag, const place& where = place::current()) {
    return flag->test_and_set(memory_order_seq_cst, where);
}
inline bool atomic_flag_test_and_set_explicit(volatile atomic_flag* flag, memory_order order,
                                              const place& where = place::current()) {
    return flag->test_and_set(order, where);
}
inline void atomic_flag_clear(volatile atomic_flag* flag, const place& where = place::current()) noexcept {
    flag->clear(memory_order_seq_cst, where);
}
inline void atomic_flag_clear_explicit(volatile atomic_flag* flag, memory_order order,
                                       const place& where = place::current()) noexcept {
    flag->clear(order, where);
}
inline void atomic_flag_wait(const volatile atomic_flag* flag, bool old, const place& where = place::current()) {
    flag->wait(old, memory_order_seq_cst, where);
}
inline void atomic_flag_wait_explicit(const volatile atomic_flag* flag, bool old, memory_order order,
                                      const place& where = place::current()) {
    flag->wait(old, order, where);
}
inline void atomic_flag_notify_one(volatile atomic_flag* flag, const place& where = place::current()) noexcept {
    flag->notify_one(where);
}
inline void atomic_flag_notify_all(volatile atomic_flag* flag, const place& where = place::current()) noexcept {
    flag->notify_all(where);
}

} // namespace cppvaldi
