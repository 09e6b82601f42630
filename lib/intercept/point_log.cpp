#include "intercept/point_log.hpp"

#include "assert.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>

#include <sys/mman.h>

namespace cppvaldi::intercept {

namespace {

/// Addresses, of which only what is used costs memory.
constexpr std::size_t log_size_bytes = std::size_t{1} << 32;
constexpr std::size_t text_size_bytes = std::size_t{1} << 20;

} // namespace

struct point_log::head {
    std::size_t used = 0;
    std::size_t entries = 0;
    bool is_full = false;
    std::size_t text_size = 0;
    char text[text_size_bytes];
};

/// What follows it: the members of the enabled, resting, early and forced, and the pending operations.
struct point_log::entry {
    decision::kind what = decision::kind::starter;
    std::uint32_t answer = 0;
    starter_id running = nobody;
    std::uint32_t count = 0; ///< of starters, or of values
    std::uint64_t step = 0;
    std::uint32_t members[4] = {}; ///< of each set
};

point_log::point_log()
    : memory_(
          ::mmap(nullptr, log_size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (memory_ == MAP_FAILED) {
        throw std::bad_alloc();
    }
    ::new (memory_) head;
}

point_log::~point_log() { ::munmap(memory_, log_size_bytes); }

void point_log::clear() noexcept {
    top().used = 0;
    top().entries = 0;
    top().is_full = false;
    top().text_size = 0;
}

void point_log::put(const void* bytes, std::size_t size_bytes) noexcept {
    if (sizeof(head) + top().used + size_bytes > log_size_bytes) {
        top().is_full = true;
        return;
    }
    std::memcpy(static_cast<char*>(memory_) + sizeof(head) + top().used, bytes, size_bytes);
    top().used += size_bytes;
}

template <typename Member>
void point_log::put_set(const Member* set) noexcept {
    for (starter_id each = set == nullptr ? nobody : set->first(); each != nobody; each = set->after(each)) {
        put(&each, sizeof each);
    }
}

void point_log::add(const scheduling_point& point, starter_id answer) noexcept {
    entry noted;
    noted.answer = index(answer);
    noted.running = point.running;
    noted.count = static_cast<std::uint32_t>(point.pending.size());
    noted.step = point.step;
    const starter_set* const sets[] = {&point.enabled, point.resting, point.early, point.forced};
    for (std::size_t which = 0; which < std::size(sets); ++which) {
        noted.members[which] = sets[which] == nullptr ? 0 : static_cast<std::uint32_t>(sets[which]->size());
    }
    const std::size_t before = top().used;
    put(&noted, sizeof noted);
    for (const starter_set* each : sets) {
        put_set(each);
    }
    put(point.pending.data(), point.pending.size_bytes());
    if (top().is_full) {
        top().used = before;
    } else {
        ++top().entries; // what is cut off in the middle does not count
    }
}

void point_log::add(const value_point& point, std::uint32_t answer) noexcept {
    entry noted;
    noted.what = decision::kind::value;
    noted.answer = answer;
    noted.running = point.running;
    noted.count = point.count;
    noted.step = point.step;
    const std::size_t before = top().used;
    put(&noted, sizeof noted);
    if (top().is_full) {
        top().used = before;
    } else {
        ++top().entries;
    }
}

void point_log::ask_again(strategy& asked) const {
    const char* at = static_cast<const char*>(memory_) + sizeof(head);
    const auto get = [&at](void* into, std::size_t size_bytes) {
        std::memcpy(into, at, size_bytes);
        at += size_bytes;
    };
    starter_set sets[4];
    std::vector<operation> pending;
    for (std::size_t left = top().entries; left > 0; --left) {
        entry noted;
        get(&noted, sizeof noted);
        if (noted.what == decision::kind::value) {
            const std::uint32_t answer = asked.value({noted.count, noted.running, noted.step});
            CPPVALDI_ASSERT(answer, ==, noted.answer, "a strategy that is asked the same answers the same");
            continue;
        }
        for (std::size_t which = 0; which < std::size(sets); ++which) {
            sets[which].clear();
            for (std::uint32_t member = 0; member < noted.members[which]; ++member) {
                starter_id id{};
                get(&id, sizeof id);
                sets[which].insert(id);
            }
        }
        pending.resize(noted.count);
        get(pending.data(), noted.count * sizeof(operation));
        scheduling_point point{.enabled = sets[0], .pending = pending, .running = noted.running, .step = noted.step};
        point.resting = &sets[1];
        point.early = &sets[2];
        point.forced = &sets[3];
        const starter_id answer = asked.next(point);
        CPPVALDI_ASSERT(index(answer), ==, noted.answer, "a strategy that is asked the same answers the same");
    }
}

schedule point_log::decisions() const {
    std::vector<decision> taken;
    const char* at = static_cast<const char*>(memory_) + sizeof(head);
    for (std::size_t left = top().entries; left > 0; --left) {
        entry noted;
        std::memcpy(&noted, at, sizeof noted);
        at += sizeof noted;
        if (noted.what == decision::kind::starter) {
            for (const std::uint32_t members : noted.members) {
                at += members * sizeof(starter_id);
            }
            at += noted.count * sizeof(operation);
        }
        const bool is_nobody = noted.what == decision::kind::starter && static_cast<starter_id>(noted.answer) == nobody;
        if (!is_nobody) {
            taken.push_back({noted.what, noted.answer});
        }
    }
    return schedule(std::move(taken));
}

void point_log::set_text(const char* text, std::size_t size) noexcept {
    top().text_size = std::min(size, sizeof top().text);
    std::memcpy(top().text, text, top().text_size);
}

std::string point_log::text() const { return {top().text, top().text_size}; }

starter_id noting_strategy::next(const scheduling_point& point) {
    const starter_id answer = answers_.next(point);
    log_.add(point, answer);
    return answer;
}

std::uint32_t noting_strategy::value(const value_point& point) {
    const std::uint32_t answer = answers_.value(point);
    log_.add(point, answer);
    return answer;
}

} // namespace cppvaldi::intercept
