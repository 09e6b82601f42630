// The owner takes jobs at the bottom of a deque, a thief at its top, and the last one may go to both. Mended: both settle it by a
// compare-exchange of the top (Chase and Lev, "Dynamic circular work-stealing deque", SPAA 2005).

#undef NDEBUG
#include <atomic>
#include <cassert>
#include <thread>

namespace {

class deque {
public:
    void push(int job) {
        const long bottom = bottom_.load();
        jobs_[bottom % capacity].store(job);
        bottom_.store(bottom + 1);
    }

    int take() {
        const long bottom = bottom_.load() - 1;
        bottom_.store(bottom);
        long top = top_.load();
        if (top > bottom) {
            bottom_.store(bottom + 1);
            return 0;
        }
        const int job = jobs_[bottom % capacity].load();
        if (top < bottom) {
            return job;
        }
#ifdef MENDED
        const bool is_mine = top_.compare_exchange_strong(top, top + 1);
#else
        const bool is_mine = true;
        top_.store(top + 1);
#endif
        bottom_.store(bottom + 1);
        return is_mine ? job : 0;
    }

    int steal() {
        long top = top_.load();
        if (top >= bottom_.load()) {
            return 0;
        }
        const int job = jobs_[top % capacity].load();
        return top_.compare_exchange_strong(top, top + 1) ? job : 0;
    }

private:
    static constexpr long capacity = 8;

    std::atomic<long> top_{0};
    std::atomic<long> bottom_{0};
    std::atomic<int> jobs_[capacity]{};
};

} // namespace

int PROGRAM() {
    deque shared;
    std::atomic<int> done[4]{};
    std::thread owner([&] {
        for (int job = 1; job <= 3; ++job) {
            shared.push(job);
        }
        for (int round = 0; round < 3; ++round) {
            done[shared.take()].fetch_add(1);
        }
    });
    std::thread thief([&] {
        for (int round = 0; round < 2; ++round) {
            done[shared.steal()].fetch_add(1);
        }
    });
    owner.join();
    thief.join();
    for (int job = 1; job <= 3; ++job) {
        assert(done[job].load() <= 1);
    }
    return 0;
}
