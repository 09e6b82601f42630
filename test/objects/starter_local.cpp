// starter_local: one for each starter, from its first use to its end.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/starter_local.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// Writes down when it begins and ends.
struct witness {
    witness(std::string& log, char name) : log_(log), name_(name) { log_ += name_; }
    witness(const witness&) = delete;
    witness& operator=(const witness&) = delete;
    ~witness() { log_ += static_cast<char>(name_ - 'a' + 'A'); }

    void touch() const {}

private:
    std::string& log_;
    char name_;
};

} // namespace

BOOST_AUTO_TEST_CASE(each_starter_has_its_own) {
    const endings found = all_schedules([](std::string& said) {
        cppvaldi::starter_local<int> count{10};
        const auto work = [&] {
            ++*count;
            cppvaldi::this_thread::yield();
            ++*count;
            return *count;
        };
        int others = 0;
        cppvaldi::thread other([&] { others = work(); });
        const int mine = work();
        other.join();
        said = std::to_string(mine) + " " + std::to_string(others);
    });
    BOOST_TEST(found.are({"12 12"}), found);
}

BOOST_AUTO_TEST_CASE(it_is_made_from_arguments_or_by_an_initialiser_or_of_nothing) {
    alone([] {
        cppvaldi::starter_local<int> zero;
        BOOST_TEST(*zero == 0);
        cppvaldi::starter_local<std::vector<int>> some{std::size_t{3}, 7};
        BOOST_TEST(some->size() == 3U);
        int made = 0;
        cppvaldi::starter_local<std::unique_ptr<int>> owned{[&] { return std::make_unique<int>(++made); }};
        BOOST_TEST(made == 0);
        BOOST_TEST(*owned.get() == 1);
        BOOST_TEST(*owned.get() == 1);
        cppvaldi::starter_local<std::string> text{"hello"};
        BOOST_TEST(*text == "hello");
    });
}

BOOST_AUTO_TEST_CASE(those_of_a_starter_are_destroyed_at_its_end_in_reverse_order) {
    std::string log;
    cppvaldi::starter_local<witness> a{std::ref(log), 'a'};
    cppvaldi::starter_local<witness> b{std::ref(log), 'b'};
    cppvaldi::starter_local<witness> c{std::ref(log), 'c'};
    alone([&] {
        b->touch();
        c->touch();
        a->touch();
        b->touch();
        log += '.';
    });
    BOOST_TEST(log == "bca.ACB");
}

BOOST_AUTO_TEST_CASE(they_are_gone_before_who_joins_goes_on) {
    const endings found = all_schedules([](std::string& said) {
        std::string log;
        cppvaldi::starter_local<witness> local{std::ref(log), 'a'};
        cppvaldi::thread other([&] { local->touch(); });
        other.join();
        said = log;
    });
    BOOST_TEST(found.are({"aA"}), found);
}

BOOST_AUTO_TEST_CASE(they_are_destroyed_when_an_exception_ends_the_starter_and_when_it_is_unwound) {
    std::string log;
    cppvaldi::starter_local<witness> local{std::ref(log), 'a'};
    BOOST_CHECK_THROW(alone([&] {
                          local->touch();
                          throw std::runtime_error("out");
                      }),
                      std::runtime_error);
    BOOST_TEST(log == "aA");
    {
        cppvaldi::runner run;
        cppvaldi::starter alice = run.start("alice", [&] {
            local->touch();
            cppvaldi::checkpoint("there");
        });
        run.run_to(alice.at("there"));
        BOOST_TEST(log == "aAa");
    }
    BOOST_TEST(log == "aAaA");
}

BOOST_AUTO_TEST_CASE(a_destructor_may_use_another_one_and_may_wait) {
    std::string log;
    cppvaldi::mutex mutex;
    cppvaldi::starter_local<witness> later{std::ref(log), 'b'};
    struct uses_it {
        cppvaldi::starter_local<witness>* other = nullptr;
        cppvaldi::mutex* mutex = nullptr;
        ~uses_it() {
            if (other != nullptr) {
                cppvaldi::lock_guard held(*mutex);
                (*other)->touch();
            }
        }
    };
    cppvaldi::starter_local<uses_it> first;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        first->other = &later;
        first->mutex = &mutex;
    });
    cppvaldi::starter bob = run.start("bob", [&] {
        cppvaldi::lock_guard held(mutex);
        cppvaldi::checkpoint("locked");
    });
    run.declare({bob.at("locked"), alice.blocked(), bob.finished(), alice.finished()});
    run.finish();
    BOOST_TEST(log == "bB");
}

BOOST_AUTO_TEST_CASE(when_making_it_throws_the_next_use_tries_again) {
    alone([] {
        int tries = 0;
        cppvaldi::starter_local<int> local{[&]() -> int {
            if (++tries == 1) {
                throw std::runtime_error("not yet");
            }
            return tries;
        }};
        BOOST_CHECK_THROW((void)local.get(), std::runtime_error);
        BOOST_TEST(*local == 2);
        BOOST_TEST(*local == 2);
    });
}

BOOST_AUTO_TEST_CASE(it_may_be_gone_before_the_starters_that_have_used_it) {
    std::string log;
    cppvaldi::runner run;
    cppvaldi::starter alice = run.start("alice", [&] {
        {
            cppvaldi::starter_local<witness> local{std::ref(log), 'a'};
            local->touch();
        }
        log += '.';
    });
    run.finish();
    BOOST_TEST(log == "a.A");
}

BOOST_AUTO_TEST_CASE(code_outside_executions_has_one_for_as_long_as_the_object_lives) {
    std::string log;
    {
        cppvaldi::starter_local<witness> local{std::ref(log), 'a'};
        local->touch();
        local->touch();
        alone([&] { local->touch(); });
        alone([&] { local->touch(); });
        BOOST_TEST(log == "aaAaA");
    }
    BOOST_TEST(log == "aaAaAA");
}
