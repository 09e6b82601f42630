// What a person sees of a starter that takes the process with it. Each crash is a child process.

#include "fiber/sanitizer.hpp"
#include "reading/crash_report.hpp"
#include "support/child.hpp"
#include "support/golden.hpp"
#include "support/luck.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cassert>
#include <cstddef>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using cppvaldi::decision;
using test::ended;
using test::in_a_child;

void fault() {
    auto* nowhere = static_cast<volatile int*>(::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    *nowhere = 1;
}

/// Two starters, and `crash` where the first has read before and written after the other.
void world(const std::function<void()>& crash) {
    cppvaldi::atomic<int> value{0};
    cppvaldi::thread alice{"alice", [&] {
                               const int seen = value.load();
                               cppvaldi::checkpoint("read");
                               value.store(seen + 1);
                           }};
    cppvaldi::thread bob{"bob", [&] {
                             const int seen = value.load();
                             value.store(seen + 1);
                             if (value.load() == 1 && seen == 0) {
                                 cppvaldi::checkpoint("written");
                                 if (value.load() == 1) {
                                     crash();
                                 }
                             }
                         }};
    alice.join();
    bob.join();
}

/// Explores it in a child process, with `token` in its environment if that is not empty.
ended explore_in_a_child(const std::function<void()>& crash, const std::string& token = "",
                         const cppvaldi::execution_options& each = {}) {
    return in_a_child([&] {
        if (!token.empty()) {
            ::setenv("CPPVALDI_REPLAY", token.c_str(), 1);
        }
        (void)cppvaldi::explore([&] { world(crash); }, cppvaldi::exhaustive{}, {.each = each});
    });
}

std::string token_in(const std::string& text) {
    const std::string before = "CPPVALDI_REPLAY=";
    const std::size_t at = text.rfind(before);
    BOOST_REQUIRE(at != std::string::npos);
    return text.substr(at + before.size(), text.find('\n', at) - at - before.size());
}

std::string token_written(const std::vector<decision>& decisions, std::size_t starters) {
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    {
        cppvaldi::signal_text text(ends[1]);
        if (!cppvaldi::write_token(text, decisions, starters)) {
            text << "refused";
        }
    }
    ::close(ends[1]);
    std::string read;
    char piece[512];
    for (::ssize_t got = 0; (got = ::read(ends[0], piece, sizeof piece)) > 0;) {
        read.append(piece, static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    return read;
}

} // namespace

#if !CPPVALDI_ADDRESS_SANITIZER // which reports crashes itself

BOOST_AUTO_TEST_CASE(a_fault_says_who_where_everybody_is_and_how_to_get_there_again) {
    const ended crashed = explore_in_a_child(&fault);
    BOOST_TEST(crashed.signal == SIGSEGV);
    check_golden("reading/golden/crash.txt", crashed.standard_error);
}

BOOST_AUTO_TEST_CASE(the_token_leads_to_the_crash_and_shows_the_last_steps) {
    const ended crashed = explore_in_a_child(&fault);
    const ended again = explore_in_a_child(&fault, token_in(crashed.standard_error));
    BOOST_TEST(again.signal == SIGSEGV);
    check_golden("reading/golden/crash_again.txt", again.standard_error);
    BOOST_TEST(token_in(again.standard_error) == token_in(crashed.standard_error));
}

BOOST_AUTO_TEST_CASE(aborts_terminations_failed_assertions_and_overflows_are_crashes) {
    const auto crash = [](const std::function<void()>& how, int signal, const std::string& name) {
        const ended crashed = explore_in_a_child(how);
        BOOST_TEST(crashed.signal == signal);
        BOOST_TEST(crashed.standard_error.find("cppvaldi: starter 'bob' crashes (" + name + ")") != std::string::npos,
                   crashed.standard_error);
        BOOST_TEST(token_in(crashed.standard_error).starts_with("cv1_"));
    };
    crash([] { std::abort(); }, SIGABRT, "SIGABRT");
    crash([] { std::terminate(); }, SIGABRT, "SIGABRT");
    const auto raise = [] { throw std::runtime_error("out of a noexcept function"); };
    crash([&]() noexcept { raise(); }, SIGABRT, "SIGABRT");
    crash([] { ::raise(SIGABRT); }, SIGABRT, "SIGABRT");
    crash([] { __assert_fail("false", "crash.cpp", 1, "test"); }, SIGABRT, "SIGABRT");
    crash([] { __builtin_trap(); }, SIGILL, "SIGILL");
    std::function<int(int)> dig = [&](int depth) { return depth == 1 << 30 ? 0 : 1 + dig(depth + 1); };
    crash([&] { (void)dig(0); }, SIGSEGV, "SIGSEGV");
}

BOOST_AUTO_TEST_CASE(a_runner_reports_crashes_with_its_steps) {
    const ended crashed = in_a_child([] {
        cppvaldi::runner run;
        run.start("alice", [] {
            cppvaldi::checkpoint("here");
            fault();
        });
        run.finish();
    });
    BOOST_TEST(crashed.signal == SIGSEGV);
    check_golden("reading/golden/crash_in_runner.txt", crashed.standard_error);
}

BOOST_AUTO_TEST_CASE(it_can_be_turned_off) {
    const ended crashed = explore_in_a_child(&fault, "", {.crash_reports = false});
    BOOST_TEST(crashed.signal == SIGSEGV);
    BOOST_TEST(crashed.standard_error == "");
}

BOOST_AUTO_TEST_CASE(a_crash_outside_executions_is_nobody_s) {
    const ended crashed = in_a_child([] {
        (void)cppvaldi::explore([] { world([] {}); }, cppvaldi::exhaustive{});
        fault();
    });
    BOOST_TEST(crashed.signal == SIGSEGV);
    BOOST_TEST(crashed.standard_error == "");
}

BOOST_AUTO_TEST_CASE(who_handles_a_fault_is_not_told_of_a_crash) {
    const ended crashed = in_a_child([] {
        ::signal(SIGSEGV, [](int) { ::_exit(3); });
        (void)cppvaldi::explore([] { world(&fault); }, cppvaldi::exhaustive{});
    });
    BOOST_TEST(crashed.status == 3);
    BOOST_TEST(crashed.standard_error == "");
}

#endif

BOOST_AUTO_TEST_CASE(its_token_is_the_schedule_s) {
    luck chance(1);
    for (int round = 0; round < 2'000; ++round) {
        const std::size_t starters = 1 + chance.below(round % 10 == 0 ? 900 : 6);
        std::vector<decision> decisions;
        for (std::size_t count = chance.below(60); count > 0; --count) {
            if (!decisions.empty() && chance.once_in(3)) {
                decisions.push_back(decisions.back());
            } else if (chance.once_in(5)) {
                decisions.push_back({decision::kind::value, static_cast<std::uint32_t>(chance.below(100))});
            } else {
                decisions.push_back({decision::kind::starter, static_cast<std::uint32_t>(chance.below(starters))});
            }
        }
        BOOST_TEST_REQUIRE(token_written(decisions, starters) == cppvaldi::schedule(decisions).token());
    }
}

BOOST_AUTO_TEST_CASE(too_many_starters_have_no_token_in_a_signal_handler) {
    BOOST_TEST(token_written({{decision::kind::starter, 5}}, 1024) ==
               cppvaldi::schedule({{decision::kind::starter, 5}}).token());
    BOOST_TEST(token_written({{decision::kind::starter, 5}}, 1025) == "refused");
}
