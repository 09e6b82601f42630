#pragma once

#include <cppvaldi/checkpoint_ref.hpp>

#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cppvaldi {

/// The checkpoints that must be reached, in the order in which they must be, a value.
///
/// As text:
///
///     order  = [ ref { separator ref } ]
///     ref    = name ":" name [ "#" count ]           starter, checkpoint, which time (from 1)
///     name   = bare | quoted
///     bare   = one or more of A-Z a-z 0-9 _ - . / + * & < > ( ) = ! ~ @ $ % ^
///     quoted = '"' { any character but '"' and '\', or an escape: \" \\ \n \t \xHH } '"'
///     separator = spaces, tabs, line ends, at most one comma
///
/// for example `alice:read bob:read#2 "bob 2":"after the commit"`.
class order {
public:
    order() = default;
    order(std::initializer_list<checkpoint_ref> refs) : refs_(refs) {}
    explicit order(std::vector<checkpoint_ref> refs) : refs_(std::move(refs)) {}

    /// Reads the text form. Throws `parse_error` with line, column and what was expected.
    [[nodiscard]] static order parse(std::string_view text);

    /// Returns the text form, one space between two refs: `parse(text())` is this order again.
    [[nodiscard]] std::string text() const;

    void push_back(checkpoint_ref ref) { refs_.push_back(std::move(ref)); }

    [[nodiscard]] bool empty() const noexcept { return refs_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return refs_.size(); }
    [[nodiscard]] const checkpoint_ref& operator[](std::size_t position) const noexcept { return refs_[position]; }
    [[nodiscard]] auto begin() const noexcept { return refs_.begin(); }
    [[nodiscard]] auto end() const noexcept { return refs_.end(); }

    friend bool operator==(const order&, const order&) = default;
    friend std::ostream& operator<<(std::ostream& out, const order& declared);

private:
    std::vector<checkpoint_ref> refs_;
};

} // namespace cppvaldi
