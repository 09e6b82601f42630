// Exceptions being handled and in flight go with the fiber, whatever is switched to meanwhile.

#include "fiber/flow.hpp"

#include <boost/test/unit_test.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using test::flow;

/// Yields when it is destroyed, and notes how many exceptions are in flight before and after.
struct yields_when_destroyed {
    flow& self;
    std::string& log;
    ~yields_when_destroyed() {
        log += "before " + std::to_string(std::uncaught_exceptions()) + ' ';
        self.yield();
        log += "after " + std::to_string(std::uncaught_exceptions()) + ' ';
    }
};

std::string handled() {
    try {
        throw;
    } catch (const std::exception& present) {
        return present.what();
    } catch (...) {
        return "something else";
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(exception_states, test::pooled)

BOOST_AUTO_TEST_CASE(a_switch_inside_a_catch_block_keeps_the_exception_for_throw) {
    std::string seen;
    flow one(pool, [&](flow& self) {
        try {
            throw std::runtime_error("mine");
        } catch (...) {
            self.yield();
            seen = handled();
        }
    });
    one.resume();
    BOOST_TEST(!std::current_exception());
    try {
        throw std::runtime_error("the driver's");
    } catch (...) {
        one.resume();
        BOOST_TEST(handled() == "the driver's");
    }
    BOOST_TEST(seen == "mine");
}

BOOST_AUTO_TEST_CASE(a_fiber_begins_without_the_exceptions_of_its_driver) {
    bool none = false;
    int in_flight = -1;
    flow one(pool, [&](flow&) {
        none = !std::current_exception();
        in_flight = std::uncaught_exceptions();
    });
    try {
        throw 1;
    } catch (int) {
        one.resume();
    }
    BOOST_TEST(none);
    BOOST_TEST(in_flight == 0);
}

BOOST_AUTO_TEST_CASE(handlers_of_two_fibers_that_overlap_end_in_any_order) {
    const auto throws_and_yields = [](const char* text, std::string& seen) {
        return [text, &seen](flow& self) {
            try {
                throw std::runtime_error(text);
            } catch (const std::exception& mine) {
                self.yield();
                seen += handled() + ' ' + mine.what() + ' ';
            }
            seen += std::current_exception() ? "left over" : "none";
        };
    };
    std::string first_seen, second_seen;
    flow first(pool, throws_and_yields("first", first_seen));
    flow second(pool, throws_and_yields("second", second_seen));
    first.resume();
    second.resume();
    first.resume(); // ends before the handler that was entered last
    second.resume();
    BOOST_TEST(first_seen == "first first none");
    BOOST_TEST(second_seen == "second second none");
}

BOOST_AUTO_TEST_CASE(nested_handlers_unwind_to_the_right_exception) {
    std::vector<std::string> seen;
    flow one(pool, [&](flow& self) {
        try {
            throw std::runtime_error("outer");
        } catch (...) {
            try {
                throw std::runtime_error("inner");
            } catch (...) {
                self.yield();
                seen.push_back(handled());
                try {
                    self.yield();
                    throw;
                } catch (const std::exception& again) {
                    self.yield();
                    seen.emplace_back(again.what());
                }
            }
            self.yield();
            seen.push_back(handled());
        }
    });
    flow other(pool, [&](flow& self) {
        for (;;) {
            try {
                throw std::runtime_error("other");
            } catch (...) {
                self.yield();
                if (one.ended()) {
                    return;
                }
            }
        }
    });
    while (!one.ended()) {
        one.resume();
        other.resume();
    }
    BOOST_TEST(seen == (std::vector<std::string>{"inner", "inner", "outer"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(exceptions_in_flight_are_counted_for_each_fiber) {
    std::string log, other_log;
    flow one(pool, [&](flow& self) {
        try {
            const yields_when_destroyed guard{self, log};
            throw std::runtime_error("in flight");
        } catch (const std::exception& caught) {
            log += caught.what();
        }
    });
    flow other(pool, [&](flow& self) { const yields_when_destroyed guard{self, other_log}; });
    one.resume();
    BOOST_TEST(std::uncaught_exceptions() == 0);
    other.resume();
    one.resume();
    other.resume();
    BOOST_TEST(log == "before 1 after 1 in flight");
    BOOST_TEST(other_log == "before 0 after 0 ");
}

BOOST_AUTO_TEST_CASE(exceptions_in_flight_in_two_fibers_and_the_driver_end_in_any_order) {
    std::string first_log, second_log;
    const auto unwinds = [](std::string& log) {
        return [&log](flow& self) {
            try {
                const yields_when_destroyed outer{self, log};
                const yields_when_destroyed inner{self, log};
                throw std::runtime_error("thrown");
            } catch (const std::exception& caught) {
                log += caught.what();
            }
        };
    };
    flow first(pool, unwinds(first_log));
    flow second(pool, unwinds(second_log));

    struct resumes_when_destroyed {
        flow& first;
        flow& second;
        ~resumes_when_destroyed() {
            BOOST_TEST(std::uncaught_exceptions() == 1);
            first.resume();
            second.resume();
            first.resume();
            BOOST_TEST(std::uncaught_exceptions() == 1);
        }
    };
    try {
        const resumes_when_destroyed guard{first, second};
        throw 1;
    } catch (int) {
        BOOST_TEST(std::uncaught_exceptions() == 0);
    }
    first.resume();
    second.resume();
    second.resume();
    const std::string wanted = "before 1 after 1 before 1 after 1 thrown";
    BOOST_TEST(first_log == wanted);
    BOOST_TEST(second_log == wanted);
}

BOOST_AUTO_TEST_CASE(a_fiber_that_throws_while_another_handles_is_caught_by_its_own_handler) {
    std::string log;
    flow handling(pool, [&](flow& self) {
        try {
            throw std::logic_error("handled for long");
        } catch (const std::exception&) {
            self.yield();
            log += handled();
        }
    });
    handling.resume();
    flow throwing(pool, [&](flow& self) {
        try {
            self.yield();
            throw std::runtime_error("short");
        } catch (const std::exception& caught) {
            log += std::string(caught.what()) + ' ';
        }
    });
    throwing.resume();
    throwing.resume();
    handling.resume();
    BOOST_TEST(log == "short handled for long");
}

BOOST_AUTO_TEST_CASE(an_exception_goes_from_a_fiber_to_its_driver_as_a_pointer_and_is_freed) {
    struct counted {
        std::shared_ptr<int> alive;
    };
    const auto alive = std::make_shared<int>(0);
    std::exception_ptr handed_over;
    flow one(pool, [&](flow&) {
        try {
            throw counted{alive};
        } catch (...) {
            handed_over = std::current_exception();
        }
    });
    one.resume();
    BOOST_TEST(alive.use_count() == 2);
    BOOST_CHECK_THROW(std::rethrow_exception(handed_over), counted);
    handed_over = nullptr;
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(a_fiber_that_leaves_from_nested_handlers_frees_what_they_handle) {
    const auto alive = std::make_shared<int>(0);
    const auto leaves = [&](flow& self) {
        try {
            throw alive;
        } catch (...) {
            try {
                throw std::pair(alive, 1);
            } catch (...) {
                try {
                    throw;
                } catch (...) {
                    BOOST_TEST(alive.use_count() == 4); // the driver handles one too
                    test::fiber::end_handlers();
                    BOOST_TEST(!std::current_exception());
                    BOOST_TEST(alive.use_count() == 2);
                    self.leave();
                }
            }
        }
    };
    flow one(pool, leaves);
    try {
        throw alive;
    } catch (...) {
        one.resume();
        BOOST_TEST(alive.use_count() == 2); // the driver's own
    }
}

BOOST_AUTO_TEST_CASE(a_fiber_that_is_switched_to_in_the_middle_of_a_rethrow_by_another_is_unharmed) {
    std::string log;
    flow* rethrowing = nullptr;
    flow inner(pool, [&](flow& self) {
        log += std::to_string(std::uncaught_exceptions());
        try {
            throw std::runtime_error("x");
        } catch (...) {
            self.yield_to(*rethrowing);
            log += handled();
        }
    });
    struct switches_when_destroyed {
        flow& from;
        flow& to;
        ~switches_when_destroyed() { from.yield_to(to); }
    };
    flow outer(pool, [&](flow& self) {
        try {
            try {
                throw std::runtime_error("y");
            } catch (...) {
                const switches_when_destroyed guard{self, inner};
                throw;
            }
        } catch (const std::exception& caught) {
            log += caught.what();
        }
    });
    rethrowing = &outer;
    outer.resume();
    inner.resume();
    BOOST_TEST(log == "0yx");
}

BOOST_AUTO_TEST_SUITE_END()
