#pragma once

#include "kernel/race_detector.hpp"

#include <cppvaldi/starter_set.hpp>

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

/// Eight bytes of memory, aligned.
struct granule {
    remembered written;
    remembered read;
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

/// What has been done to memory in one execution, by address: for each byte the last write, and the reads since that are not known to
/// each other (FastTrack, as in `race_detector`, whose clocks it goes by). Bytes that are accessed together are kept together: one
/// write and one read of each granule lie in the granule, and only if there are more they lie in a list.
///
/// A granule costs 32 bytes while memory around it is used; pages are made when they are touched. Cost: an access like the last one
/// by the same starter, without a release in between, is `is_known`, two loads and a comparison.
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
        const auto covers = [&](const remembered& by) {
            return (by.key & ~std::uint64_t{0xff}) == base && (by.key & bytes) == bytes;
        };
        return covers(at.written) || (!writes && covers(at.read));
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
        return at != nullptr && (at->written.key & freed_flag) != 0;
    }

private:
    static constexpr std::size_t granules_of_region = std::size_t{1} << (region_bits - 3);
    static constexpr std::uint64_t list_flag = 0x100;
    static constexpr std::uint64_t freed_flag = 0x200;

    struct entry {
        remembered made;
        bool writes;
    };
    using list = std::vector<entry>;

    [[nodiscard]] granule& at(std::uintptr_t address);
    [[nodiscard]] static bool conflicts(const race_detector& clocks, const remembered& before,
                                        const access_now& made) noexcept;
    [[nodiscard]] bool put_inline(const race_detector& clocks, granule& in, const access_now& made) noexcept;
    void put_into_list(const race_detector& clocks, list& in, const access_now& made);
    [[nodiscard]] list& list_of(granule& of);
    void touch(granule& touched);

    granule** regions_ = nullptr;
    std::vector<granule*> touched_;
    std::vector<list> lists_;
    std::size_t lists_used_ = 0;
};

} // namespace cppvaldi::intercept
