#include "programs.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace programs {

namespace {

/// Runs both at the same time.
template <typename One, typename Other>
void both(One one, Other other) {
    std::thread alice(one);
    std::thread bob(other);
    alice.join();
    bob.join();
}

} // namespace

int counted_under_mutex(bool forgets_lock) {
    std::mutex door;
    int count = 0;
    both(
        [&] {
            const std::lock_guard mine(door);
            ++count;
        },
        [&] {
            std::unique_lock mine(door, std::defer_lock);
            if (!forgets_lock) {
                mine.lock();
            }
            ++count;
        });
    return count;
}

int handed_over_by_atomic(bool relaxed_is_wrong_way_round) {
    std::atomic<bool> told{false};
    int data = 0;
    int seen = 0;
    both(
        [&] {
            if (relaxed_is_wrong_way_round) {
                told.store(true, std::memory_order_relaxed);
                data = 1;
            } else {
                data = 1;
                told.store(true, std::memory_order_release);
            }
        },
        [&] {
            if (told.load(std::memory_order_acquire)) {
                seen = data;
            }
        });
    return seen;
}

int handed_over_by_condition(bool after_unlock) {
    std::mutex door;
    std::condition_variable changed;
    bool ready = false;
    int data = 0;
    int seen = 0;
    both(
        [&] {
            std::unique_lock mine(door);
            ready = true;
            if (!after_unlock) {
                data = 1;
            }
            mine.unlock();
            if (after_unlock) {
                data = 1;
            }
            changed.notify_one();
        },
        [&] {
            std::unique_lock mine(door);
            changed.wait(mine, [&] { return ready; });
            seen = data;
        });
    return seen;
}

int told_to_thread(bool after_start) {
    int data = 0;
    int seen = 0;
    if (!after_start) {
        data = 1;
    }
    std::thread alice([&] { seen = data; });
    if (after_start) {
        data = 1;
    }
    alice.join();
    return seen;
}

/// Each thread has bytes of its own, though they lie side by side.
int neighbours() {
    struct {
        char one = 0;
        char other = 0;
        short third = 0;
        int fourth = 0;
    } values;
    both(
        [&] {
            values.one = 1;
            values.third = 1;
        },
        [&] {
            values.other = 1;
            values.fourth = 1;
        });
    return values.one + values.other + values.third + values.fourth;
}

/// The same, now one after the other has had them all.
int bit_neighbours() {
    alignas(8) unsigned char bytes[8] = {};
    std::mutex door;
    both(
        [&] {
            for (int round = 0; round < 2; ++round) {
                bytes[0] = 1;
                bytes[3] = 1;
                const std::lock_guard mine(door);
                bytes[7] = static_cast<unsigned char>(bytes[7] + 1);
            }
        },
        [&] {
            for (int round = 0; round < 2; ++round) {
                bytes[1] = 1;
                bytes[4] = bytes[1];
                const std::lock_guard mine(door);
                bytes[7] = static_cast<unsigned char>(bytes[7] + 1);
            }
        });
    std::uint64_t sum = 0;
    for (const unsigned char each : bytes) {
        sum += each;
    }
    return static_cast<int>(sum);
}

int unaligned(bool races) {
    struct [[gnu::packed]] packed {
        char first;
        std::uint64_t second;
        std::uint32_t third;
    };
    packed value{0, 0, 0};
    both([&] { value.second = 7; },
         [&] {
             if (races) {
                 std::memcpy(&value.third, "abc", 3);
                 value.second = 8;
             } else {
                 value.third = 3;
                 value.first = 1;
             }
         });
    return static_cast<int>(value.second);
}

int wide_values(bool races) {
    __extension__ using wide = __int128;
    wide values[2] = {1, 2};
    both([&] { values[0] = values[1]; },
         [&] {
             if (races) {
                 values[1] = 3;
             }
         });
    return static_cast<int>(values[0]);
}

namespace {

struct large {
    char text[100];
};

} // namespace

int copied_structs(bool races) {
    auto from = std::make_unique<large>();
    auto to = std::make_unique<large>();
    from->text[99] = 1;
    both([&] { *to = *from; },
         [&] {
             if (races) {
                 from->text[50] = 1;
             }
         });
    return to->text[99];
}

namespace {

struct shape {
    shape() = default;
    shape(const shape&) = delete;
    shape& operator=(const shape&) = delete;
    virtual ~shape() = default;
    virtual int corners() { return 0; }
};

struct triangle final : shape {
    ~triangle() override { gone.store(true); }
    int corners() override { return count; }
    int count = 3;
    std::atomic<bool> gone{false};
};

} // namespace

int called_virtually(bool destroyed_early) {
    std::unique_ptr<shape> drawn = std::make_unique<triangle>();
    shape* volatile opaque = drawn.get();
    shape* const seen = opaque;
    int corners = 0;
    std::thread alice([&] { corners = seen->corners(); });
    if (destroyed_early) {
        drawn.reset();
        alice.join();
    } else {
        alice.join();
        drawn.reset();
    }
    return corners;
}

int shared_pointers() {
    auto value = std::make_shared<int>(5);
    int one = 0;
    int other = 0;
    std::thread alice([&one, mine = value] { one = *mine; });
    std::thread bob([&other, mine = value]() mutable {
        other = *mine;
        mine.reset();
    });
    value.reset();
    alice.join();
    bob.join();
    return one + other;
}

int read_by_many(bool written_meanwhile) {
    int data = 7;
    int sums[3] = {};
    std::vector<std::thread> readers;
    for (int& sum : sums) {
        readers.emplace_back([&sum, &data] { sum = data; });
    }
    if (written_meanwhile) {
        data = 8;
    }
    for (std::thread& each : readers) {
        each.join();
    }
    data = 9;
    return sums[0] + sums[1] + sums[2];
}

int vectors(bool races) {
    std::vector<int> values(4, 1);
    std::mutex door;
    const auto add = [&](bool locks) {
        std::unique_lock mine(door, std::defer_lock);
        if (locks) {
            mine.lock();
        }
        values.push_back(2);
    };
    both([&] { add(true); }, [&] { add(!races); });
    return static_cast<int>(values.size());
}

int used_after_free(bool frees_early) {
    int* const value = new int(5);
    int seen = 0;
    if (frees_early) {
        delete value;
    }
    seen = *static_cast<volatile int*>(value);
    if (!frees_early) {
        delete value;
    }
    return seen;
}

int freed_twice(bool twice) {
    int* const value = new int(5);
    std::mutex door;
    const auto drop = [&](bool drops) {
        const std::lock_guard mine(door);
        if (drops) {
            delete value;
        }
    };
    both([&] { drop(true); }, [&] { drop(twice); });
    return 5;
}

int freed_by_other(bool without_join) {
    int* const value = new int(5);
    int seen = 0;
    std::thread alice([&] { seen = *value; });
    if (without_join) {
        delete value;
        alice.join();
    } else {
        alice.join();
        delete value;
    }
    return seen;
}

/// What one has freed another is given.
int reused_memory() {
    std::atomic<int> sum{0};
    const auto use = [&] {
        for (int round = 0; round < 3; ++round) {
            const auto made = std::make_unique<int>(round);
            *made += 1;
            sum.fetch_add(*made, std::memory_order_relaxed);
        }
    };
    both(use, use);
    return sum.load();
}

/// Threads that have ended leave their stacks to others.
int stacks_of_others() {
    std::atomic<int> ended{0};
    for (int round = 0; round < 4; ++round) {
        std::thread([&ended, round] {
            volatile int values[16] = {};
            for (volatile int& each : values) {
                each = round;
            }
            ended.fetch_add(1);
        }).detach();
        while (ended.load() <= round) {
            std::this_thread::yield();
        }
    }
    return ended.load();
}

int once_each(bool checked_twice) {
    struct settings {
        int size = 0;
    };
    std::mutex door;
    bool made = false;
    settings only;
    const auto use = [&] {
        if (!checked_twice || !made) {
            const std::lock_guard mine(door);
            if (!made) {
                only.size = 10;
                made = true;
            }
        }
    };
    both(use, use);
    return only.size;
}

int local_static() {
    const auto made = [] {
        static const std::vector<int> values(3, 4);
        return values.back();
    };
    int one = 0;
    int other = 0;
    both([&] { one = made(); }, [&] { other = made(); });
    return one + other;
}

namespace {

template <typename Number>
bool counts() {
    std::atomic<Number> value{0};
    const auto add = [&] {
        value.fetch_add(3);
        value.fetch_sub(1);
        value.fetch_or(8);
        value.fetch_and(static_cast<Number>(~8));
        value.fetch_xor(16);
        Number seen = value.load();
        while (!value.compare_exchange_weak(seen, static_cast<Number>(seen + 1))) {}
    };
    add();
    add();
    bool all = value.load() == 6;
    all = all && value.exchange(9) == 6 && value.load() == 9;
    Number wrong = 1;
    all = all && !value.compare_exchange_strong(wrong, 2) && wrong == 9;
    value.store(4);
    return all && __atomic_fetch_nand(reinterpret_cast<Number*>(&value), 5, __ATOMIC_SEQ_CST) == 4 &&
           value.load() == static_cast<Number>(~4);
}

} // namespace

int atomics_of_all_widths() {
    return counts<std::uint8_t>() + counts<std::uint16_t>() + counts<std::uint32_t>() + counts<std::uint64_t>();
}

int spins() {
    std::atomic_flag locked = ATOMIC_FLAG_INIT;
    int count = 0;
    const auto add = [&] {
        while (locked.test_and_set(std::memory_order_acquire)) {}
        ++count;
        locked.clear(std::memory_order_release);
    };
    both(add, add);
    return count;
}

int fences(bool alone) {
    int data = 0;
    std::atomic<int> told{0};
    int seen = 0;
    both(
        [&] {
            data = 1;
            __atomic_thread_fence(__ATOMIC_SEQ_CST);
            told.store(1, std::memory_order_relaxed);
        },
        [&] {
            if (alone || told.load(std::memory_order_relaxed) == 1) {
                __atomic_thread_fence(__ATOMIC_SEQ_CST);
                seen = data;
            }
        });
    return seen;
}

int lost_update() {
    volatile int count = 0;
    const auto add = [&] { count = count + 1; };
    both(add, add);
    return count;
}

int updated_in_two_steps() {
    std::atomic<int> count{0};
    const auto add = [&] { count.store(count.load() + 1); };
    both(add, add);
    return count.load();
}

int plain_against_atomic(bool mixed) {
    alignas(4) int value = 0;
    both([&] { __atomic_fetch_add(&value, 1, __ATOMIC_SEQ_CST); },
         [&] {
             if (mixed) {
                 value = 5;
             } else {
                 __atomic_store_n(&value, 5, __ATOMIC_SEQ_CST);
             }
         });
    return value;
}

} // namespace programs
