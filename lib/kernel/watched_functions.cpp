/// Checkpoints at functions: which are watched, and what is done when one is entered or left.

#include "kernel/watched_functions.hpp"

#include "kernel/execution.hpp"

#include <algorithm>
#include <string>

namespace cppvaldi {

namespace {

bool is_among(const std::vector<open_function>& open, const void* function) noexcept {
    return std::any_of(open.begin(), open.end(), [=](const open_function& each) { return each.address == function; });
}

} // namespace

void watched_functions::add(const void* address, label_id before, label_id after) {
    std::uint32_t last = first_at(address);
    for (std::uint32_t known = last; known != 0; known = all_[known - 1].next) {
        if (all_[known - 1].before == before) {
            return;
        }
        last = known;
    }
    all_.push_back({.address = address, .before = before, .after = after});
    const auto number = static_cast<std::uint32_t>(all_.size());
    if (last != 0) {
        all_[last - 1].next = number;
    } else if (2 * all_.size() > slots_.size()) {
        grow();
    } else {
        slots_[slot_of(address)] = number;
    }
}

void watched_functions::clear() {
    if (!all_.empty()) {
        all_.clear();
        slots_.clear();
    }
}

std::uint32_t watched_functions::first_at(const void* address) const noexcept {
    return slots_.empty() ? 0 : slots_[slot_of(address)];
}

std::size_t watched_functions::slot_of(const void* address) const noexcept {
    const std::uint64_t mixed = (reinterpret_cast<std::uintptr_t>(address) >> 4) * 0x9e37'79b9'7f4a'7c15;
    std::size_t position = mixed >> 32 & (slots_.size() - 1);
    while (slots_[position] != 0 && all_[slots_[position] - 1].address != address) {
        position = (position + 1) & (slots_.size() - 1);
    }
    return position;
}

void watched_functions::grow() {
    slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), 0);
    for (std::uint32_t number = 1; number <= all_.size(); ++number) {
        std::uint32_t& slot = slots_[slot_of(all_[number - 1].address)];
        slot = slot == 0 ? number : slot; // which is the first one there
    }
}

void execution::watch_function(const void* function, std::string_view name) {
    functions_.add(function, labels_.intern("before " + std::string(name)),
                   labels_.intern("after " + std::string(name)));
}

void execution::pass_function(const void* function, side where, std::uintptr_t frame) {
    if (functions_.empty()) {
        return;
    }
    const std::uint32_t first = functions_.first_at(function);
    if (where == side::before) {
        while (!starters_[running_].open_functions.empty() && starters_[running_].open_functions.back().frame < frame) {
            leave_stale_function();
        }
        if (first != 0) {
            starters_[running_].open_functions.push_back({function, frame});
        }
    } else if (first != 0 && is_among(starters_[running_].open_functions, function)) {
        while (starters_[running_].open_functions.back().address != function) {
            leave_stale_function();
        }
        starters_[running_].open_functions.pop_back();
    }
    reach_function(first, where);
}

/// A function that an exception has left calls no hook where the code is clang's. Its part of the stack has been given up by the
/// time that another one is entered above it, or that the one which called it is left. What is inlined shares its caller's part.
void execution::leave_stale_function() {
    const void* const left = starters_[running_].open_functions.back().address;
    starters_[running_].open_functions.pop_back();
    reach_function(functions_.first_at(left), side::after);
}

void execution::reach_function(std::uint32_t first, side where) {
    for (std::uint32_t number = first; number != 0; number = functions_[number].next) {
        const watched_function passed = functions_[number];
        reach(labels_.text(where == side::before ? passed.before : passed.after), nullptr, place{});
    }
}

} // namespace cppvaldi
