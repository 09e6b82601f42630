/// Checkpoints at functions of every kind, by pointer, for an object, and by name: this file is compiled with -finstrument-functions.

#include <cppvaldi/cppvaldi.hpp>

#include "support/says.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace shop {

using steps = std::vector<std::string>;

void note(const char* step);
void fails();
void survives();
void goes_on();
namespace deep {
void flush();
} // namespace deep
namespace shallow {
void flush();
} // namespace shallow

steps done;

void note(const char* step) { done.emplace_back(step); }

class counter {
public:
    void save(int) { note("number"); }
    void save(const std::string&) { note("text"); }
    void save_all() {
        save(1);
        save(std::string("1"));
        hide();
    }
    static void close() { note("closed"); }

private:
    void hide() { note("hidden"); }
};

template <typename Goods>
Goods sell(Goods price) {
    note("sold");
    return price;
}

namespace deep {
void flush() { note("deep flush"); }
} // namespace deep

namespace shallow {
void flush() { note("shallow flush"); }
} // namespace shallow

struct shelf {
    virtual ~shelf() = default;
    virtual void fill() { note("shelf"); }
};
struct fridge : shelf {
    void fill() override { note("fridge"); }
};
struct box {
    virtual ~box() = default;
    virtual void open() { note("box"); }
    long size = 0;
};
struct cool_box : shelf, box {
    void fill() override { note("cool box"); }
    void open() override { note("cool box opened"); }
};

[[gnu::no_instrument_function]] void unseen();
void unseen() { note("unseen"); }

void fails() {
    note("fails");
    throw std::runtime_error("failed");
}
void survives() {
    try {
        fails();
    } catch (const std::runtime_error&) {
        note("caught");
    }
}
void goes_on() {
    survives();
    deep::flush();
}

} // namespace shop

namespace {

using cppvaldi::checkpoint_ref;
using cppvaldi::runner;
using cppvaldi::starter;
using cppvaldi::usage_error;
using shop::steps;

struct clean_shop {
    clean_shop() { shop::done.clear(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(functions_by_name, clean_shop)

BOOST_AUTO_TEST_CASE(a_cast_selects_among_overloads) {
    shop::counter of;
    runner run;
    const starter alice = run.start("alice", &shop::counter::save_all, &of);
    run.declare({alice.before<static_cast<void (shop::counter::*)(const std::string&)>(&shop::counter::save)>()});
    (void)run.next();
    BOOST_TEST(shop::done == steps{"number"});
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_static_member_an_instance_of_a_template_and_a_lambda_have_theirs) {
    const auto pay = [] { shop::note("paid"); };
    runner run;
    const starter alice = run.start("alice", [&] {
        shop::counter::close();
        (void)shop::sell(5);
        pay();
    });
    run.declare({alice.after<&shop::counter::close>(), alice.before<&shop::sell<int>>(),
                 alice.before<&decltype(pay)::operator()>()});
    (void)run.next();
    BOOST_TEST(shop::done == steps{"closed"});
    (void)run.next();
    BOOST_TEST(shop::done == steps{"closed"});
    (void)run.next();
    BOOST_TEST(shop::done == (steps{"closed", "sold"}));
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_virtual_function_is_the_final_overrider_of_an_object) {
    shop::fridge cold;
    shop::shelf plain;
    const shop::shelf& seen = cold;
    runner run;
    const starter alice = run.start("alice", [&] {
        plain.fill();
        static_cast<shop::shelf&>(cold).fill();
    });
    const checkpoint_ref filled = alice.after<&shop::shelf::fill>(seen);
    BOOST_TEST(filled.name() == "after shop::fridge::fill()");
    run.declare({filled});
    (void)run.next();
    BOOST_TEST(shop::done == (steps{"shelf", "fridge"}));
    run.finish();
}

BOOST_AUTO_TEST_CASE(it_is_also_when_it_is_behind_a_thunk) {
    shop::cool_box both;
    shop::box& second = both;
    runner run;
    const starter alice = run.start("alice", [&] { second.open(); });
    const checkpoint_ref opened = alice.before<&shop::box::open>(second);
    BOOST_TEST(opened.name() == "before shop::cool_box::open()");
    run.declare({opened});
    BOOST_TEST(run.next().has_value());
    BOOST_TEST(shop::done.empty());
    run.finish();
    BOOST_TEST(shop::done == steps{"cool box opened"});
}

BOOST_AUTO_TEST_CASE(a_name_means_all_overloads_and_private_functions_too) {
    shop::counter of;
    runner run;
    const starter alice = run.start("alice", &shop::counter::save_all, &of);
    run.declare({alice.before("shop::counter::save"), alice.before("shop::counter::save"),
                 alice.before("shop::counter::hide")});
    (void)run.next();
    BOOST_TEST(shop::done.empty());
    (void)run.next();
    BOOST_TEST(shop::done == steps{"number"});
    BOOST_TEST(run.next()->name() == "before shop::counter::hide()");
    BOOST_TEST(shop::done == (steps{"number", "text"}));
    run.finish();
}

BOOST_AUTO_TEST_CASE(with_its_parameters_it_means_one_overload) {
    shop::counter of;
    runner run;
    const starter alice = run.start("alice", &shop::counter::save_all, &of);
    run.declare({alice.after("shop::counter::save(int)")});
    BOOST_TEST(run.next()->name() == "after shop::counter::save(int)");
    BOOST_TEST(shop::done == steps{"number"});
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_pattern_means_all_that_fit_it) {
    runner run;
    const starter alice = run.start("alice", [] {
        shop::shallow::flush();
        shop::deep::flush();
        (void)shop::sell(1.5);
    });
    run.declare({alice.before("shop::*::flush"), alice.before("shop::*::flush"), alice.before("shop::sell")});
    (void)run.next();
    BOOST_TEST(shop::done.empty());
    (void)run.next();
    BOOST_TEST(shop::done == steps{"shallow flush"});
    (void)run.next();
    BOOST_TEST(shop::done == (steps{"shallow flush", "deep flush"}));
    run.finish();
}

BOOST_AUTO_TEST_CASE(occurrences_count_per_starter) {
    runner run;
    const auto twice = [] {
        shop::deep::flush();
        shop::deep::flush();
    };
    const starter alice = run.start("alice", twice);
    const starter bob = run.start("bob", twice);
    run.declare({cppvaldi::at("bob", bob.before("shop::deep::flush").name(), 2), alice.before("shop::deep::flush")});
    (void)run.next();
    BOOST_TEST(shop::done == steps{"deep flush"});
    (void)run.next();
    BOOST_TEST(shop::done.size() == 2U);
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_function_that_an_exception_leaves_has_been_left) {
    runner run;
    const starter alice = run.start("alice", &shop::goes_on);
    run.declare({alice.after<&shop::fails>(), alice.before<&shop::deep::flush>()});
    (void)run.next();
    BOOST_TEST(shop::done.front() == "fails");
    BOOST_TEST(shop::done.back() != "deep flush");
    (void)run.next();
    BOOST_TEST(shop::done == (steps{"fails", "caught"}));
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_name_that_means_nothing_is_refused_with_those_that_come_close) {
    runner run;
    const starter alice = run.start("alice", [] {});
    BOOST_CHECK_EXCEPTION((void)alice.before("shop::deep::flash"), usage_error,
                          says({"starter::before(\"shop::deep::flash\") of 'alice'", "no function of the program",
                                "these come close: shop::deep::flush"}));
    BOOST_CHECK_EXCEPTION((void)alice.after("counter::hide"), usage_error, says({"come close: shop::counter::hide"}));
    BOOST_CHECK_EXCEPTION((void)alice.after("xyzzy_*"), usage_error,
                          says({"no function of the program has this name"}));
}

BOOST_AUTO_TEST_CASE(a_function_without_the_flag_is_refused_with_the_flag) {
    runner run;
    const starter alice = run.start("alice", [] {});
    BOOST_CHECK_EXCEPTION((void)alice.before<&shop::unseen>(), usage_error, says({"-finstrument-functions"}));
    BOOST_CHECK_EXCEPTION((void)alice.before("shop::unseen"), usage_error, says({"-finstrument-functions"}));
}

BOOST_AUTO_TEST_SUITE_END()
