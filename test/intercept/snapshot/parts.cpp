// The parts that memory is put back with, each by itself.

#include "intercept/heap.hpp"
#include "intercept/snapshot/mappings.hpp"
#include "intercept/snapshot/run_record.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <vector>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using cppvaldi::intercept::address_range;
using cppvaldi::intercept::arena;

namespace {

std::vector<std::pair<std::uintptr_t, std::uintptr_t>> left_of(address_range whole, std::vector<address_range> parts) {
    std::vector<std::pair<std::uintptr_t, std::uintptr_t>> left;
    for (const address_range& each : cppvaldi::intercept::without(whole, std::move(parts))) {
        left.emplace_back(each.begin, each.end);
    }
    return left;
}

using ranges = std::vector<std::pair<std::uintptr_t, std::uintptr_t>>;

/// Returns the signal that a child which does this is ended by; 0 if it is not.
template <typename Deed>
int signal_of(Deed&& deed) {
    const pid_t child = ::fork();
    if (child == 0) {
        (void)std::signal(SIGABRT, SIG_DFL);
        (void)::close(STDERR_FILENO);
        deed();
        ::_exit(0);
    }
    int how = 0;
    (void)::waitpid(child, &how, 0);
    return WIFSIGNALED(how) ? WTERMSIG(how) : 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(snapshot_parts)

BOOST_AUTO_TEST_CASE(what_is_left_of_a_range_is_what_no_part_covers) {
    BOOST_TEST((left_of({10, 20}, {}) == ranges{{10, 20}}));
    BOOST_TEST((left_of({10, 20}, {{12, 14}, {16, 18}}) == ranges{{10, 12}, {14, 16}, {18, 20}}));
    BOOST_TEST((left_of({10, 20}, {{16, 18}, {12, 14}, {13, 17}}) == ranges{{10, 12}, {18, 20}}));
    BOOST_TEST((left_of({10, 20}, {{0, 10}, {20, 30}}) == ranges{{10, 20}}));
    BOOST_TEST((left_of({10, 20}, {{5, 12}, {19, 40}}) == ranges{{12, 19}}));
    BOOST_TEST(left_of({10, 20}, {{0, 30}}).empty());
}

BOOST_AUTO_TEST_CASE(a_mapping_is_found_with_its_access) {
    constexpr std::size_t size_bytes = 3 * 4096;
    void* const mapped = ::mmap(nullptr, size_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const auto address = reinterpret_cast<std::uintptr_t>(mapped);
    int found = 0;
    for (const auto& each : cppvaldi::intercept::read_mappings()) {
        if (each.where.begin <= address && address < each.where.end) {
            ++found;
            BOOST_TEST(each.where.end >= address + size_bytes);
            BOOST_TEST(std::string(each.access, 4) == "r--p");
        }
    }
    BOOST_TEST(found == 1);
    (void)::munmap(mapped, size_bytes);
}

BOOST_AUTO_TEST_CASE(an_arena_hands_out_the_same_addresses_and_zeroes_after_it_is_cleared) {
    arena* const heap = arena::create();
    BOOST_TEST_REQUIRE(heap != nullptr);
    const std::size_t sizes[] = {0, 1, 16, 17, 1000, 1024, 1025, 5000, 100'000, 10'000'000};
    std::vector<void*> first;
    for (int round = 0; round < 3; ++round) {
        std::vector<void*> blocks;
        for (const std::size_t size : sizes) {
            auto* const block = static_cast<char*>(heap->allocate(size, 16, false));
            BOOST_TEST_REQUIRE(block != nullptr);
            BOOST_TEST(arena::size_of(block) >= size);
            BOOST_TEST(reinterpret_cast<std::uintptr_t>(block) % 16 == 0);
            BOOST_TEST((size == 0 || (block[0] == 0 && block[size - 1] == 0)));
            std::memset(block, 0xee, arena::size_of(block));
            blocks.push_back(block);
        }
        first = round == 0 ? blocks : first;
        BOOST_TEST((blocks == first));
        heap->clear();
    }
}

BOOST_AUTO_TEST_CASE(a_block_that_is_freed_is_the_next_of_its_size) {
    arena* const heap = arena::create();
    void* const one = heap->allocate(100, 16, false);
    void* const other = heap->allocate(100, 16, false);
    std::memset(one, 1, 100);
    heap->release(one);
    heap->release(other);
    BOOST_TEST(heap->allocate(200, 16, false) != other);
    BOOST_TEST(heap->allocate(97, 16, false) == other);
    auto* const again = static_cast<const char*>(heap->allocate(112, 16, true));
    BOOST_TEST(again == one);
    BOOST_TEST((again[8] == 0 && again[99] == 0));
}

BOOST_AUTO_TEST_CASE(blocks_are_aligned_as_they_are_wanted_and_can_be_freed) {
    arena* const heap = arena::create();
    for (std::size_t alignment = 16; alignment <= 65'536; alignment *= 2) {
        void* const block = heap->allocate(alignment / 2, alignment, false);
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(block) % alignment == 0);
        BOOST_TEST(arena::size_of(block) >= alignment / 2);
        std::memset(block, 1, arena::size_of(block));
        heap->release(block);
    }
    BOOST_TEST(heap->allocate(std::size_t{1} << 50, 16, false) == nullptr);
}

BOOST_AUTO_TEST_CASE(what_is_freed_twice_or_was_never_allocated_ends_the_process) {
    arena* const heap = arena::create();
    auto* const block = static_cast<char*>(heap->allocate(100, 16, false));
    BOOST_TEST(signal_of([&] { heap->release(block); }) == 0);
    BOOST_TEST(signal_of([&] {
                   heap->release(block);
                   heap->release(block);
               }) == SIGABRT);
    BOOST_TEST(signal_of([&] { heap->release(block + 32); }) == SIGABRT);
}

BOOST_AUTO_TEST_CASE(a_record_is_there_when_the_process_that_wrote_it_is_gone) {
    using cppvaldi::decision;
    cppvaldi::intercept::run_record record;
    const int how = signal_of([&] {
        record.begin_execution();
        record.add({decision::kind::starter, 1});
        record.end_execution({.hash = 5, .is_new = false});
        record.begin_execution();
        record.add({decision::kind::starter, 2});
        record.add({decision::kind::value, 3});
        std::raise(SIGKILL);
    });
    BOOST_TEST(how == SIGKILL);
    BOOST_TEST((record.at() == cppvaldi::intercept::run_record::stage::running));
    BOOST_TEST(record.begun() == 2);
    BOOST_TEST(record.abandoned() == 1);
    BOOST_TEST(record.hash() == 5);
    const std::vector<decision> wanted = {{decision::kind::starter, 2}, {decision::kind::value, 3}};
    BOOST_TEST((record.decisions().decisions() == wanted));
}

BOOST_AUTO_TEST_SUITE_END()
