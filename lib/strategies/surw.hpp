#pragma once

#include "strategies/generator.hpp"

#include <cppvaldi/strategies.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cppvaldi {

/// What `surw` learns from executions: where operations stand in the code, how many each starter makes there, who begins whom,
/// and which places belong to one object that several starters use.
///
/// Places are told apart by what they say, file and line: an object's number, which it gets when an execution first meets it,
/// may be another one in the next execution.
class surw_profile {
public:
    /// Returns the number of the place where `done` stands. Cost: the logarithm of how many there are.
    [[nodiscard]] std::uint32_t place_of(const operation& done);

    /// Notes that `who` makes the operation `done` at that place.
    void note(starter_id who, const operation& done, std::uint32_t where) {
        noted_.push_back({who, done.object, where});
    }

    /// Takes what was noted into account. `parents` are those who began each starter, by id.
    void learn(const std::vector<starter_id>& parents);

    [[nodiscard]] bool knows_nothing() const noexcept { return executions_ == 0; }

    /// The objects that several starters use, each as the places where they do.
    [[nodiscard]] const std::vector<std::vector<std::uint32_t>>& objects() const noexcept { return objects_; }

    [[nodiscard]] std::size_t places() const noexcept { return places_.size(); }
    [[nodiscard]] bool is_checkpoint(std::size_t where) const noexcept { return places_[where].is_checkpoint; }

    /// Fills `weights`, by id, with how many operations each starter and all that it begins make on an average at the `wanted`
    /// places, which is a flag for each place. Rounded up.
    void weigh(const std::vector<bool>& wanted, std::vector<std::uint64_t>& weights) const;

private:
    struct spot {
        std::string_view file;
        std::uint32_t line;
        bool is_checkpoint;
        std::vector<std::uint64_t> counts; ///< of all executions, by starter
    };

    struct event {
        starter_id who;
        object_id object;
        std::uint32_t where;
    };

    void find_objects();

    std::vector<spot> places_;
    std::vector<std::uint32_t> sorted_; ///< the places by line, then by file
    std::vector<event> noted_;          ///< of the present execution
    std::vector<std::vector<std::uint32_t>> objects_;
    std::vector<starter_id> parents_;
    std::size_t places_before_ = 0; ///< how many there were when objects were last looked for
    std::uint64_t executions_ = 0;
};

} // namespace cppvaldi
