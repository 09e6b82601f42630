// What starters may be made of, what they hand back, and runners inside and beside runners.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/programs.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace cppvaldi;

namespace {

int free_function(int number) { return number + 1; }

struct counter {
    int count = 0;
    int add(int number) {
        checkpoint("adding", number);
        return count += number;
    }
    [[nodiscard]] int now() const noexcept { return count; }
    int& self() { return count; }
};

/// Counts its objects that are alive, and its copies.
struct tracked {
    static inline int alive = 0;
    static inline int copies = 0;
    tracked() { ++alive; }
    tracked(const tracked&) {
        ++alive;
        ++copies;
    }
    tracked(tracked&&) noexcept { ++alive; }
    tracked& operator=(const tracked&) = delete;
    ~tracked() { --alive; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(starters, clean_world)

BOOST_AUTO_TEST_CASE(whatever_can_be_invoked_can_be_started) {
    counter kept;
    auto owned = std::make_shared<counter>();
    runner run;
    const starter function = run.start("function", free_function, 1);
    const starter pointer = run.start("pointer", &free_function, 2);
    const starter member = run.start("member", &counter::add, &kept, 3);
    const starter shared = run.start("shared", &counter::add, owned, 4);
    const starter copy = run.start("copy", &counter::add, kept, 5);
    const starter reference = run.start("reference", &counter::add, std::ref(kept), 6);
    const starter constant = run.start("constant", &counter::now, &kept);
    const starter data = run.start("data", &counter::count, &kept);
    const starter function_object = run.start("function object", std::function<int()>([] { return 7; }));
    const starter mutable_lambda = run.start("mutable", [calls = 7]() mutable { return ++calls; });
    run.finish();
    BOOST_TEST(function.result<int>() == 2);
    BOOST_TEST(pointer.result<int>() == 3);
    BOOST_TEST(member.result<int>() == 3);
    BOOST_TEST(shared.result<int>() == 4);
    BOOST_TEST(owned->count == 4);
    BOOST_TEST(copy.result<int>() == 5); // of what it was before it ran
    BOOST_TEST(reference.result<int>() == 9);
    BOOST_TEST(kept.count == 9);
    BOOST_TEST(constant.result<int>() == 9);
    BOOST_TEST(data.result<int>() == 9);
    BOOST_TEST(function_object.result<int>() == 7);
    BOOST_TEST(mutable_lambda.result<int>() == 8);
}

BOOST_AUTO_TEST_CASE(callables_and_arguments_may_be_moved_only) {
    runner run;
    const starter alice = run.start(
        "alice",
        [owned = std::make_unique<int>(1)](std::unique_ptr<int> given) {
            checkpoint("x");
            return std::make_unique<int>(*owned + *given);
        },
        std::make_unique<int>(41));
    run.run_to(alice.at("x"));
    run.finish();
    const std::unique_ptr<int> taken = std::move(alice.result<std::unique_ptr<int>>());
    BOOST_TEST(*taken == 42);
    BOOST_TEST(!alice.result<std::unique_ptr<int>>()); // it was moved from
}

BOOST_AUTO_TEST_CASE(arguments_are_decayed_as_by_std_thread) {
    int number = 1;
    char text[] = "abc";
    runner run;
    (void)run.start(
        "alice", [](int& changed) { changed = 2; }, std::ref(number));
    const starter bob = run.start(
        "bob", [](const std::string& copied) { return copied; }, text);
    const starter carol = run.start(
        "carol", [](int copied) { return copied; }, number);
    number = 3;
    run.finish();
    BOOST_TEST(number == 2);
    BOOST_TEST(bob.result<std::string>() == "abc");
    BOOST_TEST(carol.result<int>() == 1);
}

BOOST_AUTO_TEST_CASE(results_may_be_values_references_or_constants) {
    counter kept{.count = 5};
    runner run;
    const starter value = run.start("value", [] { return std::string("text"); });
    const starter reference = run.start("reference", [&]() -> counter& { return kept; });
    const starter constant = run.start("constant", [&]() -> const counter& { return kept; });
    const starter member = run.start("member", &counter::self, &kept);
    const starter const_value = run.start("const value", []() -> const std::string { return "fixed"; });
    const starter moved = run.start("moved", [&]() -> counter&& { return std::move(kept); });
    run.finish();
    BOOST_TEST(value.result<std::string>() == "text");
    value.result<std::string>() += ", changed";
    BOOST_TEST(value.result<std::string>() == "text, changed");
    BOOST_TEST(&reference.result<counter>() == &kept);
    BOOST_TEST(&reference.result<counter&>() == &kept);
    BOOST_TEST(&constant.result<const counter&>() == &kept);
    BOOST_TEST(&member.result<int>() == &kept.count);
    BOOST_TEST(const_value.result<std::string>() == "fixed");
    BOOST_TEST(moved.result<counter>().count == 5);
}

BOOST_AUTO_TEST_CASE(callables_and_arguments_are_destroyed_when_the_starter_ends_and_results_with_the_runner) {
    {
        runner run;
        const starter ends = run.start(
            "ends", [kept = tracked(), self = std::make_shared<int>()](const tracked&) { return tracked(); },
            tracked());
        const starter raises = run.start("raises", [kept = tracked()] { throw 1; });
        const starter waits = run.start("waits", [kept = tracked()] { checkpoint("x"); });
        (void)run.start("never begins", [kept = tracked()] {});
        run.run_to(waits.at("x"));
        BOOST_TEST(tracked::alive == 5);
        run.run_to(ends.finished());
        BOOST_TEST(tracked::alive == 4); // its result, and what the other three hold
        BOOST_CHECK_THROW(run.run_to(raises.finished()), int);
        BOOST_TEST(tracked::alive == 3);
    }
    BOOST_TEST(tracked::alive == 0);
    BOOST_TEST(tracked::copies == 0);
}

BOOST_AUTO_TEST_CASE(a_copy_that_throws_leaves_no_starter_behind) {
    struct throws_when_copied {
        throws_when_copied() = default;
        throws_when_copied(const throws_when_copied&) { throw std::runtime_error("no copy"); }
        throws_when_copied& operator=(const throws_when_copied&) = delete;
        void operator()() const {}
    };
    const throws_when_copied uncopyable;
    runner run;
    BOOST_CHECK_THROW((void)run.start("alice", uncopyable), std::runtime_error);
    const starter alice = run.start("alice", [] { return 1; });
    run.finish();
    BOOST_TEST(alice.result<int>() == 1);
    BOOST_TEST(index(alice.id()) == 0U);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_carries_a_value_that_is_read_where_it_lies) {
    struct no_copy {
        explicit no_copy(int given) : number(given) {}
        no_copy(const no_copy&) = delete;
        no_copy& operator=(const no_copy&) = delete;
        ~no_copy() = default;
        int number;
    };
    const no_copy* address = nullptr;
    runner run;
    const starter alice = run.start("alice", [&] {
        const no_copy local(7);
        address = &local;
        checkpoint("object", local);
        checkpoint("text", std::string("a temporary"));
        checkpoint("number", 100);
        checkpoint("flag", true);
        checkpoint("big", ~std::uint64_t{0});
        checkpoint("small", std::int8_t{-5});
    });
    run.run_to(alice.at("object"));
    BOOST_TEST(&alice.value<no_copy>() == address);
    BOOST_TEST(alice.value<no_copy>().number == 7);
    run.run_to(alice.at("text"));
    BOOST_TEST(alice.value<std::string>() == "a temporary");
    run.run_to(alice.at("number"));
    BOOST_TEST(alice.value<int>() == 100);
    run.finish();
    BOOST_TEST(reached(run) == "alice:object alice:text alice:number = 100 alice:flag = true "
                               "alice:big = 18446744073709551615 alice:small = -5");
}

BOOST_AUTO_TEST_CASE(starters_may_start_starters) {
    std::string log;
    runner run;
    const starter parent = run.start("parent", [&] {
        for (const char* name : {"one", "two"}) {
            (void)run.start(name, [&log, &run, name] {
                log += name + std::string(" ");
                (void)run.start(name + std::string("'s child"), [&log] { log += "child "; });
                checkpoint("x");
            });
            checkpoint("born");
        }
        log += "parent ";
    });
    run.declare({parent.at("born"), parent.at("born")});
    run.next();
    run.next();
    run.declare({at("two", "x"), at("one", "x"), at("two", "finished")});
    run.finish();
    BOOST_TEST(log == "parent two one child child ");
    BOOST_TEST(run.done());
}

BOOST_AUTO_TEST_CASE(a_starter_may_have_a_runner_of_its_own) {
    std::string log;
    runner outer;
    const starter host = outer.start("host", [&] {
        checkpoint("before");
        runner inner;
        const starter guest = inner.start("guest", [&] {
            log += "guest ";
            checkpoint("inside");
            log += "guest ";
        });
        inner.declare({guest.at("inside")});
        inner.next();
        log += "host ";
        checkpoint("between"); // the host's own, while the guest stands at its
        inner.finish();
        BOOST_CHECK_THROW(inner.run_to(guest.at("inside")), usage_error);
        checkpoint("after");
    });
    const starter other = outer.start("other", [&] {
        log += "other ";
        checkpoint("x");
    });
    outer.declare({host.at("before"), host.at("between"), other.at("x"), host.at("after")});
    std::string names;
    for (const checkpoint_ref& here : outer) {
        names += here.text() + ' ';
    }
    BOOST_TEST(names == "host:before host:between other:x host:after ");
    BOOST_TEST(log == "guest host other guest ");
}

BOOST_AUTO_TEST_CASE(an_outer_runner_that_is_destroyed_unwinds_the_inner_one) {
    std::string log;
    struct writes_when_destroyed {
        std::string& log;
        const char* text;
        ~writes_when_destroyed() { log += text; }
    };
    {
        runner outer;
        const starter host = outer.start("host", [&] {
            const writes_when_destroyed first{log, "host "};
            runner inner;
            const starter guest = inner.start("guest", [&] {
                const writes_when_destroyed second{log, "guest "};
                checkpoint("inside");
            });
            inner.run_to(guest.at("inside"));
            checkpoint("between");
        });
        outer.run_to(host.at("between"));
        BOOST_TEST(log == "");
    }
    BOOST_TEST(log == "guest host ");
}

BOOST_AUTO_TEST_CASE(an_exception_passes_through_an_inner_runner) {
    runner outer;
    (void)outer.start("host", [] {
        runner inner;
        (void)inner.start("guest", [] { throw std::runtime_error("from within"); });
        inner.finish();
    });
    BOOST_CHECK_EXCEPTION(outer.finish(), std::runtime_error,
                          [](const std::runtime_error& error) { return error.what() == std::string("from within"); });
}

BOOST_AUTO_TEST_CASE(two_runners_may_be_driven_alternately) {
    std::string log;
    const auto writing = [&](const char* name) {
        return [&log, name] {
            for (int round = 0; round < 2; ++round) {
                log += name;
                checkpoint("x");
            }
        };
    };
    runner one;
    runner other;
    const starter alice = one.start("alice", writing("a"));
    const starter bob = one.start("bob", writing("b"));
    const starter carol = other.start("alice", writing("C"));
    one.declare({alice.at("x"), bob.at("x"), alice.at("x"), bob.at("x")});
    other.declare({carol.at("x"), carol.at("x")});
    one.next();
    other.next();
    one.next();
    one.next();
    other.next();
    one.next();
    BOOST_TEST(log == "aCbaCb");
    one.finish();
    BOOST_TEST(one.done());
    BOOST_TEST(!other.done());
    other.finish();
}

BOOST_AUTO_TEST_CASE(runners_are_used_again_without_a_trace_of_what_was_before) {
    std::string first_timeline;
    std::string first_token;
    for (int round = 0; round < 5; ++round) {
        account acc;
        runner run;
        const starter alice = run.start("alice", &account::withdraw, &acc, 30);
        const starter bob = run.start("bob", &account::withdraw, &acc, 50);
        run.declare({alice.at("read"), bob.at("written")});
        run.next();
        if (round % 2 == 1) {
            continue; // destroyed half way
        }
        run.finish();
        first_timeline = round == 0 ? run.timeline() : first_timeline;
        first_token = round == 0 ? run.played().token() : first_token;
        BOOST_TEST(run.timeline() == first_timeline);
        BOOST_TEST(run.played().token() == first_token);
    }
}

BOOST_AUTO_TEST_CASE(the_status_says_where_each_starter_is) {
    runner run;
    std::string inside;
    const starter alice = run.start("alice", [&] {
        checkpoint("x", place{"src/account.cpp", 7});
        inside = run.status();
    });
    (void)run.start("bob", [] {});
    run.run_to(alice.at("x"));
    BOOST_TEST(run.status() == "  alice  stands at checkpoint 'x' at account.cpp:7\n  bob    has not begun\n");
    run.finish();
    BOOST_TEST(inside == "  alice  is running\n  bob    has not begun\n");
    BOOST_TEST(run.status() == "  alice  has finished\n  bob    has finished\n");
}

BOOST_AUTO_TEST_CASE(thousands_of_starters_are_no_matter) {
    constexpr int many = 10'000;
    int sum = 0;
    runner run(execution_options{.stack_size_bytes = 32 * 1024});
    for (int number = 0; number < many; ++number) {
        (void)run.start("s" + std::to_string(number), [&sum, number] {
            checkpoint("x");
            sum += number % 7;
        });
    }
    order backwards;
    for (int number = many - 1; number >= 0; number -= 100) {
        backwards.push_back(at("s" + std::to_string(number), "x"));
    }
    run.declare(backwards);
    for (const checkpoint_ref& here : run) {
        (void)here;
    }
    BOOST_TEST(run.done());
    int wanted = 0;
    for (int number = 0; number < many; ++number) {
        wanted += number % 7;
    }
    BOOST_TEST(sum == wanted);
    BOOST_CHECK(schedule::parse(run.played().token()) == run.played());
}

BOOST_AUTO_TEST_SUITE_END()
