/// Checkpoints at functions, in code that does not know of them: this file is compiled with -finstrument-functions.

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

struct machine {
    std::vector<int> steps;

    void first_phase() { steps.push_back(1); }
    void second_phase() const { const_cast<machine*>(this)->steps.push_back(2); }
    void run() {
        first_phase();
        second_phase();
        first_phase();
    }
    virtual void turn() {}
    virtual ~machine() = default;
};

int free_function(int number) { return number + 1; }

using steps = std::vector<int>;

} // namespace

BOOST_AUTO_TEST_CASE(a_member_function_is_a_checkpoint_before_and_after_it_runs) {
    machine made;
    cppvaldi::runner run;
    auto alice = run.start("alice", &machine::run, &made);
    run.declare({alice.before<&machine::first_phase>(), alice.after<&machine::first_phase>(),
                 alice.before<&machine::second_phase>(), alice.after<&machine::first_phase>()});
    BOOST_TEST(run.next()->name().find("machine::first_phase") != std::string::npos);
    BOOST_TEST(made.steps == steps{});
    run.next();
    BOOST_TEST(made.steps == steps{1});
    run.next();
    BOOST_TEST(made.steps == steps{1});
    run.next();
    BOOST_TEST(made.steps == (steps{1, 2, 1}));
    run.finish();
}

BOOST_AUTO_TEST_CASE(two_machines_stop_at_the_same_function_each_in_its_turn) {
    machine one;
    machine two;
    cppvaldi::runner run;
    auto alice = run.start("alice", &machine::run, &one);
    auto bob = run.start("bob", &machine::run, &two);
    run.declare({alice.before<&machine::second_phase>(), bob.after<&machine::second_phase>(),
                 alice.after<&machine::second_phase>()});
    run.next();
    BOOST_TEST(one.steps == steps{1});
    run.next();
    BOOST_TEST(two.steps == (steps{1, 2}));
    BOOST_TEST(one.steps == steps{1});
    run.finish();
    BOOST_TEST(one.steps == (steps{1, 2, 1}));
}

BOOST_AUTO_TEST_CASE(a_free_function_is_a_checkpoint_too) {
    int seen = 0;
    cppvaldi::runner run;
    auto alice = run.start("alice", [&] { seen = free_function(41); });
    run.declare({alice.after<&free_function>()});
    run.next();
    BOOST_TEST(seen == 0);
    run.finish();
    BOOST_TEST(seen == 42);
}

BOOST_AUTO_TEST_CASE(a_function_that_is_never_called_is_a_missed_checkpoint_that_names_the_flag) {
    cppvaldi::runner run;
    auto alice = run.start("alice", [] {});
    run.declare({alice.before<&free_function>()});
    try {
        run.next();
        BOOST_FAIL("nothing was thrown");
    } catch (const cppvaldi::missed_checkpoint& refused) {
        BOOST_TEST(std::string(refused.what()).find("-finstrument-functions") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_virtual_function_is_refused_with_the_reason) {
    cppvaldi::runner run;
    auto alice = run.start("alice", [] {});
    BOOST_CHECK_THROW((void)alice.before<&machine::turn>(), cppvaldi::usage_error);
}
