#pragma once

#include "runner/session.hpp"

#include <boost/test/unit_test.hpp>

/// Around a test case: whatever it did, no runner is left afterwards and every stack is back in its pool.
struct clean_world {
    clean_world() { check(); }
    clean_world(const clean_world&) = delete;
    clean_world& operator=(const clean_world&) = delete;
    ~clean_world() { check(); }

    static void check() {
        const auto counted = cppvaldi::detail::session::count();
        BOOST_TEST(counted.in_use == 0U);
        BOOST_TEST(counted.live_stacks == 0U);
    }
};
