#include "fiber/stack_pool.hpp"

#include "fiber/sanitizer.hpp"
#include "support/child.hpp"

#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace {

using cppvaldi::stack;
using cppvaldi::stack_pool;
using guard_kind = stack_pool::guard_kind;

constexpr std::size_t page_size_bytes = 4096;

// The kinds of guard that this kernel has.
std::vector<guard_kind> kinds() {
    return stack_pool::best_guards() == guard_kind::light ? std::vector{guard_kind::light, guard_kind::page_protection}
                                                          : std::vector{guard_kind::page_protection};
}

std::size_t mappings() {
    std::ifstream maps("/proc/self/maps");
    return static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>(), '\n'));
}

std::size_t resident_bytes(const stack& of) {
    std::vector<unsigned char> pages(of.size_bytes() / page_size_bytes);
    BOOST_REQUIRE_EQUAL(::mincore(of.limit, of.size_bytes(), pages.data()), 0);
    return page_size_bytes * static_cast<std::size_t>(std::count_if(pages.begin(), pages.end(),
                                                                    [](unsigned char page) { return page & 1; }));
}

void touch_all_of(const stack& of) { std::memset(of.limit, 1, of.size_bytes()); }

std::vector<stack> acquire(stack_pool& pool, std::size_t count) {
    std::vector<stack> taken;
    for (std::size_t position = 0; position < count; ++position) {
        taken.push_back(pool.acquire());
    }
    return taken;
}

void release(stack_pool& pool, const std::vector<stack>& taken) {
    for (const stack& each : taken) {
        pool.release(each);
    }
}

/// Writes to memory that no test may write to.
void write_to(std::byte* where) { *static_cast<volatile std::byte*>(where) = std::byte{1}; }

} // namespace

BOOST_AUTO_TEST_CASE(a_pool_chooses_the_best_guards_of_the_kernel) {
    BOOST_TEST((stack_pool(4096).guards() == stack_pool::best_guards()));
}

BOOST_AUTO_TEST_CASE(a_stack_is_written_to_from_its_base_to_its_limit) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(64 * 1024, kind);
        const std::vector<stack> taken = acquire(pool, 100);
        for (const stack& each : taken) {
            BOOST_TEST(each.size_bytes() == 64U * 1024);
            touch_all_of(each);
        }
        release(pool, taken);
    }
}

BOOST_AUTO_TEST_CASE(stacks_and_their_guards_do_not_overlap) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(8 * 1024, kind);
        std::vector<stack> taken = acquire(pool, 3000);
        std::sort(taken.begin(), taken.end(),
                  [](const stack& left, const stack& right) { return left.limit < right.limit; });
        for (std::size_t position = 1; position < taken.size(); ++position) {
            BOOST_REQUIRE(taken[position].limit - stack_pool::guard_size_bytes >= taken[position - 1].base);
        }
        release(pool, taken);
    }
}

BOOST_AUTO_TEST_CASE(the_stack_that_was_released_last_is_handed_out_next) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(16 * 1024, kind);
        const stack first = pool.acquire();
        const stack second = pool.acquire();
        BOOST_TEST((first != second));
        const stack third = pool.acquire();
        pool.release(first);
        pool.release(second);
        BOOST_TEST((pool.acquire() == second));
        BOOST_TEST((pool.acquire() == first));
        release(pool, {first, second, third});
    }
}

BOOST_AUTO_TEST_CASE(once_all_are_released_they_are_handed_out_in_the_first_order_again) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(16 * 1024, kind);
        const std::vector<stack> taken = acquire(pool, 20);
        for (const std::vector<std::size_t>& order : {std::vector<std::size_t>{2, 0, 1}, std::vector<std::size_t>{0, 1},
                                                      std::vector<std::size_t>{0, 3, 1, 2}}) {
            std::vector<stack> all = taken;
            for (const std::size_t each : order) {
                pool.release(all[each]);
            }
            all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(order.size()));
            release(pool, all);
            BOOST_TEST((acquire(pool, 20) == taken));
        }
        release(pool, taken);
    }
}

BOOST_AUTO_TEST_CASE(stacks_that_are_released_and_acquired_again_need_no_new_mapping) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(16 * 1024, kind);
        release(pool, acquire(pool, 200));
        const std::size_t before = mappings();
        for (int round = 0; round < 20; ++round) {
            release(pool, acquire(pool, 200));
        }
        BOOST_TEST(mappings() == before);
    }
}

BOOST_AUTO_TEST_CASE(live_counts_the_stacks_in_use) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(16 * 1024, kind);
        BOOST_TEST(pool.live() == 0U);
        const std::vector<stack> taken = acquire(pool, 20);
        BOOST_TEST(pool.live() == 20U);
        pool.release(taken[7]);
        BOOST_TEST(pool.live() == 19U);
        const stack again = pool.acquire();
        BOOST_TEST(pool.live() == 20U);
        BOOST_TEST((again == taken[7]));
        release(pool, taken);
        BOOST_TEST(pool.live() == 0U);
    }
}

BOOST_AUTO_TEST_CASE(writing_below_a_stack_is_a_fault) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(16 * 1024, kind);
        const std::vector<stack> taken = acquire(pool, 3);
        for (const stack& each : taken) {
            for (std::size_t below : {std::size_t{1}, page_size_bytes + 1, stack_pool::guard_size_bytes}) {
                const test::ended child = test::in_a_child([&] {
                    ::signal(SIGSEGV, SIG_DFL); // a sanitizer would explain it
                    write_to(each.limit - below);
                });
                BOOST_TEST(child.signal == SIGSEGV);
            }
        }
        release(pool, taken);
    }
}

BOOST_AUTO_TEST_CASE(guards_tells_addresses_in_the_guard_from_all_others) {
    stack_pool pool(16 * 1024);
    const stack taken = pool.acquire();
    BOOST_TEST(taken.guards(taken.limit - 1));
    BOOST_TEST(taken.guards(taken.limit - stack_pool::guard_size_bytes));
    BOOST_TEST(!taken.guards(taken.limit - stack_pool::guard_size_bytes - 1));
    BOOST_TEST(!taken.guards(taken.limit));
    BOOST_TEST(!taken.guards(taken.base));
    BOOST_TEST(!taken.guards(nullptr));
    BOOST_TEST(!stack{}.guards(&pool));
    pool.release(taken);
}

BOOST_AUTO_TEST_CASE(a_guard_holds_after_its_stack_gave_its_pages_back) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(page_size_bytes, kind);
        const std::vector<stack> taken = acquire(pool, stack_pool::warm_stacks + 1);
        release(pool, taken);
        const stack& cold = taken.back();
        const test::ended child = test::in_a_child([&] {
            ::signal(SIGSEGV, SIG_DFL);
            write_to(cold.limit - 1);
        });
        BOOST_TEST(child.signal == SIGSEGV);
    }
}

BOOST_AUTO_TEST_CASE(free_stacks_keep_their_pages_only_up_to_a_bound) {
    for (guard_kind kind : kinds()) {
        constexpr std::size_t size_bytes = 32 * 1024;
        stack_pool pool(size_bytes, kind);
        const std::vector<stack> taken = acquire(pool, stack_pool::warm_stacks + 2);
        for (const stack& each : taken) {
            touch_all_of(each);
        }
        release(pool, taken);
        BOOST_TEST(resident_bytes(taken[0]) == size_bytes);
        BOOST_TEST(resident_bytes(taken[stack_pool::hot_stacks - 1]) == size_bytes);
        BOOST_TEST(resident_bytes(taken[stack_pool::hot_stacks]) == stack_pool::warm_top_size_bytes);
        BOOST_TEST(resident_bytes(taken[stack_pool::warm_stacks - 1]) == stack_pool::warm_top_size_bytes);
        BOOST_TEST(resident_bytes(taken[stack_pool::warm_stacks]) == 0U);
        BOOST_TEST(resident_bytes(taken[stack_pool::warm_stacks + 1]) == 0U);
        touch_all_of(pool.acquire());
        pool.release(taken.back());
    }
}

BOOST_AUTO_TEST_CASE(a_stack_smaller_than_what_is_kept_warm_is_kept_whole) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(page_size_bytes, kind);
        const std::vector<stack> taken = acquire(pool, stack_pool::hot_stacks + 1);
        for (const stack& each : taken) {
            touch_all_of(each);
        }
        release(pool, taken);
        BOOST_TEST(resident_bytes(taken.back()) == page_size_bytes);
    }
}

BOOST_AUTO_TEST_CASE(a_size_is_rounded_up_to_whole_pages) {
    for (guard_kind kind : kinds()) {
        for (const auto& [asked, given] :
             {std::pair{1U, 4096U}, {4095U, 4096U}, {4096U, 4096U}, {4097U, 8192U}, {100'000U, 102'400U}}) {
            stack_pool pool(asked, kind);
            BOOST_TEST(pool.stack_size_bytes() == given);
            const stack taken = pool.acquire();
            BOOST_TEST(taken.size_bytes() == given);
            touch_all_of(taken);
            pool.release(taken);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_huge_stack_costs_addresses_and_no_memory) {
    for (guard_kind kind : kinds()) {
        stack_pool pool(std::size_t{1} << 32, kind);
        const stack taken = pool.acquire();
        BOOST_TEST(resident_bytes(taken) == 0U);
        write_to(taken.base - 1);
        write_to(taken.limit);
        BOOST_TEST(resident_bytes(taken) == 2 * page_size_bytes);
        pool.release(taken);
    }
}

BOOST_AUTO_TEST_CASE(a_stack_larger_than_any_machine_is_refused_with_the_size_in_the_text) {
    for (guard_kind kind : kinds()) {
        for (std::size_t asked : {std::size_t{1} << 50, std::size_t{1} << 63, SIZE_MAX - 100, SIZE_MAX}) {
            stack_pool pool(asked, kind);
            BOOST_CHECK_EXCEPTION((void)pool.acquire(), std::system_error, [&](const std::system_error& refused) {
                const std::string text = refused.what();
                BOOST_TEST((refused.code() == std::errc::not_enough_memory));
                BOOST_TEST(text.find("no further stack of " + std::to_string(pool.stack_size_bytes()) +
                                     " bytes, 0 are alive") != std::string::npos,
                           text);
                BOOST_TEST(text.find("execution_options::stack_size_bytes") != std::string::npos, text);
                return true;
            });
            BOOST_TEST(pool.live() == 0U);
        }
    }
}

BOOST_AUTO_TEST_CASE(
    where_addresses_are_scarce_stacks_are_mapped_a_few_at_a_time,
    *boost::unit_test::enable_if<!CPPVALDI_ADDRESS_SANITIZER>()) { // whose shadow needs addresses itself
    const test::ended child = test::in_a_child([] {
        constexpr ::rlim_t most = ::rlim_t{1} << 30;
        const ::rlimit little{most, most};
        if (::setrlimit(RLIMIT_AS, &little) != 0) {
            ::_exit(1);
        }
        stack_pool pool(std::size_t{200} << 20); // eight of them do not fit
        const stack first = pool.acquire();
        const stack second = pool.acquire();
        try {
            acquire(pool, 4);
            ::_exit(2);
        } catch (const std::system_error&) {
            pool.release(second);
            ::_exit(pool.acquire() == second && first != second ? 0 : 3);
        }
    });
    BOOST_TEST(child.status == 0);
}

BOOST_AUTO_TEST_CASE(light_guards_make_no_mappings, *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                         return boost::test_tools::assertion_result(stack_pool::best_guards() == guard_kind::light);
                     })) {
    stack_pool pool(256 * 1024, guard_kind::light);
    const std::size_t before = mappings();
    const std::vector<stack> taken = acquire(pool, 50'000);
    BOOST_TEST(mappings() < before + 100);
    release(pool, taken);
}

BOOST_AUTO_TEST_CASE(running_out_of_mappings_says_how_many_are_alive_and_what_to_do,
                     *boost::unit_test::enable_if<!CPPVALDI_ADDRESS_SANITIZER>()) { // which maps for itself, or dies
    std::size_t most_mappings = 0;
    std::ifstream("/proc/sys/vm/max_map_count") >> most_mappings;
    if (most_mappings > 200'000) {
        BOOST_TEST_MESSAGE("this machine allows too many mappings to run out of them: " << most_mappings);
        return;
    }
    std::vector<stack> taken;
    taken.reserve(most_mappings);
    std::string text;
    bool used_again = false;
    const std::size_t before = mappings();
    {
        stack_pool pool(page_size_bytes, guard_kind::page_protection);
        try {
            for (;;) {
                taken.push_back(pool.acquire());
            }
        } catch (const std::system_error& refused) {
            text = refused.what();
        }
        // Checks come when there are mappings again: they may need memory themselves.
        const std::size_t live = pool.live();
        const stack last = taken.back();
        pool.release(last);
        used_again = pool.acquire() == last;
        bool refused_again = false;
        try {
            (void)pool.acquire();
        } catch (const std::system_error&) {
            refused_again = true;
        }
        release(pool, taken);
        BOOST_TEST(refused_again);
        BOOST_TEST(live == taken.size());
        BOOST_TEST(pool.live() == 0U);
        const stack whole = pool.acquire();
        touch_all_of(whole);
        pool.release(whole);
    }
    BOOST_TEST(used_again);
    BOOST_TEST(taken.size() > most_mappings / 2 - 2 * before - 100);
    BOOST_TEST(taken.size() <= most_mappings / 2);
    BOOST_TEST(text.find("mprotect gives no further stack of 4096 bytes, " + std::to_string(taken.size()) +
                         " are alive") != std::string::npos,
               text);
    BOOST_TEST(text.find("raise vm.max_map_count") != std::string::npos, text);
    BOOST_TEST(mappings() < before + 10);
}

BOOST_AUTO_TEST_CASE(a_pool_that_is_gone_leaves_no_mapping) {
    for (guard_kind kind : kinds()) {
        const std::size_t before = mappings();
        {
            stack_pool pool(16 * 1024, kind);
            release(pool, acquire(pool, 1000));
        }
        BOOST_TEST(mappings() < before + 10);
    }
}
