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
    std::size_t origins = 0; ///< how many have been noted
    bool is_full = false;
    bool is_over = false;
    std::size_t text_size = 0;
    char text[text_size_bytes];
};

/// What follows it, of a scheduling point: the members of its sets, the pending operations, the origins that are new, the states.
struct point_log::entry {
    enum class kind : std::uint8_t { starter, value, end };

    kind what = kind::starter;
    std::uint8_t sets = 0; ///< which of the sets there are, a bit each
    bool watched = false;
    std::uint32_t answer = 0;
    starter_id running = nobody;
    std::uint32_t count = 0; ///< of starters, or of values
    std::uint64_t step = 0;
    std::uint64_t last_step = 0;
    std::uint32_t members[4] = {}; ///< of each set
    std::uint32_t origins = 0;
    std::uint32_t states = 0;
    step_result last{};
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
    top().origins = 0;
    top().is_full = false;
    top().is_over = false;
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

void point_log::put_set(const starter_set* set) noexcept {
    for (starter_id each = set == nullptr ? nobody : set->first(); each != nobody; each = set->after(each)) {
        put(&each, sizeof each);
    }
}

/// What is cut off in the middle, when there is no more room, does not count.
void point_log::put_point(entry noted, const scheduling_point& point) noexcept {
    noted.watched = point.watched;
    noted.running = point.running;
    noted.count = static_cast<std::uint32_t>(point.pending.size());
    noted.step = point.step;
    noted.last_step = point.last_step;
    noted.last = point.last;
    noted.origins = static_cast<std::uint32_t>(point.origins.size() - top().origins);
    noted.states = static_cast<std::uint32_t>(point.states.size());
    const starter_set* const sets[] = {&point.enabled, point.resting, point.early, point.forced};
    for (std::size_t which = 0; which < std::size(sets); ++which) {
        if (sets[which] != nullptr) {
            noted.sets |= static_cast<std::uint8_t>(1U << which);
            noted.members[which] = static_cast<std::uint32_t>(sets[which]->size());
        }
    }
    const std::size_t before = top().used;
    put(&noted, sizeof noted);
    for (const starter_set* each : sets) {
        put_set(each);
    }
    put(point.pending.data(), point.pending.size_bytes());
    put(point.origins.data() + top().origins, noted.origins * sizeof(object_origin));
    put(point.states.data(), point.states.size_bytes());
    if (top().is_full) {
        top().used = before;
    } else {
        top().origins = point.origins.size();
        ++top().entries;
    }
}

void point_log::add(const scheduling_point& point, starter_id answer) noexcept {
    entry noted;
    noted.answer = index(answer);
    put_point(noted, point);
}

void point_log::add_end(const scheduling_point& point, bool answer) noexcept {
    entry noted;
    noted.what = entry::kind::end;
    noted.answer = answer ? 1 : 0;
    put_point(noted, point);
}

void point_log::add(const value_point& point, std::uint32_t answer) noexcept {
    entry noted;
    noted.what = entry::kind::value;
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

/// Goes through what is noted, one entry after the other.
class point_log::reader {
public:
    explicit reader(const point_log& from) noexcept
        : at_(static_cast<const char*>(from.memory_) + sizeof(head)), left_(from.top().entries) {}

    /// Returns false if there is none left.
    bool next() {
        if (left_ == 0) {
            return false;
        }
        --left_;
        get(&now, sizeof now, 1);
        if (now.what == entry::kind::value) {
            return true;
        }
        for (std::size_t which = 0; which < std::size(sets_); ++which) {
            sets_[which].clear();
            for (std::uint32_t member = 0; member < now.members[which]; ++member) {
                starter_id id{};
                get(&id, sizeof id, 1);
                sets_[which].insert(id);
            }
        }
        take(pending_, now.count);
        const std::size_t known = origins_.size();
        origins_.resize(known + now.origins);
        get(origins_.data() + known, sizeof(object_origin), now.origins);
        take(states_, now.states);
        return true;
    }

    /// Returns what the strategy was asked. REQUIRES: the entry is no value.
    [[nodiscard]] scheduling_point point() const {
        const auto set = [this](unsigned which) { return (now.sets >> which & 1U) == 0 ? nullptr : &sets_[which]; };
        scheduling_point asked{.enabled = sets_[0], .pending = pending_, .running = now.running, .step = now.step};
        asked.resting = set(1);
        asked.early = set(2);
        asked.forced = set(3);
        asked.last = now.last;
        asked.origins = origins_;
        asked.watched = now.watched;
        asked.states = states_;
        asked.last_step = now.last_step;
        return asked;
    }

    entry now;

private:
    void get(void* into, std::size_t size_bytes, std::size_t count) noexcept {
        if (count > 0) {
            std::memcpy(into, at_, size_bytes * count);
            at_ += size_bytes * count;
        }
    }

    template <typename Value>
    void take(std::vector<Value>& into, std::size_t count) {
        into.resize(count);
        get(into.data(), sizeof(Value), count);
    }

    const char* at_;
    std::size_t left_;
    starter_set sets_[4];
    std::vector<operation> pending_;
    std::vector<object_origin> origins_;
    std::vector<std::uint64_t> states_;
};

bool point_log::ask_again(strategy& asked) const {
    constexpr const char* rule = "a strategy that is asked the same answers the same";
    for (reader each(*this); each.next();) {
        switch (each.now.what) {
        case entry::kind::starter: {
            const starter_id answer = asked.next(each.point());
            CPPVALDI_ASSERT(index(answer), ==, each.now.answer, rule);
            break;
        }
        case entry::kind::value: {
            const std::uint32_t answer = asked.value({each.now.count, each.now.running, each.now.step});
            CPPVALDI_ASSERT(answer, ==, each.now.answer, rule);
            break;
        }
        case entry::kind::end: {
            const bool is_new = asked.end_execution(each.point());
            CPPVALDI_ASSERT(is_new, ==, (each.now.answer != 0), rule);
            return is_new;
        }
        }
    }
    return true;
}

schedule point_log::decisions() const {
    std::vector<decision> taken;
    for (reader each(*this); each.next();) {
        const bool is_starter = each.now.what == entry::kind::starter;
        const bool is_nobody = is_starter && (static_cast<starter_id>(each.now.answer) == nobody ||
                                              static_cast<starter_id>(each.now.answer) == somebody_else);
        if (each.now.what != entry::kind::end && !is_nobody) {
            taken.push_back({is_starter ? decision::kind::starter : decision::kind::value, each.now.answer});
        }
    }
    return schedule(std::move(taken));
}

void point_log::set_over() noexcept { top().is_over = true; }

bool point_log::is_over() const noexcept { return top().is_over; }

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

bool noting_strategy::end_execution(const scheduling_point& point) {
    const bool answer = answers_.end_execution(point);
    log_.add_end(point, answer);
    return answer;
}

} // namespace cppvaldi::intercept
