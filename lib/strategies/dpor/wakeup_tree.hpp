#pragma once

#include "strategies/dpor/deed.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cppvaldi::reduction {

/// No branch, no event.
inline constexpr std::uint32_t none = 0xffff'ffff;

/// One step of a sequence of steps that is to be explored.
struct planned_step {
    std::uint32_t who = 0;
    std::uint32_t position =
        none;             ///< where it was made in the execution that it is taken from; none if it is added to the end
    bool moved = false;   ///< it was made elsewhere there, for it is the second step of a race
    bool unheard = false; ///< there nobody has notified it yet
    bool taken = false;   ///< a branch has been found for it
    bool open = false;    ///< which values it will take after these is not known
    std::uint64_t loop = 0; ///< what it would find, if it is one that a loop may wait by: see `history::is_in_vain`
    std::span<const std::uint32_t> values{};
    std::span<const std::uint32_t> counts{};
    deed done;
};

/// A step to be explored, and after it what hangs from it; or one that has been.
struct branch {
    std::uint32_t who = 0;
    std::uint32_t first_child = none;
    std::uint32_t next = none;         ///< the next sibling
    std::vector<std::uint32_t> values; ///< those that it takes first; the others are open
    std::vector<std::uint32_t> counts; ///< and of how many each was chosen
    std::uint64_t loop = 0;            ///< as in `planned_step`
    bool stands_for_others = false;    ///< other sequences were not added, as it leads to them
    deed done;                         ///< what it does, as far as known
};

/// Tells of a sequence which steps come before which others.
class step_order {
public:
    virtual ~step_order() = default;
    /// True if `earlier` must come before `later`, both steps of the sequence.
    [[nodiscard]] virtual bool comes_before(const planned_step& earlier, const planned_step& later) const = 0;
};

/// The branches of all wakeup trees (POPL 2014, section 6.1). A tree is a list of siblings, given by its first.
class wakeup_trees {
public:
    [[nodiscard]] branch& operator[](std::uint32_t id) noexcept { return branches_[id]; }
    [[nodiscard]] const branch& operator[](std::uint32_t id) const noexcept { return branches_[id]; }

    [[nodiscard]] std::uint32_t make(std::uint32_t who, std::span<const std::uint32_t> values, const deed& done);

    /// Gives a branch back, with all that hangs from it.
    void release(std::uint32_t id);
    void release_all(std::uint32_t first);

    /// Adds `sequence` to the tree whose first branch is `first`, unless what is there, or one of `asleep`, leads to an execution
    /// that is equivalent to one that begins with `sequence`.
    void insert(std::uint32_t& first, std::span<const std::uint32_t> asleep, std::vector<planned_step>& sequence,
                const step_order& order);

    [[nodiscard]] std::size_t size() const noexcept { return branches_.size() - free_.size(); }

private:
    enum class match : std::uint8_t { no, step, independent };

    [[nodiscard]] match look_for(const branch& sought, std::span<const planned_step> sequence, const step_order& order,
                                 std::uint32_t& found) const;
    [[nodiscard]] std::uint32_t step_split_by(const branch& known, std::vector<planned_step>& sequence,
                                              const step_order& order) const;
    /// The head of the list of those that hang from `parent`, or of the tree.
    [[nodiscard]] std::uint32_t& first_below(std::uint32_t parent, std::uint32_t& root) noexcept {
        return parent == none ? root : branches_[parent].first_child;
    }
    void insert_below(std::uint32_t parent, std::uint32_t& root, std::span<const std::uint32_t> asleep,
                      std::vector<planned_step>& sequence, const step_order& order);
    void append(std::uint32_t parent, std::uint32_t& root, std::span<const planned_step> sequence);

    std::vector<branch> branches_;
    std::vector<std::uint32_t> free_;
};

} // namespace cppvaldi::reduction
