#pragma once

#include <stdexcept>
#include <string>

namespace cppvaldi {

/// The code under test did not do what was declared of it. The text says what is wrong in one line, then where each starter
/// is and what it waits for, what is still due, and what was played so far.
class execution_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The due checkpoint cannot be reached: its owner is blocked, and nobody who could unblock it may go on.
class infeasible_order : public execution_error {
public:
    using execution_error::execution_error;
};

/// A starter ended before a checkpoint that was declared for it.
class missed_checkpoint : public execution_error {
public:
    using execution_error::execution_error;
};

/// A starter reached a declared checkpoint of its own before another one that was to come first.
class out_of_order : public execution_error {
public:
    using execution_error::execution_error;
};

/// Every starter that has not finished is blocked.
class deadlock : public execution_error {
public:
    using execution_error::execution_error;
};

/// The starters that can run go round in circles, and for a long time none has changed anything that another could see.
class livelock : public execution_error {
public:
    using execution_error::execution_error;
};

/// Two accesses to one plain variable, of which one writes at least, and nothing makes either happen before the other.
class data_race : public execution_error {
public:
    using execution_error::execution_error;
};

/// Instrumented code uses memory that has been freed, or frees it again.
class freed_memory_used : public execution_error {
public:
    using execution_error::execution_error;
};

/// More steps were made than `execution_options::step_limit` allows: a loop that does not end, most likely.
class step_limit_reached : public execution_error {
public:
    using execution_error::execution_error;
};

/// Under the same decisions something else happened than when they were recorded. The text says at which step, and what both were.
class divergence : public execution_error {
public:
    using execution_error::execution_error;
};

/// The code under test has ended the program: only where calls of the C library are taken over, else it is over.
class program_ended : public execution_error {
public:
    enum class way : unsigned char { assertion, aborted, exited };

    program_ended(way how, int status, const std::string& message)
        : execution_error(message), how_(how), status_(status) {}

    [[nodiscard]] way how() const noexcept { return how_; }

    /// Returns what was given to `exit`.
    [[nodiscard]] int status() const noexcept { return status_; }

private:
    way how_;
    int status_;
};

/// The library is called in a way that has no meaning. The text names the call, the offending value and the cure.
class usage_error : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// A text that is not an order, a checkpoint or a schedule. The text says where and what was expected.
class parse_error : public usage_error {
public:
    struct position {
        std::size_t line = 1;   ///< from 1
        std::size_t column = 1; ///< in bytes, from 1
    };

    parse_error(const std::string& message, position where) : usage_error(message), where_(where) {}

    [[nodiscard]] position where() const noexcept { return where_; }

private:
    position where_;
};

} // namespace cppvaldi
