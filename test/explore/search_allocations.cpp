// Rule 10, under a search: once it has seen what there is, an execution more allocates nothing. Every allocation of this program is
// counted.

#include "support/contended.hpp"

#include <boost/test/unit_test.hpp>

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/explore.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/shared.hpp>
#include <cppvaldi/thread.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>

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

/// With plain variables, so that it is watched for races: one that is only read, by several at a time, and one that is guarded.
void guarded_variables() {
    cppvaldi::mutex guard;
    cppvaldi::atomic<int> turn{0};
    cppvaldi::shared<int> step{0};
    cppvaldi::shared<int> count{0};
    step = 1;
    const auto add = [&] {
        turn.fetch_add(1);
        guard.lock();
        count += step;
        guard.unlock();
    };
    cppvaldi::thread alice{"alice", add};
    cppvaldi::thread bob{"bob", add};
    cppvaldi::thread carol{"carol", add};
    alice.join();
    bob.join();
    carol.join();
}

template <typename Description>
std::size_t allocated(void (*body)(), const Description& by, std::uint64_t executions) {
    const std::function<void()> searched = body;
    const std::size_t before = allocations;
    const cppvaldi::exploration found = cppvaldi::explore(searched, by, {.executions = executions});
    BOOST_TEST(!found.finding.has_value());
    BOOST_TEST(found.executions == executions);
    return allocations - before;
}

/// What `more` executions allocate beyond the first `few`.
template <typename Description>
std::size_t allocated_later(void (*body)(), const Description& by, std::uint64_t few, std::uint64_t more) {
    const std::size_t by_few = allocated(body, by, few);
    return allocated(body, by, few + more) - by_few;
}

template <typename Description>
void check(const Description& by) {
    BOOST_TEST_CONTEXT(by) {
        BOOST_TEST(allocated_later(&lost_update<2>, by, 5'000, 5'000) == 0U);
        BOOST_TEST(allocated_later(&mutex_counter<int, 1>, by, 5'000, 5'000) == 0U);
        BOOST_TEST(allocated_later(&guarded_variables, by, 5'000, 5'000) == 0U);
    }
}

} // namespace

BOOST_AUTO_TEST_CASE(an_execution_drawn_at_random_allocates_nothing) {
    check(cppvaldi::random{});
    check(cppvaldi::sticky{});
    check(cppvaldi::pct{});
    check(cppvaldi::pos{});
}

BOOST_AUTO_TEST_CASE(an_execution_of_surw_allocates_nothing) { check(cppvaldi::surw{}); }

BOOST_AUTO_TEST_CASE(an_execution_of_a_full_search_allocates_nothing) {
    BOOST_TEST(allocated_later(&lost_update<2>, cppvaldi::exhaustive{}, 40, 20) == 0U);
}
