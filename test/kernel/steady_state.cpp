// Rule 10: what an execution needs it takes over from the one before. Every allocation of this program is counted.

#include <boost/test/unit_test.hpp>

#include <cppvaldi/cppvaldi.hpp>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>

namespace {

std::size_t allocations = 0;

} // namespace

void* operator new(std::size_t size_bytes) {
    ++allocations;
    if (void* memory = std::malloc(size_bytes == 0 ? 1 : size_bytes)) {
        return memory;
    }
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

constexpr int turns = 1'000;

struct teller {
    int balance = 100;

    void take_turns() {
        for (int turn = 0; turn < turns; ++turn) {
            cppvaldi::checkpoint("turn", turn);
        }
    }

    void withdraw(int amount) {
        const int seen = balance;
        cppvaldi::checkpoint("read");
        balance = seen - amount;
        cppvaldi::checkpoint("written");
        cppvaldi::checkpoint("told");
    }
};

cppvaldi::order alternation() {
    cppvaldi::order declared;
    for (int turn = 0; turn < turns; ++turn) {
        declared.push_back(cppvaldi::at("alice", "turn"));
        declared.push_back(cppvaldi::at("bob", "turn"));
    }
    return declared;
}

/// Plays `drive` three times over in executions of their own, and returns what the last one has allocated while it was driven.
template <typename Drive>
std::size_t allocated_while_driven(const cppvaldi::order& declared, Drive drive) {
    std::size_t allocated = 0;
    for (int execution = 0; execution < 3; ++execution) {
        teller shared;
        cppvaldi::runner run;
        run.start("alice", &teller::take_turns, &shared);
        run.start("bob", &teller::take_turns, &shared);
        run.declare(declared);
        const std::size_t before = allocations;
        drive(run);
        allocated = allocations - before;
    }
    return allocated;
}

/// Plays whole executions, and returns what the last one has allocated from its runner's first line to its last.
std::size_t allocated_by_an_execution(const cppvaldi::order& declared, const std::string& first,
                                      const std::string& second) {
    std::size_t allocated = 0;
    for (int execution = 0; execution < 3; ++execution) {
        const std::size_t before = allocations;
        {
            teller shared;
            cppvaldi::runner run;
            run.start(first, &teller::withdraw, &shared, 30);
            run.start(second, &teller::withdraw, &shared, 50);
            run.declare(declared);
            run.finish();
        }
        allocated = allocations - before;
    }
    return allocated;
}

} // namespace

BOOST_AUTO_TEST_CASE(checkpoints_allocate_nothing) {
    const auto finish = [](cppvaldi::runner& run) { run.finish(); };
    BOOST_TEST(allocated_while_driven(alternation(), finish) == 0);
    BOOST_TEST(allocated_while_driven(cppvaldi::order(), finish) == 0);
}

BOOST_AUTO_TEST_CASE(pauses_allocate_nothing) {
    const cppvaldi::order declared = alternation();
    const auto next = [](cppvaldi::runner& run) {
        while (run.next()) {}
    };
    BOOST_TEST(allocated_while_driven(declared, next) == 0);
    const auto run_to = [&](cppvaldi::runner& run) {
        for (const cppvaldi::checkpoint_ref& due : declared) {
            (void)run.run_to(due);
        }
        run.finish();
    };
    BOOST_TEST(allocated_while_driven(declared, run_to) == 0);
}

BOOST_AUTO_TEST_CASE(a_repeated_execution_allocates_nothing) {
    const auto declared = cppvaldi::order::parse("alice:read bob:read bob:written alice:written alice:told bob:told");
    BOOST_TEST(allocated_by_an_execution(declared, "alice", "bob") == 0);
}

/// Texts of more than 15 bytes do not fit into a `std::string` itself: each handle and each declared checkpoint has one.
BOOST_AUTO_TEST_CASE(a_repeated_execution_with_long_names_allocates_them_only) {
    const auto declared = cppvaldi::order::parse("\"the first of the tellers\":read \"the second teller\":read");
    BOOST_TEST(allocated_by_an_execution(declared, "the first of the tellers", "the second teller") == 4);
}

BOOST_AUTO_TEST_CASE(an_abandoned_execution_leaves_its_memory_to_the_next) {
    const auto declared = cppvaldi::order::parse("alice:read bob:read");
    std::size_t allocated = 0;
    for (int execution = 0; execution < 3; ++execution) {
        teller shared;
        cppvaldi::runner run;
        const std::size_t before = allocations;
        run.start("alice", &teller::withdraw, &shared, 30);
        run.start("bob", &teller::withdraw, &shared, 50);
        run.declare(declared);
        (void)run.next();
        allocated = allocations - before;
    } // unwound here, which throws, and that allocates in the C++ runtime without `new`
    BOOST_TEST(allocated == 0);
}

BOOST_AUTO_TEST_CASE(outside_an_execution_a_checkpoint_allocates_nothing) {
    const std::size_t before = allocations;
    teller shared;
    shared.take_turns();
    const std::size_t allocated = allocations - before;
    BOOST_TEST(allocated == 0);
}
