#include "intercept/accesses/shadow.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <new>
#include <span>

#include <sys/mman.h>

namespace cppvaldi::intercept {

namespace {

/// Memory that is there when it is touched.
void* reserve(std::size_t size_bytes) noexcept {
    void* const reserved =
        ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return reserved == MAP_FAILED ? nullptr : reserved;
}

starter_id starter_of(const remembered& made) noexcept {
    return static_cast<starter_id>(made.key >> 12 & (shadow::most_starters - 1));
}

vector_clock::time time_of(const remembered& made) noexcept { return static_cast<vector_clock::time>(made.key >> 32); }

/// True if these bytes of what is remembered are known to who accesses now.
bool is_known_to(const race_detector& clocks, starter_id who, const remembered& before) noexcept {
    return clocks.knows(who, starter_of(before), time_of(before));
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

/// Of much memory, a stack say, little has been touched.
void shadow::clear(granule* first, std::size_t count) noexcept {
    if (count < touched_.size()) {
        for (granule* each = first; each != first + count; ++each) {
            if (is_touched(*each)) { // it stays among them
                *each = {};
            }
        }
        return;
    }
    for (granule* const each : touched_) {
        if (!std::less<>{}(each, first) && std::less<>{}(each, first + count)) {
            *each = {};
        }
    }
}

void shadow::clear(std::uintptr_t from, std::size_t size_bytes) noexcept {
    if (touched_.empty()) {
        return;
    }
    const std::uintptr_t end = (from + size_bytes + 7) & ~std::uintptr_t{7};
    for (std::uintptr_t address = from & ~std::uintptr_t{7}; address < end;) {
        const std::uintptr_t end_here = std::min(end, ((address >> region_bits) + 1) << region_bits);
        if (granule* const forgotten = find(address)) {
            clear(forgotten, (end_here - address) / 8);
        }
        address = end_here;
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
    if (!is_touched(touched)) {
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
    if ((in->slots[0].key & freed_flag) != 0) {
        other = {in->slots[0], true};
        return verdict::is_freed;
    }
    const bool is_listed = (in->slots[0].key & list_flag) != 0;
    const std::span<const remembered> all = is_listed ? std::span<const remembered>(lists_[in->slots[0].key >> 12])
                                                      : std::span<const remembered>(in->slots);
    for (const remembered& each : all) {
        const bool wrote = (each.key & write_flag) != 0;
        if ((made.writes || wrote) && conflicts(clocks, each, made)) {
            other = {each, wrote};
            return verdict::races;
        }
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
    const auto is_known = [&](const remembered& each) { return is_known_to(clocks, made.by, each); };
    if ((in.slots[0].key & list_flag) != 0 || !put(in, made, is_known)) {
        put_into_list(clocks, list_of(in), made);
    }
    return verdict::fine;
}

void shadow::put_into_list(const race_detector& clocks, list& in, const access_now& made) {
    const auto is_known = [&](const remembered& each) { return is_known_to(clocks, made.by, each); };
    bool joined = false;
    for (remembered& each : in) {
        joined = join(each, made, is_known) || joined;
    }
    std::erase_if(in, [](const remembered& each) { return each.key == 0; });
    if (!joined) {
        in.push_back(remembered_of(made));
    }
}

shadow::list& shadow::list_of(granule& of) {
    if ((of.slots[0].key & list_flag) == 0) {
        if (lists_used_ == lists_.size()) {
            lists_.emplace_back();
        }
        lists_[lists_used_].assign(of.slots.begin(), of.slots.end());
        of = {};
        of.slots[0].key = std::uint64_t{lists_used_++} << 12 | list_flag;
    }
    return lists_[of.slots[0].key >> 12];
}

void shadow::note_freed(std::uintptr_t address, const access_now& made) {
    granule& in = at(address);
    touch(in);
    in = {};
    in.slots[0] = remembered_of(made);
    in.slots[0].key |= freed_flag;
}

} // namespace cppvaldi::intercept
