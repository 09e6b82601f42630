// `wait` and `notify` between starters, and what is said of those that wait in vain.

#include "support/lives.hpp"

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

using outcome = cppvaldi::execution::outcome;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string refusal(cppvaldi::runner& run) {
    try {
        run.finish();
    } catch (const cppvaldi::execution_error& error) {
        return error.what();
    }
    return "nothing was refused";
}

} // namespace

BOOST_AUTO_TEST_SUITE(atomic_wait)

BOOST_AUTO_TEST_CASE(who_waits_for_a_change_that_has_come_goes_on_at_once) {
    cppvaldi::atomic<int> number(1);
    number.wait(0); // also outside an execution
    BOOST_TEST((test::ends_either_way({{"waiter", [&] { number.wait(0); }}})));
}

BOOST_AUTO_TEST_CASE(who_waits_is_blocked_until_a_notification_and_not_until_the_change) {
    cppvaldi::atomic<int> number(0);
    cppvaldi::runner run;
    const cppvaldi::starter waiter = run.start("waiter", [&] { number.wait(0); });
    const cppvaldi::starter notifier = run.start("notifier", [&] {
        number.store(1);
        cppvaldi::checkpoint("stored");
        number.notify_one();
    });
    run.declare({waiter.blocked(), notifier.at("stored"), waiter.finished()});
    BOOST_TEST(run.next()->text() == "waiter:blocked");
    (void)run.next();
    BOOST_TEST(waiter.is_blocked());
    run.finish();
    BOOST_TEST(waiter.is_finished());
}

BOOST_AUTO_TEST_CASE(a_notification_without_a_change_wakes_nobody_for_good) {
    cppvaldi::atomic<int> number(0, "number");
    cppvaldi::runner run;
    const cppvaldi::starter waiter = run.start("waiter", [&] { number.wait(0); });
    const cppvaldi::starter notifier = run.start("notifier", [&] {
        number.notify_all();
        cppvaldi::checkpoint("notified");
        number.store(1);
        number.notify_all();
    });
    run.declare({waiter.blocked(), notifier.at("notified"), waiter.blocked(), notifier.finished(), waiter.finished()});
    run.run_to(notifier.at("notified"));
    BOOST_TEST(!waiter.is_blocked()); // it looks whether the value has changed
    (void)run.next();
    BOOST_TEST(waiter.is_blocked());
    run.finish();
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(a_change_that_is_taken_back_before_the_waiter_looks_is_not_seen) {
    cppvaldi::atomic<int> number(0);
    cppvaldi::runner run;
    const cppvaldi::starter waiter = run.start("waiter", [&] { number.wait(0); });
    const cppvaldi::starter notifier = run.start("notifier", [&] {
        number.store(1);
        number.notify_one();
        number.store(0);
    });
    run.declare({waiter.blocked(), notifier.finished()});
    const std::string said = refusal(run);
    BOOST_TEST(contains(said, "deadlock: "));
    BOOST_TEST(contains(said, "notifier notified it"));
    BOOST_TEST(waiter.is_blocked());
}

BOOST_AUTO_TEST_CASE(a_notification_before_the_wait_is_lost_and_the_report_says_so) {
    cppvaldi::atomic<int> number(0, "number");
    cppvaldi::runner run;
    const cppvaldi::starter notifier = run.start("notifier", [&] { number.notify_one(); });
    const cppvaldi::starter waiter = run.start("waiter", [&] { number.wait(0); });
    run.declare({notifier.finished(), waiter.started()});
    const std::string said = refusal(run);
    BOOST_TEST_INFO(said);
    BOOST_TEST(contains(said, "waits for atomic number at atomic_wait.cpp:"));
    BOOST_TEST(contains(said, "; notifier notified it at atomic_wait.cpp:"));
    BOOST_TEST(contains(said, " before, when it was not yet waited for"));
}

BOOST_AUTO_TEST_CASE(a_change_that_nobody_notifies_is_reported) {
    cppvaldi::atomic<int> number(0, "number");
    cppvaldi::runner run;
    const cppvaldi::starter waiter = run.start("waiter", [&] { number.wait(0); });
    const cppvaldi::starter changer = run.start("changer", [&] { number.store(1); });
    run.declare({waiter.blocked(), changer.finished()});
    BOOST_TEST(contains(refusal(run), "; it has changed, but nobody has notified it"));

    cppvaldi::runner other;
    other.start("waiter", [&] { number.wait(1); });
    BOOST_TEST(contains(refusal(other), "; nobody has notified it"));
}

BOOST_AUTO_TEST_CASE(one_notification_wakes_any_one_of_several_waiters) {
    std::set<std::string> woken;
    std::string last;
    const int schedules = test::play_all(
        [&] {
            auto number = std::make_shared<cppvaldi::atomic<int>>(0);
            last.clear();
            const auto wait = [number, &last](const char* name) {
                return [number, &last, name] {
                    number->wait(0);
                    last = name;
                };
            };
            return std::vector<test::named>{{"alice", wait("alice")}, {"bob", wait("bob")}, {"carol", [number] {
                                                                                                 number->store(1);
                                                                                                 number->notify_one();
                                                                                             }}};
        },
        [&](outcome came_back) {
            if (came_back == outcome::stuck) { // both waited, and one was woken
                woken.insert(last);
            }
        });
    BOOST_TEST(woken == (std::set<std::string>{"alice", "bob"}), boost::test_tools::per_element());
    BOOST_TEST(schedules > 0);
}

BOOST_AUTO_TEST_CASE(a_notification_of_all_leaves_nobody_behind_in_any_schedule) {
    const int schedules = test::play_all(
        [] {
            auto number = std::make_shared<cppvaldi::atomic<int>>(0);
            const auto wait = [number] { number->wait(0); };
            return std::vector<test::named>{{"alice", wait}, {"bob", wait}, {"carol", [number] {
                                                                                 number->store(1);
                                                                                 number->notify_all();
                                                                             }}};
        },
        [](outcome came_back) { BOOST_TEST((came_back == outcome::all_finished)); });
    BOOST_TEST(schedules > 0);
}

BOOST_AUTO_TEST_CASE(a_notification_of_one_atomic_wakes_nobody_at_another) {
    cppvaldi::atomic<int> waited_for(0);
    cppvaldi::atomic<int> other(0);
    cppvaldi::runner run;
    const cppvaldi::starter waiter = run.start("waiter", [&] { waited_for.wait(0); });
    const cppvaldi::starter notifier = run.start("notifier", [&] {
        waited_for.store(1);
        other.notify_all();
    });
    run.declare({waiter.blocked(), notifier.finished()});
    BOOST_CHECK_THROW(run.finish(), cppvaldi::deadlock);
}

BOOST_AUTO_TEST_CASE(shared_pointers_can_be_waited_for) {
    cppvaldi::atomic<std::shared_ptr<int>> pointer;
    int seen = 0;
    BOOST_TEST((test::ends_either_way({{"waiter",
                                        [&] {
                                            pointer.wait(nullptr);
                                            seen = *pointer.load();
                                            pointer = nullptr;
                                        }},
                                       {"setter", [&] {
                                            pointer.store(std::make_shared<int>(7));
                                            pointer.notify_one();
                                        }}})));
    BOOST_TEST(seen == 7);
}

BOOST_AUTO_TEST_SUITE_END()
