// Executions inside executions: a starter may drive one, but not with objects that its own execution uses.

#include "support/says.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using cppvaldi::usage_error;

BOOST_AUTO_TEST_CASE(a_lock_that_the_outer_execution_has_is_refused_to_the_inner_one_and_stays_locked) {
    cppvaldi::mutex mutex("till");
    std::string order;
    cppvaldi::runner run;
    run.start("alice", [&] {
        cppvaldi::lock_guard held(mutex);
        cppvaldi::runner inner;
        inner.start("inner", [&] {
            mutex.lock();
            order += "? ";
        });
        BOOST_CHECK_EXCEPTION(inner.finish(), usage_error,
                              says({"mutex till is used in an execution that runs inside another one", "give each"}));
        order += "alice ";
    });
    run.start("bob", [&] {
        cppvaldi::lock_guard held(mutex);
        order += "bob";
    });
    run.finish();
    BOOST_TEST(order == "alice bob");
}

BOOST_AUTO_TEST_CASE(who_waits_in_the_outer_execution_is_not_lost) {
    cppvaldi::binary_semaphore ready(0, "ready");
    cppvaldi::runner run;
    cppvaldi::starter bob = run.start("bob", [&] { ready.acquire(); });
    cppvaldi::starter alice = run.start("alice", [&] {
        const cppvaldi::exploration inner = cppvaldi::explore([&] { ready.release(); }, cppvaldi::exhaustive{});
        BOOST_REQUIRE(inner.finding);
        BOOST_TEST(inner.finding->what == cppvaldi::finding::kind::misuse);
        BOOST_TEST(inner.finding->message.starts_with("semaphore ready is used in an execution"),
                   inner.finding->message);
        cppvaldi::checkpoint("explored");
        ready.release();
    });
    run.declare({bob.blocked(), alice.at("explored"), bob.finished()});
    run.run_to(alice.at("explored"));
    BOOST_TEST(bob.is_blocked());
    run.finish();
}

BOOST_AUTO_TEST_CASE(with_objects_of_its_own_an_inner_execution_is_like_any_other) {
    cppvaldi::mutex outside;
    cppvaldi::runner run;
    run.start("alice", [&] {
        cppvaldi::mutex own;
        for (int time = 0; time < 2; ++time) {
            const auto body = [&] {
                const auto lock_both = [&] { cppvaldi::scoped_lock held(own, outside); };
                cppvaldi::jthread other(lock_both);
                lock_both();
            };
            BOOST_TEST(cppvaldi::explore(body, cppvaldi::exhaustive{}).complete);
        }
        cppvaldi::lock_guard after(own); // the inner one is over
    });
    run.finish();
    BOOST_TEST(run.done());
}
