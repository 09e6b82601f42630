#include "intercept/snapshot/run_record.hpp"

#include <algorithm>
#include <new>

#include <sys/mman.h>

namespace cppvaldi::intercept {

namespace {

/// Addresses, of which only what is used costs memory.
constexpr std::size_t record_size_bytes = std::size_t{1} << 30;
constexpr std::size_t most_decisions = (record_size_bytes - 4096) / sizeof(decision);

} // namespace

void sight_hash::add(std::uint64_t number) noexcept {
    value_ = (value_ ^ number) * 0x0000'0100'0000'01b3;
    value_ ^= value_ >> 29;
}

void sight_hash::add(const scheduling_point& point, starter_id answer) noexcept {
    for (const starter_set* set : {&point.enabled, point.resting, point.early}) {
        for (starter_id each = set == nullptr ? nobody : set->first(); each != nobody; each = set->after(each)) {
            add(index(each));
        }
        add(std::uint64_t{1} << 32);
    }
    for (const operation& each : point.pending) {
        add(static_cast<std::uint64_t>(each.kind) << 40 | static_cast<std::uint64_t>(each.access) << 32 |
            static_cast<std::uint32_t>(each.object));
    }
    add(static_cast<std::uint64_t>(index(point.running)) << 32 | index(answer));
}

void sight_hash::add(const value_point& point, std::uint32_t answer) noexcept {
    add(static_cast<std::uint64_t>(point.count) << 32 | answer);
}

run_record::run_record()
    : memory_(::mmap(nullptr, record_size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                     0)) {
    static_assert(sizeof(head) <= 4096);
    if (memory_ == MAP_FAILED) {
        throw std::bad_alloc();
    }
    ::new (memory_) head;
}

run_record::~run_record() { ::munmap(memory_, record_size_bytes); }

decision* run_record::first() const noexcept {
    return reinterpret_cast<decision*>(static_cast<std::byte*>(memory_) + 4096);
}

void run_record::begin_execution() noexcept {
    top().decisions = 0;
    ++top().begun;
}

void run_record::add(decision taken) noexcept {
    if (top().decisions < most_decisions) {
        ::new (first() + top().decisions++) decision(taken);
    }
}

void run_record::end_execution(const sight& seen) noexcept {
    top().last = seen;
    top().abandoned += seen.is_new ? 0 : 1;
}

void run_record::refuse(const std::string& why) noexcept {
    top().at = stage::refused;
    top().why[why.copy(top().why, sizeof top().why - 1)] = '\0';
}

schedule run_record::decisions() const { return schedule(std::vector<decision>(first(), first() + top().decisions)); }

} // namespace cppvaldi::intercept
