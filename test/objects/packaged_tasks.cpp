// std::packaged_task, member by member, and as what a pool of workers runs.

#include <cppvaldi/cppvaldi.hpp>

#include "support/every_schedule.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

using namespace cppvaldi;
using namespace std::chrono_literals;

namespace {

auto is(std::future_errc code) {
    return [code](const std::future_error& refused) { return refused.code() == code; };
}

int twice(int number) { return 2 * number; }

} // namespace

BOOST_AUTO_TEST_SUITE(packaged_tasks)

static_assert(!std::is_copy_constructible_v<packaged_task<void()>>);
static_assert(std::is_nothrow_move_constructible_v<packaged_task<void()>>);
static_assert(!std::is_constructible_v<packaged_task<int()>, std::string>);
static_assert(std::is_same_v<decltype(packaged_task(&twice)), packaged_task<int(int)>>);
static_assert(std::is_same_v<decltype(packaged_task([](char) { return 1.0F; })), packaged_task<float(char)>>);
static_assert(std::is_same_v<decltype(packaged_task([]() mutable noexcept {})), packaged_task<void()>>);

BOOST_AUTO_TEST_CASE(its_future_gets_what_it_returns) {
    packaged_task<int(int)> task(&twice);
    future<int> later = task.get_future();
    BOOST_TEST((later.wait_for(0s) == future_status::timeout));
    task(21);
    BOOST_TEST(later.get() == 42);
}

BOOST_AUTO_TEST_CASE(references_nothing_and_what_can_only_be_moved_come_through) {
    int target = 0;
    packaged_task<int&(int&)> by_reference([](int& given) -> int& { return given; });
    by_reference(target);
    BOOST_TEST(&by_reference.get_future().get() == &target);

    packaged_task<void()> ignores([] { return 3; });
    ignores();
    ignores.get_future().get();

    packaged_task<std::unique_ptr<int>(std::unique_ptr<int>)> moves(
        [own = std::make_unique<int>(1)](std::unique_ptr<int> given) {
            *given += *own;
            return given;
        });
    moves(std::make_unique<int>(1));
    BOOST_TEST(*moves.get_future().get() == 2);
}

BOOST_AUTO_TEST_CASE(its_future_gets_what_it_throws) {
    packaged_task<void()> fails([] { throw std::runtime_error("no"); });
    fails();
    BOOST_CHECK_THROW(fails.get_future().get(), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(what_has_no_state_says_so) {
    packaged_task<void()> none;
    BOOST_TEST(!none.valid());
    BOOST_CHECK_EXCEPTION(none(), std::future_error, is(std::future_errc::no_state));
    BOOST_CHECK_EXCEPTION(none.reset(), std::future_error, is(std::future_errc::no_state));
    BOOST_CHECK_EXCEPTION((void)none.get_future(), std::future_error, is(std::future_errc::no_state));
}

BOOST_AUTO_TEST_CASE(it_runs_once_and_has_one_future_until_it_is_reset) {
    int runs = 0;
    packaged_task<int()> task([&] { return ++runs; });
    future<int> first = task.get_future();
    BOOST_CHECK_EXCEPTION((void)task.get_future(), std::future_error, is(std::future_errc::future_already_retrieved));
    task();
    BOOST_CHECK_EXCEPTION(task(), std::future_error, is(std::future_errc::promise_already_satisfied));
    BOOST_TEST(runs == 1);
    task.reset();
    future<int> second = task.get_future();
    task();
    BOOST_TEST(first.get() == 1);
    BOOST_TEST(second.get() == 2);
}

BOOST_AUTO_TEST_CASE(a_task_that_never_runs_breaks_its_promise) {
    packaged_task<int(int)> task(&twice);
    future<int> of_reset = task.get_future();
    task.reset();
    BOOST_CHECK_EXCEPTION((void)of_reset.get(), std::future_error, is(std::future_errc::broken_promise));
    future<int> of_assigned = task.get_future();
    task = packaged_task<int(int)>(&twice);
    BOOST_CHECK_EXCEPTION((void)of_assigned.get(), std::future_error, is(std::future_errc::broken_promise));
    future<int> of_destroyed = packaged_task<int(int)>(&twice).get_future();
    BOOST_CHECK_EXCEPTION((void)of_destroyed.get(), std::future_error, is(std::future_errc::broken_promise));
}

BOOST_AUTO_TEST_CASE(moving_and_swapping_carry_task_and_future_along) {
    packaged_task<int(int)> one(&twice);
    packaged_task<int(int)> other;
    future<int> later = one.get_future();
    swap(one, other);
    BOOST_TEST(!one.valid());
    one = std::move(other);
    packaged_task<int(int)> last(std::move(one));
    last(4);
    BOOST_TEST(later.get() == 8);
}

BOOST_AUTO_TEST_CASE(at_thread_exit_the_future_is_ready_and_not_before) {
    (void)in_every_schedule([] {
        packaged_task<int(int)> task(&twice);
        future<int> later = task.get_future();
        bool local_is_gone = false;
        thread worker("worker", [&] {
            struct notes_end {
                bool& gone;
                ~notes_end() { gone = true; }
            } local{local_is_gone};
            task.make_ready_at_thread_exit(4);
        });
        BOOST_REQUIRE(later.get() == 8);
        BOOST_REQUIRE(local_is_gone);
        worker.join();
    });
    packaged_task<int(int)> outside(&twice);
    BOOST_CHECK_THROW(outside.make_ready_at_thread_exit(4), usage_error);
}

BOOST_AUTO_TEST_CASE(a_report_names_the_starter_that_runs_the_task) {
    runner run;
    packaged_task<void()> task([] { checkpoint("working"); });
    future<void> later = task.get_future();
    const starter worker = run.start("worker", [&] { task(); });
    const starter client = run.start("client", [&] { later.get(); });
    run.declare({worker.at("working"), client.blocked(), worker.finished()});
    run.next();
    run.next();
    BOOST_TEST(run.status().find(", to be set by worker") != std::string::npos);
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_task_goes_to_another_starter_in_every_schedule) {
    (void)in_every_schedule([] {
        packaged_task<int(int)> task(&twice);
        future<int> later = task.get_future();
        thread worker("worker", std::move(task), 21);
        BOOST_REQUIRE(later.get() == 42);
        worker.join();
    });
}

BOOST_AUTO_TEST_SUITE_END()
