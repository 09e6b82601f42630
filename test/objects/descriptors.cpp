// Waiting for descriptors: who is blocked, until when, and what is said of it.

#include <cppvaldi/cppvaldi.hpp>

#include "support/alone.hpp"
#include "support/fixture.hpp"
#include "support/sockets.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <sys/time.h>

using namespace cppvaldi;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(descriptors, clean_world)

// --- who waits is blocked ---

BOOST_AUTO_TEST_CASE(a_reader_of_a_pipe_is_blocked_until_there_is_something) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    std::string got;
    runner run;
    const starter alice = run.start("alice", [&] { read_some(from, got); });
    const starter bob = run.start("bob", [&] {
        checkpoint("before");
        write_text(to, "hello");
        checkpoint("written");
    });
    run.declare({alice.blocked(), bob.at("before"), bob.at("written"), alice.finished()});
    run.next();
    BOOST_TEST(alice.is_blocked());
    BOOST_TEST(run.status().find("alice  waits for descriptor " + std::to_string(from.number()) +
                                 " to be readable at descriptors.cpp:") != std::string::npos);
    BOOST_TEST(run.timeline().find("waits for descriptor " + std::to_string(from.number()) + " to be readable") !=
               std::string::npos);
    run.run_to(alice.finished());
    BOOST_TEST(got == "hello");
    run.finish();
}

BOOST_AUTO_TEST_CASE(blocked_is_reached_without_waiting_for_the_world_outside) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    std::string got;
    runner run({.patience_before_deadlock = 1h}); // would take that long
    const starter alice = run.start("alice", [&] { read_some(from, got); });
    run.run_to(alice.blocked());
    BOOST_TEST(::write(to.number(), "now", 3) == 3); // by who drives
    run.finish();
    BOOST_TEST(got == "now");
}

BOOST_AUTO_TEST_CASE(a_declared_order_is_kept_although_those_who_could_run_are_held) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    std::string got;
    runner run;
    const starter alice = run.start("alice", [&] {
        read_some(from, got);
        checkpoint("read");
    });
    const starter bob = run.start("bob", [&] {
        write_text(to, "hello");
        checkpoint("written");
        checkpoint("later");
    });
    run.declare({alice.blocked(), bob.at("written"), alice.at("read"), bob.at("later")});
    run.run_to(bob.at("written"));
    run.run_to(alice.at("read")); // bob could go on, but must not
    BOOST_TEST(got == "hello");
    run.finish();
}

BOOST_AUTO_TEST_CASE(two_wait_for_the_same_descriptor_and_each_gets_what_is_there) {
    auto from_and_to = socket_pair(SOCK_DGRAM);
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    std::vector<std::string> got(2);
    runner run;
    const starter first = run.start("first", [&] { read_some(from, got[0]); });
    const starter second = run.start("second", [&] { read_some(from, got[1]); });
    const starter writer = run.start("writer", [&] {
        write_text(to, "one");
        checkpoint("one is written");
        checkpoint("other is next");
        write_text(to, "other");
    });
    run.declare({first.blocked(), second.blocked(), writer.at("one is written"), first.finished(), second.blocked(),
                 writer.at("other is next"), second.finished()});
    run.finish();
    BOOST_TEST(got[0] == "one");
    BOOST_TEST(got[1] == "other");
}

BOOST_AUTO_TEST_CASE(all_that_are_ready_at_once_go_on) {
    auto first_and_to_first = make_pipe();
    owned_descriptor& first = first_and_to_first.first;
    owned_descriptor& to_first = first_and_to_first.second;
    auto second_and_to_second = make_pipe();
    owned_descriptor& second = second_and_to_second.first;
    owned_descriptor& to_second = second_and_to_second.second;
    auto third_and_to_third = make_pipe();
    owned_descriptor& third = third_and_to_third.first;
    owned_descriptor& to_third = third_and_to_third.second;
    std::string order;
    runner run;
    run.start("1", [&, &from = first] {
        wait_readable(from.number());
        order += '1';
    });
    run.start("2", [&, &from = second] {
        wait_readable(from.number());
        order += '2';
    });
    run.start("3", [&, &from = third] {
        wait_readable(from.number());
        order += '3';
    });
    run.run_to(at("3", "blocked"));
    for (const owned_descriptor* each : {&to_first, &to_second, &to_third}) {
        BOOST_TEST(::write(each->number(), "x", 1) == 1);
    }
    run.finish();
    BOOST_TEST(order == "123");
}

BOOST_AUTO_TEST_CASE(what_comes_from_another_os_thread_is_waited_for) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    std::string got;
    runner run;
    run.start("alice", [&] { read_some(from, got); });
    std::thread outside([to = to.number()] { BOOST_TEST(::write(to, "hello", 5) == 5); });
    run.finish();
    outside.join();
    BOOST_TEST(got == "hello");
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_descriptor_is_unwound_with_its_execution) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    bool destroyed = false;
    {
        runner run;
        const starter alice = run.start("alice", [&] {
            struct reads_at_the_end {
                const owned_descriptor& from;
                bool& destroyed;
                ~reads_at_the_end() {
                    char byte = 0;
                    BOOST_TEST(cppvaldi::read(from.number(), &byte, 1) == -1); // does not wait for ever
                    destroyed = errno == ECANCELED;
                }
            } local{from, destroyed};
            wait_readable(from.number());
        });
        run.run_to(alice.blocked());
    }
    BOOST_TEST(destroyed);
}

// --- deadlines ---

BOOST_AUTO_TEST_CASE(waits_with_a_deadline_say_whether_it_is_ready) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    alone([&] {
        BOOST_TEST(!wait_readable(from.number(), 1s));
        BOOST_TEST(!wait_readable(from.number(), 0s));
        BOOST_TEST((steady_clock::now() == steady_clock::time_point(1s)));
        BOOST_TEST(wait_writable(to.number(), 1s));
        BOOST_TEST(wait_writable(to.number(), steady_clock::now()));
        write_text(to, "x");
        BOOST_TEST(wait_readable(from.number(), 0s));
        BOOST_TEST(wait_readable(from.number(), system_clock::now() + 1h));
        wait_readable(from.number());
        wait_writable(to.number());
        BOOST_TEST((steady_clock::now() == steady_clock::time_point(1s)));
    });
}

BOOST_AUTO_TEST_CASE(under_search_a_deadline_may_come_before_the_event_but_not_after_it) {
    bool timed_out = false;
    bool in_time = false;
    const exploration all = explore(
        [&] {
            auto from_and_to = make_pipe();
            owned_descriptor& from = from_and_to.first;
            owned_descriptor& to = from_and_to.second;
            bool written = false;
            thread writer("writer", [&] {
                write_text(to, "x");
                written = true;
            });
            const bool ready = wait_readable(from.number(), 1s);
            require(ready == written);
            (ready ? in_time : timed_out) = true;
            writer.join();
        },
        exhaustive{});
    BOOST_TEST(all.complete);
    BOOST_TEST(timed_out);
    BOOST_TEST(in_time);
}

BOOST_AUTO_TEST_CASE(a_sockets_own_time_limit_counts_in_virtual_time) {
    auto socket_and_other = socket_pair();
    owned_descriptor& socket = socket_and_other.first;
    const timeval limit{3600, 0};
    expect_success(::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    alone([&] {
        std::string text;
        BOOST_TEST(read_some(socket, text) == -1);
        BOOST_TEST(errno == EAGAIN);
        BOOST_TEST((steady_clock::now() == steady_clock::time_point(1h)));
    });
}

BOOST_AUTO_TEST_CASE(time_does_not_move_while_something_comes_from_outside) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    runner run({.patience_before_time_moves = 5s});
    bool ready = false;
    run.start("alice", [&] { ready = wait_readable(from.number(), 1ms); });
    run.run_to(at("alice", "blocked"));
    std::thread outside([to = to.number()] { BOOST_TEST(::write(to, "x", 1) == 1); });
    run.finish();
    outside.join();
    BOOST_TEST(ready);
}

// --- what cannot go on ---

BOOST_AUTO_TEST_CASE(who_waits_in_vain_is_reported_with_the_descriptor) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    runner run({.patience_before_deadlock = 1ms});
    run.start("alice", [&] { wait_readable(from.number()); });
    BOOST_CHECK_EXCEPTION(run.finish(), deadlock, [&](const deadlock& found) {
        return std::string(found.what())
                   .find("waits for descriptor " + std::to_string(from.number()) + " to be readable") !=
               std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(who_spins_while_another_waits_in_vain_is_found) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    runner run({.patience_before_deadlock = 20ms});
    bool got = false;
    run.start("alice", [&] {
        wait_readable(from.number());
        got = true;
    });
    run.start("spins", [&] {
        while (!got) {
            this_thread::yield();
        }
    });
    BOOST_CHECK_THROW(run.finish(), livelock);
}

BOOST_AUTO_TEST_CASE(invalid_descriptors_are_not_waited_for) {
    alone([] {
        char byte = 0;
        BOOST_TEST(cppvaldi::read(-1, &byte, 1) == -1);
        BOOST_TEST(errno == EBADF);
        BOOST_TEST(cppvaldi::send(-1, &byte, 1, 0) == -1);
        BOOST_TEST(errno == EBADF);
        wait_readable(-1);
        auto from_and_to = make_pipe();
        owned_descriptor& from = from_and_to.first;
        const int closed = from.number();
        from.reset();
        BOOST_TEST(wait_readable(closed, 1s));
        BOOST_TEST(cppvaldi::accept(closed, nullptr, nullptr) == -1);
        BOOST_TEST(errno == EBADF);
        BOOST_TEST((steady_clock::now() == steady_clock::time_point()));
    });
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_is_closed_while_it_is_waited_for_is_an_error_of_the_call) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    runner run;
    const starter alice = run.start("alice", [&] {
        char byte = 0;
        BOOST_TEST(cppvaldi::read(from.number(), &byte, 1) == -1);
        BOOST_TEST(errno == EBADF);
        return errno;
    });
    const int number = from.number();
    run.run_to(alice.blocked());
    ::close(number);
    run.finish();
    BOOST_TEST(alice.result<int>() == EBADF);
    (void)::dup2(to.number(), number); // for its owner to close
}

BOOST_AUTO_TEST_SUITE_END()
