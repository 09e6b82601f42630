#include "strategies/recollection.hpp"

#include "support/model.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/strategies.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace {

using cppvaldi::divergence;
using cppvaldi::recollection;

/// Plays some executions of a program that is another one from execution `changes` on.
void play(const outline& first, const outline& then, std::uint64_t changes, std::uint64_t executions) {
    const std::unique_ptr<cppvaldi::strategy> decides = make_strategy(cppvaldi::random{.seed = 5});
    recollection remembering(*decides);
    model before(first);
    model after(then);
    for (std::uint64_t execution = 0; execution < executions; ++execution) {
        cppvaldi::strategy& by = recollection::wants(execution) ? remembering : *decides;
        BOOST_REQUIRE(by.begin_execution());
        (void)(execution < changes ? before : after).play(by);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(recollections)

BOOST_AUTO_TEST_CASE(a_program_that_stays_the_same_is_let_pass) {
    BOOST_CHECK_NO_THROW(play({"rw..", "(r)", "y."}, {"rw..", "(r)", "y."}, 0, 2'000));
}

BOOST_AUTO_TEST_CASE(another_operation_another_object_and_another_end_are_noticed) {
    BOOST_CHECK_THROW(play({"rw", "r."}, {"ww", "r."}, 3, 50), divergence);
    BOOST_CHECK_THROW(play({"rw", "r."}, {"rW", "r."}, 3, 50), divergence);
    BOOST_CHECK_THROW(play({"rw", "r."}, {"rww", "r."}, 3, 50), divergence);
    BOOST_CHECK_THROW(play({"rw", "r."}, {"rw", "r"}, 3, 50), divergence);
}

BOOST_AUTO_TEST_CASE(so_is_another_starter) {
    BOOST_CHECK_THROW(play({"rw", "r"}, {"rw", "r", "r"}, 3, 50), divergence);
}

BOOST_AUTO_TEST_CASE(a_change_is_noticed_late_in_the_search_too) {
    BOOST_CHECK_THROW(play({"rw", "rw"}, {"rw", "rr"}, 1'000, 2'000), divergence);
}

BOOST_AUTO_TEST_CASE(it_says_how_many_decisions_were_the_same) {
    try {
        play({"..", "."}, {".r", "."}, 1, 50);
        BOOST_ERROR("nothing was noticed");
    } catch (const divergence& noticed) {
        BOOST_TEST(std::string(noticed.what())
                           .find("the same 3 decisions are followed by 'starter 0: checkpoint' in one "
                                 "execution and by 'starter 0: load' in another") == 0U,
                   noticed.what());
    }
}

BOOST_AUTO_TEST_SUITE_END()
