#pragma once

#include "fiber/fiber.hpp"
#include "fiber/stack_pool.hpp"

#include <boost/test/unit_test.hpp>

#include <exception>
#include <functional>
#include <utility>

namespace test {

using cppvaldi::fiber;
using cppvaldi::stack;
using cppvaldi::stack_pool;

/// A fiber on a stack of its own that is resumed by the test and yields to it.
class flow {
public:
    using body_function = std::function<void(flow&)>;

    flow(stack_pool& from, body_function body) : from_(from), memory_(from.acquire()), body_(std::move(body)) {
        self_.prepare(memory_, memory_.base, &live, this);
    }
    flow(const flow&) = delete;
    flow& operator=(const flow&) = delete;
    ~flow() {
        BOOST_TEST(ended_);
        from_.release(memory_);
    }

    void resume() {
        BOOST_REQUIRE(!ended_);
        main_.switch_to(self_);
    }
    void yield() { self_.switch_to(main_); }
    [[noreturn]] void leave() {
        ended_ = true;
        self_.leave_to(main_);
    }
    void yield_to(flow& other) { self_.switch_to(other.self_); }

    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] const stack& memory() const { return self_.memory(); }

private:
    static void live(void* argument) {
        flow& self = *static_cast<flow*>(argument);
        self.body_(self);
        self.leave();
    }

    static inline thread_local fiber main_;

    stack_pool& from_;
    stack memory_;
    body_function body_;
    bool ended_ = false;
    fiber self_;
};

/// A pool for a test; every stack comes back.
struct pooled {
    stack_pool pool{64 * 1024};
    ~pooled() {
        BOOST_TEST(pool.live() == 0U);
        BOOST_TEST(std::uncaught_exceptions() == 0);
        BOOST_TEST(!std::current_exception());
    }
};

} // namespace test
