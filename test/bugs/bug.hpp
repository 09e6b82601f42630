#pragma once

#include <cppvaldi/cppvaldi.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Classic bugs, a header each. A program comes in two versions that differ by the bug alone; the tests hold both to what is
/// said here, and `bench/bugs.cpp` measures who finds what, and how soon.
namespace bugs {

enum class version : std::uint8_t { buggy, mended };

/// A strategy and how many executions it is given.
struct attempt {
    template <typename Description>
    attempt(const Description& described, std::uint64_t most_executions)
        : make([described] { return cppvaldi::make_strategy(described); }),
          executions(most_executions),
          completes(std::is_same_v<Description, cppvaldi::exhaustive>) {}

    std::function<std::unique_ptr<cppvaldi::strategy>()> make;
    std::uint64_t executions;
    bool completes; ///< it can come to the end of what there is to explore
};

struct bug {
    std::string_view name;
    void (*body)(version is);
    cppvaldi::finding::kind shows; ///< what is found of the buggy version
    std::vector<attempt> found_by; ///< each of these finds it
    std::vector<attempt> clean_by; ///< none of these finds anything in the mended version; who can complete does
    cppvaldi::execution_options each{};
};

/// Returns all of them, in the order of the table.
[[nodiscard]] const std::vector<bug>& all_bugs();

struct named {
    const char* name;
    std::function<void()> life;
};

/// Runs these as threads, and returns when all have ended.
inline void together(const std::vector<named>& lives) {
    std::vector<cppvaldi::thread> threads;
    for (const named& each : lives) {
        threads.emplace_back(each.name, each.life);
    }
    for (cppvaldi::thread& each : threads) {
        each.join();
    }
}

/// Runs the same in threads `name-0`, `name-1`, ..., each with its number, and returns when all have ended.
inline void together(int count, const std::string& name, const std::function<void(int)>& life) {
    std::vector<cppvaldi::thread> threads;
    for (int number = 0; number < count; ++number) {
        threads.emplace_back(name + '-' + std::to_string(number), life, number);
    }
    for (cppvaldi::thread& each : threads) {
        each.join();
    }
}

} // namespace bugs
