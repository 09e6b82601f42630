// What makes one starter's doings happen before another's, object by object: with it nothing is found in any interleaving, without
// it the race is, most often in the very first execution. Atomics, and what hands values over.

#include "support/fixture.hpp"
#include "support/orderings.hpp"

#include <cppvaldi/descriptor.hpp>
#include <cppvaldi/resource.hpp>

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <functional>
#include <future>
#include <memory>
#include <stdexcept>

using namespace orderings;
using namespace std::chrono_literals;
using sync_lock = cppvaldi::unique_lock<cppvaldi::mutex>;

BOOST_FIXTURE_TEST_SUITE(orders_of_values, clean_world)

BOOST_AUTO_TEST_CASE(a_store_orders_before_the_loads_that_read_it) {
    const auto body = [](cppvaldi::memory_order stores, cppvaldi::memory_order loads, int expected) {
        cppvaldi::atomic<int> flag(0);
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                flag.store(1, stores);
            },
            [&] {
                if (flag.load(loads) == expected) {
                    (void)seen(data);
                }
            });
    };
    silent([&] { body(cppvaldi::memory_order_release, cppvaldi::memory_order_acquire, 1); });
    silent([&] { body(cppvaldi::memory_order_relaxed, cppvaldi::memory_order_relaxed, 1); });
    (void)racy([&] { body(cppvaldi::memory_order_seq_cst, cppvaldi::memory_order_seq_cst, 0); });
}

BOOST_AUTO_TEST_CASE(another_store_in_between_breaks_the_order_and_a_modification_does_not) {
    const auto body = [](const auto& change) {
        cppvaldi::atomic<int> flag(0);
        shared<int> data(0);
        all(
            [&] {
                data = 1;
                flag.store(1);
            },
            [&] { change(flag); },
            [&] {
                if (flag.load() == 2) {
                    (void)seen(data);
                }
            });
    };
    (void)racy([&] { body([](cppvaldi::atomic<int>& flag) { flag.store(2); }); });
    silent([&] { body([](cppvaldi::atomic<int>& flag) { flag.fetch_add(1); }); });
    silent([&] { body([](cppvaldi::atomic<int>& flag) { flag += 1; }); });
    silent([&] {
        body([](cppvaldi::atomic<int>& flag) {
            int one = 1;
            flag.compare_exchange_strong(one, 2);
        });
    });
}

BOOST_AUTO_TEST_CASE(a_modification_orders_both_ways_and_one_that_fails_is_a_load) {
    silent([] {
        cppvaldi::atomic<int> turn(0);
        shared<int> data(0);
        const auto add_first = [&] {
            if (turn.exchange(1) == 0) {
                data += 1;
                turn.store(2);
            }
        };
        both(add_first, [&] {
            int done = 2;
            if (turn.compare_exchange_weak(done, 1)) {
                data += 1;
            }
        });
    });
    silent([] {
        cppvaldi::atomic_flag locked;
        shared<int> data(0);
        const auto add = [&] {
            if (!locked.test_and_set()) {
                data += 1;
                locked.clear();
            }
        };
        both(add, add);
    });
    BOOST_TEST(racy([] {
                   cppvaldi::atomic<int> flag(0);
                   shared<int> data(0);
                   const auto look = [&] {
                       int one = 1;
                       (void)flag.compare_exchange_strong(one, 2);
                       data += 1;
                   };
                   both(look, look);
               }) == 1U);
}

BOOST_AUTO_TEST_CASE(references_and_pointers_order_like_other_atomics) {
    silent([] {
        int flag = 0;
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                cppvaldi::atomic_ref<int>(flag).store(1);
            },
            [&] {
                if (cppvaldi::atomic_ref<int>(flag).load() == 1) {
                    (void)seen(data);
                }
            });
    });
    silent([] {
        cppvaldi::atomic<std::shared_ptr<shared<int>>> published;
        both(
            [&] {
                auto made = std::make_shared<shared<int>>(0);
                *made = 1;
                published.store(std::move(made));
            },
            [&] {
                if (const auto found = published.load()) {
                    (void)seen(*found);
                }
            });
    });
    silent([] {
        std::shared_ptr<shared<int>> published;
        both(
            [&] {
                auto made = std::make_shared<shared<int>>(0);
                *made = 1;
                cppvaldi::atomic_store(&published, std::move(made));
            },
            [&] {
                if (const auto found = cppvaldi::atomic_load(&published)) {
                    (void)seen(*found);
                }
            });
    });
}

BOOST_AUTO_TEST_CASE(a_wait_for_a_change_orders_after_the_change_and_not_after_the_notification) {
    const auto body = [](bool late) {
        cppvaldi::atomic<int> flag(0);
        shared<int> data(0);
        both(
            [&] {
                if (!late) {
                    data = 1;
                }
                flag.store(1);
                if (late) {
                    data = 1;
                }
                flag.notify_all();
            },
            [&] {
                flag.wait(0);
                (void)seen(data);
            });
    };
    silent([&] { body(false); });
    (void)racy([&] { body(true); });
}

BOOST_AUTO_TEST_CASE(fences_sleeps_yields_and_checkpoints_order_nothing) {
    const auto body = [](const auto& between) {
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                between();
            },
            [&] {
                between();
                (void)seen(data);
            });
    };
    BOOST_TEST(racy([&] { body([] { cppvaldi::atomic_thread_fence(cppvaldi::memory_order_seq_cst); }); }) == 1U);
    BOOST_TEST(racy([&] { body([] { cppvaldi::this_thread::sleep_for(1s); }); }) == 1U);
    BOOST_TEST(racy([&] { body([] { cppvaldi::this_thread::yield(); }); }) == 1U);
    BOOST_TEST(racy([&] { body([] { cppvaldi::checkpoint("between"); }); }) == 1U);
}

BOOST_AUTO_TEST_CASE(call_once_orders_the_call_before_all_who_come_back) {
    silent([] {
        cppvaldi::once_flag once;
        shared<int> data(0);
        const auto use = [&] {
            cppvaldi::call_once(once, [&] { data = 1; });
            (void)seen(data);
        };
        both(use, use);
    });
    silent([] { // one that failed before the next
        cppvaldi::once_flag once;
        shared<int> data(0);
        bool fails = true;
        const auto use = [&] {
            try {
                cppvaldi::call_once(once, [&] {
                    data += 1;
                    if (std::exchange(fails, false)) {
                        throw std::runtime_error("not yet");
                    }
                });
            } catch (const std::runtime_error&) {
                return;
            }
            (void)seen(data);
        };
        both(use, use);
    });
    (void)racy([] {
        cppvaldi::once_flag once;
        shared<int> data(0);
        const auto use = [&] {
            cppvaldi::call_once(once, [] {});
            data += 1;
        };
        both(use, use);
    });
}

BOOST_AUTO_TEST_CASE(a_promise_orders_before_who_has_its_value) {
    silent([] {
        cppvaldi::promise<int> kept;
        cppvaldi::shared_future<int> awaited = kept.get_future().share();
        shared<int> data(0);
        const auto use = [&, awaited] {
            (void)awaited.get();
            (void)seen(data);
        };
        all(
            [&] {
                data = 1;
                kept.set_value(1);
            },
            use, use);
    });
    silent([] {
        cppvaldi::promise<void> broken;
        cppvaldi::future<void> awaited = broken.get_future();
        shared<int> data(0);
        thread alice("alice", [&data, broken = std::move(broken)]() mutable {
            data = 1;
            const cppvaldi::promise<void> dropped = std::move(broken);
        });
        try {
            awaited.get();
        } catch (const std::future_error&) {
            (void)seen(data);
        }
        alice.join();
    });
    silent([] {
        cppvaldi::promise<void> failed;
        cppvaldi::future<void> awaited = failed.get_future();
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                failed.set_exception_at_thread_exit(std::make_exception_ptr(std::runtime_error("no")));
            },
            [&] {
                if (awaited.wait_for(1s) == std::future_status::ready) {
                    (void)seen(data);
                }
            });
    });
    (void)racy([] {
        cppvaldi::promise<void> kept;
        cppvaldi::future<void> awaited = kept.get_future();
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                kept.set_value();
            },
            [&] {
                (void)awaited.wait_for(0s);
                (void)seen(data);
            });
    });
}

BOOST_AUTO_TEST_CASE(tasks_and_asyncs_order_before_who_has_their_value) {
    silent([] {
        shared<int> data(0);
        cppvaldi::packaged_task<void()> task([&] { data = 1; });
        cppvaldi::future<void> done = task.get_future();
        both([&] { task(); },
             [&] {
                 done.get();
                 (void)seen(data);
             });
    });
    silent([] {
        shared<int> data(0);
        data = 1;
        cppvaldi::future<void> done = cppvaldi::async([&] { data = 2; });
        done.get();
        data = 3;
    });
    silent([] { // the last future waits
        shared<int> data(0);
        {
            const auto done = cppvaldi::async([&] { data = 2; });
        }
        data = 3;
    });
    silent([] { // whoever waits first runs it
        shared<int> data(0);
        data = 1;
        cppvaldi::shared_future<void> done = cppvaldi::async(std::launch::deferred, [&] { data = 2; }).share();
        const auto use = [&data, done] {
            done.get();
            (void)seen(data);
        };
        both(use, use);
    });
    BOOST_TEST(racy([] {
                   shared<int> data(0);
                   cppvaldi::future<void> done = cppvaldi::async([&] { data = 2; });
                   data = 3;
                   done.get();
               }) == 1U);
}

BOOST_AUTO_TEST_CASE(a_stop_request_orders_before_who_sees_it) {
    const auto body = [](bool expected) {
        cppvaldi::stop_source source;
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                source.request_stop();
            },
            [&, token = source.get_token()] {
                if (token.stop_requested() == expected) {
                    (void)seen(data);
                }
            });
    };
    silent([&] { body(true); });
    (void)racy([&] { body(false); });
}

BOOST_AUTO_TEST_CASE(a_stop_callback_is_ordered_after_its_registration_and_before_its_end) {
    silent([] {
        cppvaldi::stop_source source;
        shared<int> data(0);
        both([&] { source.request_stop(); },
             [&, token = source.get_token()] {
                 data = 1;
                 {
                     const cppvaldi::stop_callback stopping(token, [&] { data += 1; });
                 }
                 data += 1;
             });
    });
    (void)racy([] {
        cppvaldi::stop_source source;
        shared<int> data(0);
        both([&] { source.request_stop(); },
             [&, token = source.get_token()] {
                 const cppvaldi::stop_callback stopping(token, [&] { data += 1; });
                 data += 1;
             });
    });
    silent([] { // a wait that a stop ends
        cppvaldi::stop_source source;
        cppvaldi::mutex door;
        cppvaldi::condition_variable_any changed;
        shared<int> data(0);
        both(
            [&] {
                data = 1;
                source.request_stop();
            },
            [&, token = source.get_token()] {
                {
                    sync_lock mine(door);
                    changed.wait(mine, token, [] { return false; });
                }
                (void)seen(data);
            });
    });
}

BOOST_AUTO_TEST_CASE(a_resource_orders_who_changes_it_before_who_waited_for_that) {
    silent([] {
        cppvaldi::resource file("file", "ledger");
        shared<int> data(0);
        thread alice("alice", [&] {
            (void)file.wait();
            (void)seen(data);
        });
        thread bob("bob", [&] {
            cppvaldi::checkpoint("begun");
            data = 1;
            file.changed();
        });
        cppvaldi::checkpoint("begun");
        bob.join();
        file.changed(); // for who came too late
        alice.join();
    });
    silent([] {
        cppvaldi::resource file("file", "ledger");
        bool locked = false;
        shared<int> data(0);
        const auto add = [&] {
            cppvaldi::checkpoint("begun");
            while (locked) {
                (void)file.wait();
            }
            locked = true;
            file.held();
            data += 1;
            cppvaldi::checkpoint("locked");
            locked = false;
            file.released();
            file.changed();
        };
        both(add, add);
    });
}

BOOST_AUTO_TEST_CASE(what_goes_out_to_the_world_orders_before_what_comes_back) {
    const auto body = [](bool late) {
        int ends[2];
        BOOST_REQUIRE(::pipe(ends) == 0);
        shared<int> data(0);
        both(
            [&] {
                if (!late) {
                    data = 1;
                }
                (void)cppvaldi::write(ends[1], "x", 1);
                if (late) {
                    data = 1;
                }
            },
            [&] {
                char letter = 0;
                (void)cppvaldi::read(ends[0], &letter, 1);
                (void)seen(data);
            });
        ::close(ends[0]);
        ::close(ends[1]);
    };
    silent([&] { body(false); });
    const cppvaldi::exploration found =
        cppvaldi::explore([&] { body(true); }, cppvaldi::exhaustive{}, {.executions = 100});
    BOOST_REQUIRE(found.finding);
    BOOST_TEST(found.finding->what == finding::kind::data_race);
}

BOOST_AUTO_TEST_SUITE_END()
