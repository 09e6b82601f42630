#pragma once

#include "kernel/race_detector.hpp"

#include <cppvaldi/starter_set.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi::intercept {

/// What the shadow remembers of an access: who, when, which of the eight bytes, and where in the code.
struct remembered {
    std::uint64_t key = 0; ///< time << 32 | starter << 12 | flags << 8 | a bit for each byte; 0 is none
    std::int32_t code = 0; ///< the return address, from `code_base` on
    std::uint32_t step = 0;
};

/// What an access conflicts with.
struct conflict {
    remembered made;
    bool wrote = false;
};

/// Eight bytes of memory, aligned, and the first few of what is remembered of them. It fills a line of the cache.
struct alignas(64) granule {
    std::array<remembered, 4> slots;
};

/// An access to bytes of one granule.
struct access_now {
    starter_id by;
    std::uint64_t base; ///< of the key: the time and the starter
    std::uint8_t bytes;
    bool writes;
    std::int32_t code;
    std::uint32_t step;
};

/// What has been done to memory in one execution, by address: for each byte the last write, and the reads since that are not
/// known to each other (FastTrack, as in `race_detector`, whose clocks it goes by). Bytes that are accessed together are kept
/// together. Up to four such accesses lie in the granule, and only if there are more they lie in a list.
///
/// A granule costs 64 bytes while memory around it is used; pages are made when they are touched. Cost: an access like an earlier
/// one by the same starter, without a release in between, is `is_known`, some loads and comparisons.
class shadow {
public:
    enum class verdict : std::uint8_t { fine, races, is_freed };

    static constexpr unsigned region_bits = 22;
    static constexpr unsigned address_bits = 47;
    static constexpr std::uint64_t most_starters = std::uint64_t{1} << 20;

    /// Returns the first part of the key of all that `who` does at its time `now`.
    [[nodiscard]] static std::uint64_t base_of(starter_id who, vector_clock::time now) noexcept {
        return std::uint64_t{now} << 32 | std::uint64_t{index(who)} << 12;
    }

    /// Returns the granule at `address`, or null if nothing near it has been touched.
    [[nodiscard]] granule* find(std::uintptr_t address) const noexcept {
        granule* const region = regions_[address >> region_bits];
        return region == nullptr ? nullptr : &region[(address >> 3) % granules_of_region];
    }

    /// True if the access says nothing that is not remembered.
    [[nodiscard]] static bool is_known(const granule& at, std::uint64_t base, std::uint8_t bytes,
                                       bool writes) noexcept {
        const std::uint64_t ignored = bytes_mask | (writes ? 0 : write_flag);
        const std::uint64_t wanted = base | (writes ? write_flag : 0);
        for (const remembered& each : at.slots) {
            if ((each.key & ~ignored) == wanted && (each.key & bytes) == bytes) {
                return true;
            }
        }
        return false;
    }

    /// Remembers an access to a granule that nobody but its starter has accessed, if there is room; returns false if it is not
    /// like that.
    [[nodiscard]] static bool renew(granule& at, const access_now& made) noexcept {
        const std::uint64_t key = key_of(made);
        remembered* replaced = nullptr;
        bool joined = false;
        bool any = false;
        for (remembered& each : at.slots) {
            if (each.key == 0) {
                continue;
            }
            any = true;
            if (((each.key ^ key) & starter_and_flags) != 0) {
                return false;
            }
            if (((each.key ^ key) & ~bytes_mask) == 0) {
                each.key |= key;
                joined = true;
            } else if ((each.key & made.bytes) != 0 && (made.writes || (each.key & write_flag) == 0)) {
                each.key &= ~std::uint64_t{made.bytes};
                if ((each.key & bytes_mask) == 0) {
                    each.key = 0;
                    replaced = &each;
                }
            }
        }
        if (joined || !any) {
            return joined;
        }
        for (std::size_t slot = 0; replaced == nullptr && slot < at.slots.size(); ++slot) {
            replaced = at.slots[slot].key == 0 ? &at.slots[slot] : nullptr;
        }
        if (replaced == nullptr) {
            return false;
        }
        *replaced = {key, made.code, made.step};
        return true;
    }

    /// True if anything is remembered.
    [[nodiscard]] static bool is_touched(const granule& at) noexcept {
        return (at.slots[0].key | at.slots[1].key | at.slots[2].key | at.slots[3].key) != 0;
    }

    /// Makes room for all addresses. False if there is none.
    [[nodiscard]] bool begin() noexcept;

    /// Forgets everything.
    void clear() noexcept;

    /// Forgets what has been done to these bytes.
    void clear(std::uintptr_t from, std::size_t size_bytes) noexcept;

    /// Remembers an access; `other` is with which it races, or who has freed the memory. REQUIRES: `begin()`.
    [[nodiscard]] verdict note(const race_detector& clocks, std::uintptr_t address, const access_now& made,
                               conflict& other);

    /// The same without remembering it: of an atomic access, which races with plain ones only.
    [[nodiscard]] verdict check(const race_detector& clocks, std::uintptr_t address, const access_now& made,
                                conflict& other) const;

    /// Remembers that the granule is free. REQUIRES: `begin()`.
    void note_freed(std::uintptr_t address, const access_now& made);

    [[nodiscard]] bool is_freed(std::uintptr_t address) const noexcept {
        const granule* const at = find(address);
        return at != nullptr && (at->slots[0].key & freed_flag) != 0;
    }

private:
    static constexpr std::size_t granules_of_region = std::size_t{1} << (region_bits - 3);
    static constexpr std::uint64_t bytes_mask = 0xff;
    static constexpr std::uint64_t list_flag = 0x100;  ///< of the first slot: the rest of the key is which list
    static constexpr std::uint64_t freed_flag = 0x200; ///< of the first slot
    static constexpr std::uint64_t write_flag = 0x400;
    static constexpr std::uint64_t starter_and_flags = 0xffff'ff00 & ~write_flag;

    using list = std::vector<remembered>;

    /// Forgets what is remembered in granules one behind the other.
    void clear(granule* first, std::size_t count) noexcept;

    [[nodiscard]] granule& at(std::uintptr_t address);
    [[nodiscard]] static bool conflicts(const race_detector& clocks, const remembered& before,
                                        const access_now& made) noexcept;
    void put_into_list(const race_detector& clocks, list& in, const access_now& made);

    /// Takes these bytes out of what is remembered.
    static void forget(remembered& of, std::uint64_t bytes) noexcept {
        of.key &= ~bytes;
        if ((of.key & bytes_mask) == 0) {
            of.key = 0;
        }
    }

    [[nodiscard]] static remembered remembered_of(const access_now& made) noexcept {
        return {key_of(made), made.code, made.step};
    }

    [[nodiscard]] static std::uint64_t key_of(const access_now& made) noexcept {
        return made.base | (made.writes ? write_flag : 0) | made.bytes;
    }

    /// Adds an access to one that is remembered, if they are of one time, or forgets of that as much as the access covers, if it
    /// knows of it: reads before a read, all before a write. Returns true if it was added.
    template <typename Known>
    [[nodiscard]] static bool join(remembered& each, const access_now& made, Known&& is_known) noexcept {
        if ((each.key & ~bytes_mask) == (made.base | (made.writes ? write_flag : 0))) {
            each.key |= made.bytes;
            return true;
        }
        if ((each.key & made.bytes) != 0 && (made.writes || ((each.key & write_flag) == 0 && is_known(each)))) {
            forget(each, made.bytes);
        }
        return false;
    }

    /// Returns false if there is no room. REQUIRES: it does not race.
    template <typename Known>
    [[nodiscard]] static bool put(granule& in, const access_now& made, Known&& is_known) noexcept {
        bool joined = false;
        remembered* room = nullptr;
        for (remembered& each : in.slots) {
            if (each.key != 0) {
                joined = join(each, made, is_known) || joined;
            }
            if (each.key == 0 && room == nullptr) {
                room = &each;
            }
        }
        if (!joined && room != nullptr) {
            *room = remembered_of(made);
        }
        return joined || room != nullptr;
    }
    [[nodiscard]] list& list_of(granule& of);
    void touch(granule& touched);

    granule** regions_ = nullptr;
    std::vector<granule*> touched_;
    std::vector<list> lists_;
    std::size_t lists_used_ = 0;
};

} // namespace cppvaldi::intercept
