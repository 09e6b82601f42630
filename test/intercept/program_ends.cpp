/// abort, exit and failed assertions are findings, and the search goes on.

#undef NDEBUG
#include "exploring.hpp"

#include <cppvaldi/checkpoint.hpp>

#include <cassert>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>
#include <thread>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

BOOST_AUTO_TEST_CASE(a_failed_assertion_is_a_finding_that_says_where) {
    const cppvaldi::finding failed = found([] {
        int balance = 100;
        std::thread other([&] { balance = 50; });
        std::this_thread::yield();
        assert(balance == 100);
        other.join();
    });
    BOOST_TEST(failed.what == cppvaldi::finding::kind::assertion);
    BOOST_TEST(failed.message.find("assertion 'balance == 100' failed at program_ends.cpp:") == 0U);
}

BOOST_AUTO_TEST_CASE(an_abort_is_a_finding) {
    const cppvaldi::finding aborted = found([] {
        std::thread other([] { std::abort(); });
        other.join();
    });
    BOOST_TEST(aborted.what == cppvaldi::finding::kind::aborted);
}

BOOST_AUTO_TEST_CASE(an_exit_with_another_status_than_0_is_a_finding) {
    const cppvaldi::finding left = found([] {
        std::thread other([] { std::exit(3); });
        other.join();
    });
    BOOST_TEST(left.what == cppvaldi::finding::kind::exit_status);
    BOOST_TEST(left.message.find("exit(3) is called") == 0U);
    BOOST_TEST(found([] { ::_exit(4); }).message.find("exit(4) is called") == 0U);
    BOOST_TEST(found([] { std::_Exit(4); }).message.find("exit(4) is called") == 0U);
    BOOST_TEST(found([] { std::quick_exit(4); }).message.find("exit(4) is called") == 0U);
    BOOST_TEST(found([] { ::syscall(SYS_exit_group, 4); }).message.find("exit(4) is called") == 0U);
}

BOOST_AUTO_TEST_CASE(who_is_cut_off_where_it_cannot_be_unwound_is_named_once) {
    const auto body = [](bool joins) {
        std::mutex first;
        const std::lock_guard held(first);
        std::thread other([&] { const std::lock_guard waits(first); });
        cppvaldi::checkpoint("made");
        if (joins) {
            other.join();
        } else {
            std::exit(0);
        }
    };
    const cppvaldi::exploration deadlocked = cppvaldi::explore([&] { body(true); }, cppvaldi::dpor{});
    BOOST_TEST(deadlocked.finding.has_value());
    BOOST_TEST(deadlocked.remark.starts_with("starter 'main' at ")); // a line or a function
    BOOST_TEST(deadlocked.remark.ends_with("so what lies on its stack is not destroyed"));
    const cppvaldi::exploration left =
        cppvaldi::explore([&] { body(false); }, cppvaldi::random{.seed = 1}, {.executions = 20});
    BOOST_TEST(!left.finding.has_value());
    BOOST_TEST(left.remark.find("is not destroyed") == left.remark.rfind("is not destroyed"));
    BOOST_TEST(left.remark.find("is not destroyed") != std::string::npos);
    const cppvaldi::exploration clean = cppvaldi::explore(
        [] {
            std::thread other([] {});
            other.join();
        },
        cppvaldi::dpor{});
    BOOST_TEST(clean.remark == "");
}

BOOST_AUTO_TEST_CASE(an_exit_with_status_0_ends_the_execution_and_nothing_is_wrong) {
    static int after = 0;
    holds([] {
        std::thread other([] { std::exit(0); });
        other.join();
        ++after;
    });
    BOOST_TEST(after == 0);
}

BOOST_AUTO_TEST_CASE(a_forked_child_is_a_process_of_its_own) {
    holds(
        [] {
            std::thread other([] {
                const pid_t child = ::fork();
                if (child == 0) {
                    ::_exit(std::time(nullptr) > 1'000'000'000 ? 7 : 8); // real time, and a real end
                }
                int how = 0;
                EXPECT(::waitpid(child, &how, 0) == child);
                EXPECT(WIFEXITED(how) && WEXITSTATUS(how) == 7);
            });
            other.join();
        },
        5);
}

BOOST_AUTO_TEST_CASE(starters_that_are_cut_off_leave_nothing_that_disturbs_the_next_execution) {
    static thread_local int own = 1;
    holds([] {
        EXPECT(own == 1);
        own = 2;
        std::thread waiting([] {
            own = 3;
            for (;;) {
                std::this_thread::yield();
            }
        });
        std::thread leaving([] {
            EXPECT(own == 1);
            std::exit(0);
        });
        leaving.join();
        waiting.join();
    });
}
