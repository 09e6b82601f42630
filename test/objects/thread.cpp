// thread, thread::id and this_thread, member by member, and then the interleavings.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/says.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

using cppvaldi::thread;
using cppvaldi::usage_error;
namespace this_thread = cppvaldi::this_thread;

namespace {

struct counter {
    int value = 0;
    void add(int more) { value += more; }
};

/// Fails to be copied into a thread.
struct uncopyable_today {
    uncopyable_today() = default;
    uncopyable_today(const uncopyable_today&) { throw std::runtime_error("copied"); }
    uncopyable_today& operator=(const uncopyable_today&) = default;
    ~uncopyable_today() = default;
    void operator()() const {}
};

} // namespace

BOOST_AUTO_TEST_CASE(threads_are_made_and_moved_as_the_standard_says) {
    static_assert(std::is_nothrow_default_constructible_v<thread>);
    static_assert(std::is_nothrow_move_constructible_v<thread> && std::is_nothrow_move_assignable_v<thread>);
    static_assert(!std::is_copy_constructible_v<thread> && !std::is_copy_assignable_v<thread>);
    static_assert(!std::is_convertible_v<void (*)(), thread>);
    static_assert(!std::is_constructible_v<thread, int>); // cannot be called
    static_assert(!std::is_constructible_v<thread, void (*)(int)>);
    alone([] {
        thread none;
        BOOST_TEST(!none.joinable());
        BOOST_TEST((none.get_id() == thread::id()));
        thread first([] {});
        const thread::id id = first.get_id();
        BOOST_TEST(first.joinable());
        thread second(std::move(first));
        BOOST_TEST(!first.joinable());
        BOOST_TEST((second.get_id() == id));
        none = std::move(second);
        BOOST_TEST((none.get_id() == id));
        swap(none, second);
        BOOST_TEST(!none.joinable());
        second.swap(none);
        BOOST_TEST((none.get_id() == id));
        none.join();
        BOOST_TEST(!none.joinable());
        BOOST_TEST((none.get_id() == thread::id()));
    });
}

BOOST_AUTO_TEST_CASE(what_it_calls_gets_copies_of_the_arguments_as_rvalues) {
    alone([] {
        counter by_reference;
        counter copied;
        auto owned = std::make_unique<int>(4);
        int got = 0;
        thread first(&counter::add, &by_reference, 3);
        thread second(&counter::add, copied, 3);
        thread third([&](std::unique_ptr<int> value) { got = *value; }, std::move(owned));
        thread fourth([](counter& real) { real.add(1); }, std::ref(by_reference));
        first.join();
        second.join();
        third.join();
        fourth.join();
        BOOST_TEST(by_reference.value == 4);
        BOOST_TEST(copied.value == 0);
        BOOST_TEST(got == 4);
        BOOST_TEST(!owned);
    });
}

BOOST_AUTO_TEST_CASE(when_the_callable_cannot_be_copied_there_is_no_thread) {
    alone([] {
        const uncopyable_today callable;
        BOOST_CHECK_THROW(thread started(callable), std::runtime_error);
        thread fine([] {});
        fine.join();
    });
}

BOOST_AUTO_TEST_CASE(a_name_comes_first_and_one_that_is_taken_gets_a_number) {
    cppvaldi::runner run;
    run.start("alice", [] {
        thread first("worker", [] { cppvaldi::checkpoint("there"); });
        thread second(
            std::string("worker"), [](int) {}, 1);
        thread unnamed([] {});
        first.join();
        second.join();
        unnamed.join();
    });
    run.finish();
    const auto names = run.trace_so_far().starters;
    BOOST_TEST((names == std::vector<std::string>{"alice", "worker", "worker-2", "thread-3"}));
}

BOOST_AUTO_TEST_CASE(join_waits_for_the_end_of_the_thread) {
    const endings found = all_schedules([](std::string& said) {
        int done = 0;
        thread first([&] {
            this_thread::yield();
            ++done;
        });
        thread second([&] { ++done; });
        first.join();
        second.join();
        said = std::to_string(done);
    });
    BOOST_TEST(found.are({"2"}), found);
}

BOOST_AUTO_TEST_CASE(joining_what_cannot_be_joined_is_an_error_as_in_the_standard) {
    alone([] {
        thread none;
        BOOST_CHECK_EXCEPTION(none.join(), std::system_error, has_code(std::errc::invalid_argument));
        BOOST_CHECK_EXCEPTION(none.detach(), std::system_error, has_code(std::errc::invalid_argument));
        thread once([] {});
        once.join();
        BOOST_CHECK_EXCEPTION(once.join(), std::system_error, has_code(std::errc::invalid_argument));
        thread gone([] {});
        gone.detach();
        BOOST_TEST(!gone.joinable());
        BOOST_CHECK_EXCEPTION(gone.join(), std::system_error, has_code(std::errc::invalid_argument));
        thread itself;
        itself = thread([&] {
            BOOST_CHECK_EXCEPTION(itself.join(), std::system_error, has_code(std::errc::resource_deadlock_would_occur));
        });
        this_thread::yield();
        itself.join();
    });
}

BOOST_AUTO_TEST_CASE(a_detached_thread_runs_to_its_end_before_the_execution_is_over) {
    bool done = false;
    cppvaldi::runner run;
    run.start("alice", [&] {
        thread([&] {
            this_thread::yield();
            done = true;
        }).detach();
    });
    run.finish();
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE(destroying_or_assigning_to_a_joinable_thread_is_reported) {
    BOOST_CHECK_EXCEPTION(alone([] { thread lost("worker", [] {}); }), usage_error,
                          says({"the thread 'worker' is destroyed or assigned to while it is joinable",
                                "join or detach it before"}));
    BOOST_CHECK_THROW(alone([] {
                          thread lost([] {});
                          lost = thread();
                          lost.join();
                      }),
                      usage_error);
}

BOOST_AUTO_TEST_CASE(an_exception_that_leaves_a_thread_ends_the_execution) {
    BOOST_CHECK_EXCEPTION(alone([] {
                              thread other([] { throw std::runtime_error("out of it"); });
                              other.join();
                          }),
                          std::runtime_error, says({"out of it"}));
}

BOOST_AUTO_TEST_CASE(a_thread_outside_an_execution_is_reported) {
    BOOST_CHECK_EXCEPTION(thread("worker", [] {}), usage_error,
                          says({"cppvaldi::thread 'worker' is started outside an execution"}));
    std::optional<thread> late;
    alone([&] { late.emplace([] {}); });
    BOOST_CHECK_EXCEPTION(late->join(), usage_error, says({"the execution that the thread belongs to is over"}));
    late->detach();
}

BOOST_AUTO_TEST_CASE(two_threads_that_join_each_other_are_a_deadlock) {
    const endings found = all_schedules([](std::string& said) {
        thread first;
        thread second;
        first = thread("first", [&] { second.join(); });
        second = thread("second", [&] { first.join(); });
        this_thread::sleep_for(std::chrono::seconds(1));
        said = "fine";
    });
    BOOST_TEST(found.seen.count("fine") == 0U, found);
    for (const auto& [ending, count] : found.seen) {
        BOOST_TEST(ending == "deadlock: first waits for the end of second, who waits for the end of first");
    }
}

BOOST_AUTO_TEST_CASE(ids_are_values_with_an_order_a_text_and_a_hash) {
    static_assert(std::is_trivially_copyable_v<thread::id>);
    alone([] {
        thread::id seen;
        thread other([&] { seen = this_thread::get_id(); });
        const thread::id id = other.get_id();
        const thread::id mine = this_thread::get_id();
        BOOST_TEST((id != mine && id != thread::id() && mine != thread::id()));
        BOOST_TEST(((id <=> mine) == std::strong_ordering::greater)); // younger
        BOOST_TEST((thread::id() < mine && mine <= id && id > mine && id >= id));
        other.join();
        BOOST_TEST((seen == id));
        std::ostringstream narrow;
        narrow << mine << ' ' << id;
        BOOST_TEST(narrow.str() == "1 2");
        std::wostringstream wide;
        wide << id;
        BOOST_TEST((wide.str() == L"2"));
        BOOST_TEST(std::hash<thread::id>()(id) == std::hash<thread::id>()(seen));
    });
    BOOST_TEST((this_thread::get_id() != thread::id())); // outside there is a thread too
    BOOST_TEST((this_thread::get_id() == this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(yield_lets_others_go_first) {
    cppvaldi::runner run;
    std::string order;
    const auto work = [&](char who) {
        for (int turn = 0; turn < 2; ++turn) {
            order += who;
            this_thread::yield();
        }
    };
    run.start("alice", work, 'a');
    run.start("bob", work, 'b');
    run.finish();
    BOOST_TEST(order == "abab");
}

BOOST_AUTO_TEST_CASE(outside_executions_yielding_and_sleeping_do_nothing) {
    this_thread::yield();
    this_thread::sleep_for(std::chrono::hours(1));
    this_thread::sleep_until(cppvaldi::steady_clock::now() + std::chrono::hours(1));
    BOOST_TEST(thread::hardware_concurrency() >= 1U);
}
