#pragma once

#include "intercept/snapshot/mappings.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cppvaldi::intercept {

/// All memory of the process that can be written, as it was at one moment, and the way back there. What has to be put back is what
/// the operating system says has been written: each page is a private copy of one in a file of ours, and becomes memory of its own
/// when something is written there, be it by a system call. There are no such pages to look for when no page fault has happened.
///
/// REQUIRES: the process has one OS thread; this lies in memory that is left out.
class memory_image {
public:
    /// What is not put back. Of `stacks` the contents do not matter; they read as zero again where something was left.
    struct exceptions {
        std::vector<address_range> left_out;
        std::vector<address_range> stacks;
        address_range arguments;  ///< of main, on its stack
        int first_descriptor = 0; ///< the image's own are this one or higher
    };

    /// Remembers all. Throws `usage_error` where the operating system does not tell what is written, or something is shared with
    /// other processes.
    explicit memory_image(exceptions given);
    memory_image(const memory_image&) = delete;
    memory_image& operator=(const memory_image&) = delete;
    ~memory_image() = default; // it goes with the process

    /// Puts all back. Throws `usage_error` if that is not possible.
    void put_back();

    /// Looks at all mappings once more, as `put_back` does when there are more or fewer pages than before.
    void check_mappings();

    /// From now on what stands there now is what is put back.
    void keep(const void* at, std::size_t size_bytes) noexcept;

    /// How many pages are written again each time.
    [[nodiscard]] std::size_t pages() const noexcept { return written_.size(); }

private:
    struct region {
        address_range where;
        std::size_t offset; ///< in the file
        int access;
    };

    void find_regions(const std::vector<mapping>& all);
    void take(const region& each, int file);
    void look_for_written();
    void look_for_written(const address_range& where, std::size_t first_page);
    void look_at_stack(const address_range& where);
    [[nodiscard]] const std::uint64_t* states_of(std::uintptr_t begin, std::size_t pages);
    [[nodiscard]] std::size_t mapped_pages() const;

    exceptions given_;
    std::vector<region> regions_;
    std::byte* image_ = nullptr;
    std::vector<std::uint8_t> is_written_;    ///< by page of the file
    std::vector<std::uint32_t> written_;      ///< pages of the file
    std::vector<std::uintptr_t> at_;          ///< where they belong
    std::vector<std::uintptr_t> stack_pages_; ///< that have been touched
    std::vector<std::byte> arguments_;
    std::vector<mapping> mappings_;
    std::vector<std::uint64_t> states_;
    std::size_t mapped_ = 0;
    long faults_ = -1;
    std::uintptr_t break_ = 0;
    int page_states_ = -1;
    int maps_ = -1;
    int sizes_ = -1;
};

} // namespace cppvaldi::intercept
