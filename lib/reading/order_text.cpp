#include <cppvaldi/checkpoint_ref.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/given.hpp>
#include <cppvaldi/order.hpp>

#include <algorithm>
#include <charconv>
#include <ostream>

namespace cppvaldi {

namespace {

bool is_bare(char character) noexcept {
    constexpr std::string_view marks = "_-./+*&<>()=!~@$%^";
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || marks.find(character) != std::string_view::npos;
}

void append_hexadecimal(std::string& text, unsigned char code) {
    constexpr char digits[] = "0123456789abcdef";
    text += {'\\', 'x', digits[code / 16], digits[code % 16]};
}

void append_escaped(std::string& text, char character) {
    const auto code = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
        text += {'\\', character};
    } else if (character == '\n') {
        text += "\\n";
    } else if (character == '\t') {
        text += "\\t";
    } else if (code < 0x20 || code == 0x7f) {
        append_hexadecimal(text, code);
    } else {
        text += character;
    }
}

/// Appends the character that `rest` begins with, a whole one if it is UTF-8, so that the message is still text.
void append_found(std::string& message, std::string_view rest) {
    const auto lead = static_cast<unsigned char>(rest.front());
    if (lead == '"' || lead == '\\') {
        message += rest.front();
        return;
    }
    if (lead < 0x80) {
        append_escaped(message, rest.front());
        return;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    std::size_t follow = 1;
    while (follow < std::min(length, rest.size()) && (static_cast<unsigned char>(rest[follow]) & 0xc0) == 0x80) {
        ++follow;
    }
    if (lead < 0xc2 || lead > 0xf4 || follow < length) {
        append_hexadecimal(message, lead);
    } else {
        message += rest.substr(0, length);
    }
}

void append_name(std::string& text, std::string_view name) {
    bool bare = !name.empty();
    for (char character : name) {
        bare = bare && is_bare(character);
    }
    if (bare) {
        text += name;
        return;
    }
    text += '"';
    for (char character : name) {
        append_escaped(text, character);
    }
    text += '"';
}

/// Reads refs from a text and knows where it is.
class reader {
public:
    explicit reader(std::string_view text) noexcept : text_(text) {}

    [[nodiscard]] bool at_end() const noexcept { return position_ == text_.size(); }
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

    /// Skips white space and at most one comma; returns true if there was one.
    bool skip_separator() {
        skip_white_space();
        if (at_end() || text_[position_] != ',') {
            return false;
        }
        ++position_;
        skip_white_space();
        return true;
    }

    void skip_white_space() noexcept {
        while (!at_end() && std::string_view(" \t\r\n").find(text_[position_]) != std::string_view::npos) {
            ++position_;
        }
    }

    [[nodiscard]] checkpoint_ref ref() {
        std::string starter = name("the name of a starter");
        if (at_end() || text_[position_] != ':') {
            fail("':' and the name of a checkpoint");
        }
        ++position_;
        std::string checkpoint = name("the name of a checkpoint");
        if (at_end() || text_[position_] != '#') {
            return {std::move(starter), std::move(checkpoint)};
        }
        ++position_;
        return {std::move(starter), std::move(checkpoint), occurrence()};
    }

    [[noreturn]] void fail(std::string_view expected) const { fail_at(position_, expected); }

private:
    [[noreturn]] void fail_at(std::size_t position, std::string_view expected) const {
        parse_error::position where;
        for (char character : text_.substr(0, position)) {
            where.column = character == '\n' ? 1 : where.column + 1;
            where.line += character == '\n' ? 1 : 0;
        }
        std::string message = "line " + std::to_string(where.line) + ", column " + std::to_string(where.column) +
                              ": expected " + std::string(expected) + ", found ";
        if (position == text_.size()) {
            message += "the end of the text";
        } else {
            message += '\'';
            append_found(message, text_.substr(position));
            message += '\'';
        }
        throw parse_error(message, where);
    }

    std::string name(std::string_view expected) {
        if (!at_end() && text_[position_] == '"') {
            return quoted();
        }
        const std::size_t first = position_;
        while (!at_end() && is_bare(text_[position_])) {
            ++position_;
        }
        if (position_ == first) {
            fail(expected);
        }
        return std::string(text_.substr(first, position_ - first));
    }

    std::string quoted() {
        std::string name;
        for (++position_; !at_end() && text_[position_] != '"'; ++position_) {
            name += text_[position_] == '\\' ? escaped() : text_[position_];
        }
        if (at_end()) {
            fail("'\"' at the end of a quoted name");
        }
        if (name.empty()) {
            fail("a name that is not empty");
        }
        ++position_;
        return name;
    }

    /// Leaves the position at the last character of the escape.
    char escaped() {
        ++position_;
        switch (at_end() ? '\0' : text_[position_]) {
        case '"': return '"';
        case '\\': return '\\';
        case 'n': return '\n';
        case 't': return '\t';
        case 'x': {
            unsigned code = 0;
            const char* first = text_.data() + position_ + 1;
            const char* last = text_.data() + std::min(text_.size(), position_ + 3);
            if (std::from_chars(first, last, code, 16).ptr != first + 2) {
                fail_at(std::min(text_.size(), position_ + 1), "two hexadecimal digits after '\\x'");
            }
            position_ += 2;
            return static_cast<char>(code);
        }
        default: fail("one of \" \\ n t x after '\\'");
        }
    }

    std::uint32_t occurrence() {
        std::uint32_t count = 0;
        const char* first = text_.data() + position_;
        const auto [end, problem] = std::from_chars(first, text_.data() + text_.size(), count);
        if (problem != std::errc{} || count == 0) {
            fail("which occurrence, a number from 1 to 4294967295, after '#'");
        }
        position_ += static_cast<std::size_t>(end - first);
        return count;
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

} // namespace

checkpoint_ref::checkpoint_ref(std::string starter, std::string name)
    : starter_(std::move(starter)), name_(std::move(name)) {}

checkpoint_ref::checkpoint_ref(std::string starter, std::string name, std::uint32_t occurrence)
    : starter_(std::move(starter)), name_(std::move(name)), occurrence_(occurrence) {
    if (occurrence == 0) {
        throw usage_error("at(\"" + name_ + "\", 0) for starter '" + starter_ +
                          "': occurrences are counted from 1; leave the number out for the next one");
    }
}

std::string checkpoint_ref::text() const {
    std::string text;
    append_name(text, starter_);
    text += ':';
    append_name(text, name_);
    if (occurrence_ != 0) {
        text += '#' + std::to_string(occurrence_);
    }
    return text;
}

checkpoint_ref checkpoint_ref::parse(std::string_view text) {
    reader from(text);
    from.skip_white_space();
    checkpoint_ref read = from.ref();
    from.skip_white_space();
    if (!from.at_end()) {
        from.fail("nothing after the checkpoint");
    }
    return read;
}

std::ostream& operator<<(std::ostream& out, const checkpoint_ref& ref) { return out << ref.text(); }

checkpoint_ref at(std::string starter, std::string name) { return {std::move(starter), std::move(name)}; }

checkpoint_ref at(std::string starter, std::string name, std::uint32_t occurrence) {
    return {std::move(starter), std::move(name), occurrence};
}

order order::parse(std::string_view text) {
    order read;
    reader from(text);
    from.skip_white_space();
    while (!from.at_end()) {
        read.push_back(from.ref());
        const std::size_t after_ref = from.position();
        const bool comma = from.skip_separator();
        if (from.at_end() && comma) {
            from.fail("the name of a starter");
        }
        if (!from.at_end() && from.position() == after_ref) {
            from.fail("a space, a comma or a line end between two checkpoints");
        }
    }
    return read;
}

std::string order::text() const {
    std::string text;
    for (const checkpoint_ref& ref : refs_) {
        text += (text.empty() ? "" : " ") + ref.text();
    }
    return text;
}

std::ostream& operator<<(std::ostream& out, const happens_before& pair) {
    return out << pair.first << " before " << pair.then;
}

std::ostream& operator<<(std::ostream& out, const order& declared) { return out << declared.text(); }

} // namespace cppvaldi
