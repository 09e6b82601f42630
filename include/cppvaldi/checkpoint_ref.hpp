#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace cppvaldi {

/// Names a checkpoint in a starter's life, a value: `alice:read`, or `alice:read#2` for the second time alice gets there.
///
/// The names `started`, `finished` and `blocked` are the implicit checkpoints of every starter.
class checkpoint_ref {
public:
    /// The next occurrence, where it is declared.
    checkpoint_ref(std::string starter, std::string name);

    /// The `occurrence`-th time, from 1. Throws `usage_error` for 0.
    checkpoint_ref(std::string starter, std::string name, std::uint32_t occurrence);

    [[nodiscard]] const std::string& starter() const noexcept { return starter_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Which time the starter gets there, from 1; 0 stands for "the next".
    [[nodiscard]] std::uint32_t occurrence() const noexcept { return occurrence_; }

    /// Returns `alice:read#2`. Names with other characters than letters, digits and `_ - . / + * & < > ( ) = ! ~ @ $ % ^` are
    /// quoted: `"alice's cousin":"1st read"`.
    [[nodiscard]] std::string text() const;

    /// Reads what `text()` writes. Throws `parse_error`.
    [[nodiscard]] static checkpoint_ref parse(std::string_view text);

    friend bool operator==(const checkpoint_ref&, const checkpoint_ref&) = default;
    friend std::ostream& operator<<(std::ostream& out, const checkpoint_ref& ref);

private:
    std::string starter_;
    std::string name_;
    std::uint32_t occurrence_ = 0;
};

/// Names a checkpoint where no starter exists yet.
[[nodiscard]] checkpoint_ref at(std::string starter, std::string name);

/// Names the `occurrence`-th time, from 1, that a starter gets to a checkpoint. Throws `usage_error` for 0.
[[nodiscard]] checkpoint_ref at(std::string starter, std::string name, std::uint32_t occurrence);

} // namespace cppvaldi
