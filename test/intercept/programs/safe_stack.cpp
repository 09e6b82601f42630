// SafeStack (Vyukov): a stack of indices whose pop reads the next index of a node that another has popped and pushed again meanwhile. It takes three
// threads and at least five switches to show. Mended: the head carries a number that every change raises.

#undef NDEBUG
#include <atomic>
#include <cassert>
#include <thread>
#include <vector>

namespace {

constexpr int nodes = 3;

class safe_stack {
public:
    safe_stack() {
        for (int node = 0; node < nodes; ++node) {
            next_[node].store(node + 1 < nodes ? node + 1 : -1);
        }
    }

#ifdef MENDED
    int pop() {
        for (;;) {
            long seen = head_.load();
            const int node = static_cast<int>(seen & 0xff) - 1;
            if (node < 0) {
                return -1;
            }
            if (head_.compare_exchange_strong(seen, stamped(seen, next_[node].load()))) {
                return node;
            }
        }
    }

    void push(int node) {
        for (;;) {
            long seen = head_.load();
            next_[node].store(static_cast<int>(seen & 0xff) - 1);
            if (head_.compare_exchange_strong(seen, stamped(seen, node))) {
                return;
            }
        }
    }

private:
    static long stamped(long before, int node) { return (before / 256 + 1) * 256 + node + 1; }

    std::atomic<long> head_{1};
#else
    int pop() {
        while (count_.load() > 1) {
            const int node = head_.load();
            const int next = next_[node].exchange(-1);
            if (next >= 0) {
                int expected = node;
                if (head_.compare_exchange_strong(expected, next)) {
                    count_.fetch_sub(1);
                    return node;
                }
                next_[node].exchange(next);
            }
        }
        return -1;
    }

    void push(int node) {
        int seen = head_.load();
        do {
            next_[node].store(seen);
        } while (!head_.compare_exchange_strong(seen, node));
        count_.fetch_add(1);
    }

private:
    std::atomic<int> count_{nodes};
    std::atomic<int> head_{0};
#endif
    std::atomic<int> next_[nodes];
};

} // namespace

int PROGRAM() {
    safe_stack shared;
    std::atomic<int> owners[nodes]{};
    std::vector<std::thread> threads;
    for (int number = 1; number <= 3; ++number) {
        threads.emplace_back([&, number] {
            for (int round = 0; round < 2; ++round) {
                const int node = shared.pop();
                if (node < 0) {
                    continue;
                }
                owners[node].store(number);
                assert(owners[node].load() == number);
                shared.push(node);
            }
        });
    }
    for (std::thread& each : threads) {
        each.join();
    }
    return 0;
}
