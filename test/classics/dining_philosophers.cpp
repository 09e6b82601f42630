// Dijkstra's philosophers: each needs the fork on the left and the fork on the right.

#include "support/finds.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>

using cppvaldi::finding;

namespace {

namespace sync = cppvaldi; // not outside, where <unistd.h> has a function of that name

struct table {
    std::array<sync::mutex, 3> forks{sync::mutex("one"), sync::mutex("two"), sync::mutex("three")};
    int meals = 0;

    sync::mutex& left_of(std::size_t seat) { return forks[seat]; }
    sync::mutex& right_of(std::size_t seat) { return forks[(seat + 1) % forks.size()]; }
};

void takes_the_left_one_first(table& at, std::size_t seat) {
    sync::lock_guard left(at.left_of(seat));
    sync::lock_guard right(at.right_of(seat));
    ++at.meals;
}

void takes_the_lower_one_first(table& at, std::size_t seat) {
    const bool is_last = seat + 1 == at.forks.size();
    sync::lock_guard lower(is_last ? at.right_of(seat) : at.left_of(seat));
    sync::lock_guard upper(is_last ? at.left_of(seat) : at.right_of(seat));
    ++at.meals;
}

void takes_both_at_once(table& at, std::size_t seat) {
    sync::scoped_lock both(at.left_of(seat), at.right_of(seat));
    ++at.meals;
}

template <typename Philosopher>
void dine(Philosopher eats) {
    table at;
    sync::thread ann("ann", eats, std::ref(at), 0U);
    sync::thread ben("ben", eats, std::ref(at), 1U);
    sync::thread cid("cid", eats, std::ref(at), 2U);
    ann.join();
    ben.join();
    cid.join();
    sync::require(at.meals == 3, "all have eaten");
}

} // namespace

BOOST_AUTO_TEST_CASE(who_takes_the_left_fork_first_may_starve_with_the_others) {
    const finding found = found_in([] { dine(&takes_the_left_one_first); }, cppvaldi::exhaustive{.preemptions = 3});
    BOOST_TEST(found.what == finding::kind::deadlock);
    BOOST_TEST(found.message ==
               "ann waits for mutex two, held by ben, who waits for mutex three, held by cid, who waits "
               "for mutex one, held by ann");
    BOOST_TEST(found.played.decisions().size() < 30U);
}

BOOST_AUTO_TEST_CASE(mended_by_an_order_of_the_forks_all_eat) {
    comes_out_clean([] { dine(&takes_the_lower_one_first); }, cppvaldi::exhaustive{});
}

BOOST_AUTO_TEST_CASE(mended_by_taking_both_at_once_all_eat) {
    comes_out_clean([] { dine(&takes_both_at_once); }, cppvaldi::exhaustive{.preemptions = 3});
}

BOOST_AUTO_TEST_CASE(mended_by_a_waiter_who_lets_all_but_one_sit_down_all_eat) {
    const auto program = [] {
        sync::counting_semaphore<2> seats(2);
        dine([&seats](table& at, std::size_t seat) {
            seats.acquire();
            takes_the_left_one_first(at, seat);
            seats.release();
        });
    };
    comes_out_clean(program, cppvaldi::exhaustive{.preemptions = 3});
}
