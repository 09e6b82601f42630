// What each member of `atomic_flag` does.

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/runner.hpp>

#include <boost/test/unit_test.hpp>

#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

namespace {

constinit cppvaldi::atomic_flag global;
constinit cppvaldi::atomic_flag with_macro = ATOMIC_FLAG_INIT;
constinit cppvaldi::atomic_flag named("busy");

static_assert(std::is_nothrow_default_constructible_v<cppvaldi::atomic_flag>);
static_assert(!std::is_copy_constructible_v<cppvaldi::atomic_flag> &&
              !std::is_copy_assignable_v<cppvaldi::atomic_flag>);
static_assert(std::same_as<decltype(global.test()), bool> && std::same_as<decltype(global.test_and_set()), bool>);
static_assert(noexcept(global.clear()) && noexcept(global.notify_all()));
static_assert(sizeof(cppvaldi::atomic_flag) <= 24);

} // namespace

BOOST_AUTO_TEST_SUITE(atomic_flag)

BOOST_AUTO_TEST_CASE(it_is_clear_at_first) {
    BOOST_TEST(!global.test());
    BOOST_TEST(!with_macro.test());
    BOOST_TEST(!named.test());
    BOOST_TEST(!cppvaldi::atomic_flag().test());
}

BOOST_AUTO_TEST_CASE(setting_it_says_whether_it_was_set) {
    cppvaldi::atomic_flag flag;
    BOOST_TEST(!flag.test_and_set());
    BOOST_TEST(flag.test());
    BOOST_TEST(flag.test_and_set(std::memory_order_acquire));
    flag.clear(std::memory_order_release);
    BOOST_TEST(!flag.test(std::memory_order_relaxed));
    volatile cppvaldi::atomic_flag watched;
    BOOST_TEST(!watched.test_and_set());
    BOOST_TEST(watched.test());
}

BOOST_AUTO_TEST_CASE(there_is_a_free_function_for_each_member) {
    using namespace cppvaldi;
    cppvaldi::atomic_flag flag;
    BOOST_TEST(!atomic_flag_test(&flag));
    BOOST_TEST(!atomic_flag_test_and_set(&flag));
    BOOST_TEST(atomic_flag_test_explicit(&flag, memory_order_acquire));
    BOOST_TEST(atomic_flag_test_and_set_explicit(&flag, memory_order_acq_rel));
    atomic_flag_wait(&flag, false);
    atomic_flag_clear(&flag);
    atomic_flag_clear_explicit(&flag, memory_order_release);
    atomic_flag_wait_explicit(&flag, true, memory_order_acquire);
    atomic_flag_notify_one(&flag);
    atomic_flag_notify_all(&flag);
    BOOST_TEST(!flag.test());
}

BOOST_AUTO_TEST_CASE(a_waiter_goes_on_once_the_flag_is_set_and_he_is_notified) {
    cppvaldi::atomic_flag flag;
    std::vector<std::string> log;
    cppvaldi::runner run;
    const cppvaldi::starter waiter = run.start("waiter", [&] {
        flag.wait(false);
        log.emplace_back("gone on");
    });
    const cppvaldi::starter setter = run.start("setter", [&] {
        (void)flag.test_and_set();
        log.emplace_back("set");
        flag.notify_one();
    });
    run.declare({waiter.blocked(), setter.finished(), waiter.finished()});
    run.finish();
    BOOST_TEST(log == (std::vector<std::string>{"set", "gone on"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
