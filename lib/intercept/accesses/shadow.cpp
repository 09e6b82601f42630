#include "intercept/accesses/shadow.hpp"

#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace cppvaldi::intercept {

namespace {

constexpr std::uint64_t bytes_mask = 0xff;

/// Memory that is there when it is touched.
void* reserve(std::size_t size_bytes) noexcept {
    void* const reserved =
        ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return reserved == MAP_FAILED ? nullptr : reserved;
}

remembered remembered_of(const access_now& made) noexcept { return {made.base | made.bytes, made.code, made.step}; }

starter_id starter_of(const remembered& made) noexcept {
    return static_cast<starter_id>(made.key >> 12 & (shadow::most_starters - 1));
}

vector_clock::time time_of(const remembered& made) noexcept { return static_cast<vector_clock::time>(made.key >> 32); }

/// True if these bytes of what is remembered are known to who accesses now.
bool is_known_to(const race_detector& clocks, starter_id who, const remembered& before) noexcept {
    return clocks.knows(who, starter_of(before), time_of(before));
}

/// Takes these bytes out of what is remembered.
void forget(remembered& of, std::uint64_t bytes) noexcept {
    of.key &= ~bytes;
    if ((of.key & bytes_mask) == 0) {
        of = {};
    }
}

} // namespace

bool shadow::begin() noexcept {
    if (regions_ == nullptr) {
        regions_ = static_cast<granule**>(reserve((std::size_t{1} << (address_bits - region_bits)) * sizeof(granule*)));
    }
    return regions_ != nullptr;
}

void shadow::clear() noexcept {
    for (granule* const each : touched_) {
        *each = {};
    }
    touched_.clear();
    lists_used_ = 0;
}

void shadow::clear(std::uintptr_t from, std::size_t size_bytes) noexcept {
    if (touched_.empty()) {
        return;
    }
    for (std::uintptr_t address = from & ~std::uintptr_t{7}; address < from + size_bytes;) {
        granule* const forgotten = find(address);
        if (forgotten == nullptr) { // nor is the rest of its region
            address = ((address >> region_bits) + 1) << region_bits;
            continue;
        }
        if ((forgotten->written.key | forgotten->read.key) != 0) { // it stays among the touched
            *forgotten = {};
        }
        address += 8;
    }
}

granule& shadow::at(std::uintptr_t address) {
    granule*& region = regions_[address >> region_bits];
    if (region == nullptr) {
        region = static_cast<granule*>(reserve(granules_of_region * sizeof(granule)));
        if (region == nullptr) {
            throw std::bad_alloc();
        }
    }
    return region[(address >> 3) % granules_of_region];
}

void shadow::touch(granule& touched) {
    if ((touched.written.key | touched.read.key) == 0) {
        touched_.push_back(&touched);
    }
}

bool shadow::conflicts(const race_detector& clocks, const remembered& before, const access_now& made) noexcept {
    return (before.key & made.bytes) != 0 && !is_known_to(clocks, made.by, before);
}

shadow::verdict shadow::check(const race_detector& clocks, std::uintptr_t address, const access_now& made,
                              conflict& other) const {
    const granule* const in = find(address);
    if (in == nullptr) {
        return verdict::fine;
    }
    if ((in->written.key & freed_flag) != 0) {
        other = {in->written, true};
        return verdict::is_freed;
    }
    if ((in->written.key & list_flag) != 0) {
        for (const entry& each : lists_[in->written.key >> 12]) {
            if ((made.writes || each.writes) && conflicts(clocks, each.made, made)) {
                other = {each.made, each.writes};
                return verdict::races;
            }
        }
        return verdict::fine;
    }
    if (conflicts(clocks, in->written, made)) {
        other = {in->written, true};
        return verdict::races;
    }
    if (made.writes && conflicts(clocks, in->read, made)) {
        other = {in->read, false};
        return verdict::races;
    }
    return verdict::fine;
}

shadow::verdict shadow::note(const race_detector& clocks, std::uintptr_t address, const access_now& made,
                             conflict& other) {
    granule& in = at(address);
    const verdict found = check(clocks, address, made, other);
    if (found != verdict::fine) {
        return found;
    }
    touch(in);
    if ((in.written.key & list_flag) != 0 || !put_inline(clocks, in, made)) {
        put_into_list(clocks, list_of(in), made);
    }
    return verdict::fine;
}

/// Returns false if there is more to remember than has room. REQUIRES: it does not race.
bool shadow::put_inline(const race_detector& clocks, granule& in, const access_now& made) noexcept {
    remembered& same = made.writes ? in.written : in.read;
    if ((same.key & ~bytes_mask) == made.base) {
        same.key |= made.bytes;
    } else if ((same.key & bytes_mask & ~std::uint64_t{made.bytes}) == 0 &&
               (made.writes || same.key == 0 || is_known_to(clocks, made.by, same))) {
        same = remembered_of(made);
    } else {
        return false;
    }
    if (made.writes) { // it comes after all reads of these bytes, and who races with them races with it
        forget(in.read, made.bytes);
    }
    return true;
}

/// The same for as many as there are. What the access knows of is forgotten, as far as it covers it: reads before a read, and all before
/// a write.
void shadow::put_into_list(const race_detector& clocks, list& in, const access_now& made) {
    bool joined = false;
    for (entry& each : in) {
        if (each.writes == made.writes && (each.made.key & ~bytes_mask) == made.base) {
            each.made.key |= made.bytes;
            joined = true;
        } else if (made.writes || (!each.writes && is_known_to(clocks, made.by, each.made))) {
            forget(each.made, made.bytes);
        }
    }
    std::erase_if(in, [](const entry& each) { return each.made.key == 0; });
    if (!joined) {
        in.push_back({remembered_of(made), made.writes});
    }
}

shadow::list& shadow::list_of(granule& of) {
    if ((of.written.key & list_flag) == 0) {
        if (lists_used_ == lists_.size()) {
            lists_.emplace_back();
        }
        list& made = lists_[lists_used_];
        made.clear();
        for (const remembered* each : {&of.written, &of.read}) {
            if (each->key != 0) {
                made.push_back({*each, each == &of.written});
            }
        }
        of.written = {std::uint64_t{lists_used_++} << 12 | list_flag, 0, 0};
        of.read = {};
    }
    return lists_[of.written.key >> 12];
}

void shadow::note_freed(std::uintptr_t address, const access_now& made) {
    granule& in = at(address);
    touch(in);
    in.written = remembered_of(made);
    in.written.key |= freed_flag;
    in.read = {};
}

} // namespace cppvaldi::intercept
