#pragma once

#include <cppvaldi/colours.hpp>
#include <cppvaldi/order.hpp>

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace cppvaldi {

/// What an execution did, step by step, a value.
class trace {
public:
    /// What a step was.
    enum class event : std::uint8_t {
        began,    ///< a starter was chosen for the first time
        reached,  ///< it stands at a checkpoint
        did,      ///< it performed an operation on something shared
        blocked,  ///< its operation has to wait
        finished, ///< it has ended
        raised,   ///< an exception left it
        paused,   ///< the caller had the state of the world to itself
    };

    struct step {
        event what = event::began;
        std::uint32_t starter = 0; ///< position in `starters`
        std::string text;          ///< `read = 100`, `waits for database bank.db`; of a pause the checkpoint's name
        std::string file;          ///< without its folders, or a place in words; empty if the step has no place
        std::uint32_t line = 0;

        /// False if nobody else can have noticed it: it is on what no other starter uses, or no other changes, or it is a beginning
        /// or an end.
        bool matters = true;

        std::string checkpoint{}; ///< of what is reached its name, without what it carries

        friend bool operator==(const step&, const step&) = default;
    };

    std::vector<std::string> starters; ///< by birth
    std::vector<step> steps;

    /// Returns the timeline: a column for each starter, a row for each step, pauses marked with `||`. It ends with a line end.
    /// More than eight starters at work have no columns; each row begins with its starter's name instead.
    [[nodiscard]] std::string timeline() const;

    /// The same with at most the last `most_steps` steps, and a line that says how many came before.
    [[nodiscard]] std::string timeline(std::size_t most_steps, colours how = colours::none) const;

    /// The same with those steps only that matter, and of many that one starter makes in a row only the first and the last few.
    /// Says how many are left out.
    [[nodiscard]] std::string digest(std::size_t most_steps, colours how = colours::none) const;

    /// Returns the checkpoints in the order in which they were reached, and the ends of starters, but for that of the one that was
    /// there first and waits for the others: what to declare so that the same comes again in code that has changed meanwhile.
    [[nodiscard]] order checkpoints() const;

    friend bool operator==(const trace&, const trace&) = default;

    /// Prints the timeline, with colours on a terminal.
    friend std::ostream& operator<<(std::ostream& out, const trace& played);
};

} // namespace cppvaldi
