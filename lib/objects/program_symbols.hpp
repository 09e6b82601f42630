#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cppvaldi {

/// A function of the program that runs, as its symbol table has it.
struct function_symbol {
    std::string name; ///< `bank::account::save(int)`: without what it returns, without `(anonymous namespace)::`
    const void* address = nullptr;
    std::size_t size_bytes = 0;
};

/// Where something lies in memory.
struct memory_range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;

    [[nodiscard]] bool holds(std::uintptr_t address, std::size_t size_bytes) const noexcept {
        return address >= begin && address < end && size_bytes <= end - address;
    }
};

/// The functions of the program and of its shared objects, as far as they hold code that is compiled with
/// `-finstrument-functions`: read from the symbol tables of their files when somebody first asks. Private and static functions
/// are among them.
class program_symbols {
public:
    [[nodiscard]] static const program_symbols& instance();

    /// False if nothing in the program calls the hooks.
    [[nodiscard]] bool any_instrumented() const noexcept { return any_instrumented_; }

    /// Returns the functions that a name or a pattern means, by address: `account::save`, with or without its parameters and its
    /// template arguments; a `*` stands for anything.
    [[nodiscard]] std::vector<const function_symbol*> matching(std::string_view pattern) const;

    /// Returns at most so many names that look like `pattern`, the closest first.
    [[nodiscard]] std::vector<std::string> close_to(std::string_view pattern, std::size_t most) const;

    /// Returns the function that begins at `address`, or null.
    [[nodiscard]] const function_symbol* at(const void* address) const noexcept;

    /// Returns where the function begins that a table of virtual functions leads to at `address`: for a thunk, which only corrects
    /// the object's address, the function that it goes on to.
    [[nodiscard]] const void* behind_thunk(const void* address) const;

    /// False if the function at `address` is known and certainly does not call the hooks.
    [[nodiscard]] bool may_be_instrumented(const void* address) const noexcept;

private:
    program_symbols();

    [[nodiscard]] bool leads_to_hook(std::uintptr_t called) const noexcept;
    [[nodiscard]] bool is_hook_entry(std::uintptr_t offset) const noexcept;

    std::vector<function_symbol> all_;         ///< by address
    std::vector<memory_range> mapped_;         ///< where their code and data lie
    std::vector<std::uintptr_t> hook_entries_; ///< where addresses of the hook are kept
    bool any_instrumented_ = false;
};

/// Returns what is compared with patterns: the name without its parameters, `bank::account::save`.
[[nodiscard]] std::string_view without_parameters(std::string_view name) noexcept;

/// Returns the name of a function from what a demangler makes of it: without the type that a template returns, and without what a
/// compiler adds of its own.
[[nodiscard]] std::string plain_name(std::string demangled);

} // namespace cppvaldi
