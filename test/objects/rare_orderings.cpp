// More of what makes one starter's doings happen before another's: where locks, waits and calls come out otherwise than most often, and what
// is handed over on the way. Each with its twin.

#include "support/fixture.hpp"
#include "support/orderings.hpp"

#include <boost/test/unit_test.hpp>

#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>

using namespace orderings;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(rare_orders, clean_world)

BOOST_AUTO_TEST_CASE(a_compare_exchange_that_fails_acquires_and_does_not_release) {
    const auto body = [](bool fails_first) {
        cppvaldi::atomic<int> flag(0);
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                int expected = fails_first ? 7 : 0;
                (void)flag.compare_exchange_strong(expected, 1);
            },
            [&] {
                int expected = 0;
                if (fails_first ? flag.load() == 0 : !flag.compare_exchange_strong(expected, 5)) {
                    (void)seen(data);
                }
            });
    };
    silent([&] { body(false); });
    (void)racy([&] { body(true); });
}

BOOST_AUTO_TEST_CASE(a_barriers_function_comes_after_all_and_before_all) {
    silent([] {
        shared<int> data(0);
        const auto completed = [&]() noexcept { data = seen(data) + 1; };
        cppvaldi::barrier<decltype(completed)> end(2, completed);
        const auto meet = [&] {
            end.arrive_and_wait();
            (void)seen(data);
        };
        both(meet, meet);
    });
    (void)racy([] {
        shared<int> data(0);
        const auto completed = [&]() noexcept { data = 1; };
        cppvaldi::barrier<decltype(completed)> end(2, completed);
        both([&] { end.arrive_and_wait(); },
             [&] {
                 (void)end.arrive();
                 (void)seen(data);
             });
    });
}

BOOST_AUTO_TEST_CASE(who_drops_out_of_a_barrier_is_before_who_waits) {
    const auto body = [](bool before) {
        cppvaldi::barrier<> end(2);
        shared<int> data(0);
        both(
            [&] {
                if (before) {
                    data = 1;
                }
                end.arrive_and_drop();
                if (!before) {
                    data = 1;
                }
            },
            [&] {
                end.arrive_and_wait();
                (void)seen(data);
            });
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(who_looks_at_a_latch_is_after_it_if_it_is_at_zero) {
    const auto body = [](bool wanted) {
        cppvaldi::latch ready(1);
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                ready.count_down();
            },
            [&] {
                if (ready.try_wait() == wanted) {
                    (void)seen(data);
                }
            });
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(who_gets_a_permit_in_time_is_after_who_released_it) {
    const auto body = [](bool wanted) {
        cppvaldi::counting_semaphore<3> permits(0);
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                permits.release();
            },
            [&] {
                if (permits.try_acquire_for(1ms) == wanted) {
                    (void)seen(data);
                }
            });
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(readers_are_after_writers_and_not_after_other_readers) {
    const auto body = [](bool alone) {
        cppvaldi::shared_mutex door;
        shared<int> data(0);
        const auto change = [&] {
            door.lock_shared();
            const int old = seen(data);
            if (!alone) {
                data = old + 1;
            }
            door.unlock_shared();
            if (alone) {
                const std::lock_guard held(door);
                data = old + 1;
            }
        };
        both(change, change);
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(a_condition_under_a_shared_lock_orders_through_it) {
    const auto body = [](bool locks) {
        cppvaldi::shared_mutex door;
        cppvaldi::condition_variable_any changed;
        cppvaldi::atomic<bool> ready(false);
        shared<int> data(0);
        both(
            [&] {
                if (!locks) {
                    ready = true;
                }
                {
                    const std::lock_guard held(door);
                    ready = true;
                    if (locks) {
                        data = 1;
                    }
                }
                changed.notify_all();
                if (!locks) {
                    data = 1;
                }
            },
            [&] {
                std::shared_lock held(door);
                changed.wait(held, [&] { return ready.load(); });
                (void)seen(data);
            });
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(a_promise_that_is_broken_orders_too) {
    const auto body = [](bool before) {
        auto made = std::make_unique<cppvaldi::promise<void>>();
        cppvaldi::future<void> wanted = made->get_future();
        shared<int> data(0);
        both(
            [&] {
                if (before) {
                    data = 1;
                }
                made.reset();
                if (!before) {
                    data = 1;
                }
            },
            [&] {
                BOOST_CHECK_THROW(wanted.get(), std::future_error);
                (void)seen(data);
            });
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(a_call_that_throws_is_before_the_one_that_is_made_instead) {
    const auto body = [](bool inside) {
        cppvaldi::once_flag once;
        shared<int> data(0);
        int calls = 0;
        const auto call = [&] {
            try {
                cppvaldi::call_once(once, [&] {
                    if (inside) {
                        data = seen(data) + 1;
                    }
                    if (++calls == 1) {
                        throw 1;
                    }
                });
            } catch (int) {}
            if (!inside) {
                data = 1;
            }
        };
        both(call, call);
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(a_callback_in_which_others_go_on_is_before_the_end_of_its_destruction) {
    const auto body = [](bool after) {
        cppvaldi::stop_source stop;
        cppvaldi::atomic<int> steps(0);
        shared<int> data(0);
        both(
            [&] {
                {
                    const cppvaldi::stop_callback called(stop.get_token(), [&] {
                        ++steps;
                        data = 1;
                        ++steps;
                    });
                    if (!after) {
                        data = 2;
                    }
                }
                if (after) {
                    data = 2;
                }
            },
            [&] { (void)stop.request_stop(); });
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(a_pointer_that_is_published_orders_what_was_done_before) {
    const auto body = [](bool before) {
        cppvaldi::atomic<std::shared_ptr<shared<int>>> published;
        both(
            [&] {
                const auto made = std::make_shared<shared<int>>(0);
                if (before) {
                    *made = 1;
                }
                published.store(made);
                if (!before) {
                    *made = 1;
                }
            },
            [&] {
                if (const auto found = published.load()) {
                    (void)seen(*found);
                }
            });
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(a_thread_has_its_own_copy_of_an_argument) {
    silent([] {
        shared<int> data(1);
        thread copies([](shared<int> mine) { mine = 5; }, data);
        copies.join();
        data = 2;
    });
    (void)racy([] {
        shared<int> data(1);
        thread refers([](shared<int>& theirs) { theirs = 5; }, std::ref(data));
        data = 2;
        refers.join();
    });
}

BOOST_AUTO_TEST_CASE(who_is_joined_by_another_is_before_who_joins_that) {
    const auto body = [](bool joins) {
        shared<int> data(0);
        thread first([&] { data = 1; });
        thread second([&] { first.join(); });
        if (joins) {
            second.join();
        }
        (void)seen(data);
        if (!joins) {
            second.join();
        }
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_SUITE_END()
