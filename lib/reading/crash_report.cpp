/// What is said of a starter that crashes.
///
/// Everything here runs in a signal handler, and nothing in it allocates. So the token is made a second time, digit by digit: its
/// grammar stands in `token.cpp`, and a test compares the two.

#include "reading/crash_report.hpp"

#include <signal.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>

namespace cppvaldi {

namespace {

/// So many starters' ranks can be kept.
constexpr std::size_t most_ranked = 1024;

/// Of so many starters it is said where they are, and so many of the last steps are shown.
constexpr std::size_t most_starters = 20;
constexpr std::size_t most_steps = 20;

/// Writes the digits of a token and sums them up.
class token_writer {
public:
    explicit token_writer(signal_text& to) noexcept : to_(to) {}

    void text(std::string_view plain) noexcept {
        for (const char character : plain) {
            crc_ ^= static_cast<unsigned char>(character);
            for (int bit = 0; bit < 8; ++bit) {
                crc_ = crc_ >> 1 ^ (0x82f6'3b78U & (0U - (crc_ & 1U)));
            }
        }
        to_ << plain;
    }

    void bit(bool value) noexcept {
        digit_ = digit_ * 2 + (value ? 1U : 0U);
        if (++filled_ == 5) {
            text(digits.substr(digit_, 1));
            digit_ = 0;
            filled_ = 0;
        }
    }

    void ones(int count, bool then_zero) noexcept {
        for (; count > 0; --count) {
            bit(true);
        }
        if (then_zero) {
            bit(false);
        }
    }

    void gamma(std::uint64_t number) noexcept {
        const int length = std::bit_width(number);
        for (int zero = 1; zero < length; ++zero) {
            bit(false);
        }
        for (int position = length - 1; position >= 0; --position) {
            bit((number >> position & 1) != 0);
        }
    }

    void finish() noexcept {
        while (filled_ != 0) {
            bit(false);
        }
        std::uint32_t check = ~crc_;
        for (int position = 0; position < 5; ++position, check >>= 5) {
            to_ << digits.substr(check & 31, 1);
        }
    }

private:
    static constexpr std::string_view digits = "abcdefghijklmnopqrstuvwxyz234567";

    signal_text& to_;
    std::uint32_t crc_ = ~std::uint32_t{0};
    unsigned digit_ = 0;
    int filled_ = 0;
};

/// Who was chosen how recently: a list that is short enough to be searched.
class ranks {
public:
    explicit ranks(std::size_t starters) noexcept : size_(starters + 1) {
        list_[0] = placeholder;
        for (std::size_t starter = 0; starter < starters; ++starter) {
            list_[starter + 1] = static_cast<std::uint32_t>(starter);
        }
    }

    /// Returns the rank that the starter had before it went to the front.
    std::size_t to_front(std::uint32_t starter) noexcept {
        std::uint32_t* const found = std::find(list_, list_ + size_, starter);
        const auto rank = static_cast<std::size_t>(found - list_);
        std::copy_backward(list_, found, found + 1);
        list_[0] = starter;
        return rank;
    }

    static constexpr std::uint32_t placeholder = 0xffff'ffff;

private:
    std::uint32_t list_[most_ranked + 1];
    std::size_t size_;
};

/// Returns how many decisions from `first` on are one item: the same starter again and again, or one value.
std::size_t run_length(std::span<const decision> decisions, std::size_t first) noexcept {
    std::size_t end = first + 1;
    while (decisions[first].what == decision::kind::starter && end < decisions.size() &&
           decisions[end] == decisions[first]) {
        ++end;
    }
    return end - first;
}

void write_item(token_writer& out, ranks& recent, decision next, std::size_t run) noexcept {
    if (next.what == decision::kind::value) {
        out.ones(3, false);
        out.gamma(std::uint64_t{next.chosen} + 1);
        (void)recent.to_front(ranks::placeholder);
        return;
    }
    const std::size_t rank = recent.to_front(next.chosen);
    if (rank <= 2) {
        out.ones(static_cast<int>(rank) - 1, true);
    } else {
        out.ones(2, true);
        out.gamma(rank - 2);
    }
    out.gamma(run);
}

std::string_view name_of(int signal) noexcept {
    switch (signal) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    case SIGABRT: return "SIGABRT";
    default: return "a signal";
    }
}

void write_place(signal_text& to, const char* file, std::uint32_t line) noexcept {
    std::string_view path = file;
    if (path.empty()) {
        return;
    }
    to << " at ";
    if (line == 0) { // a place that is described
        to << path;
        return;
    }
    path.remove_prefix(path.rfind('/') + 1); // from the beginning, if there is no folder
    to << path << ":" << std::size_t{line};
}

/// `load at account.cpp:12`, `checkpoint 'read' at account.cpp:15`.
void write_operation(signal_text& to, const execution& of, operation_kind kind, label_id label, const char* file,
                     std::uint32_t line) noexcept {
    to << to_string(kind);
    if (kind == operation_kind::checkpoint) {
        to << " '" << of.labels().text(label) << "'";
    }
    write_place(to, file, line);
}

void write_starters(signal_text& to, const execution& of) noexcept {
    for (std::size_t number = 0; number < std::min(of.starters().size(), most_starters); ++number) {
        const auto id = static_cast<starter_id>(number);
        const starter_state state = of.starters()[id].state;
        const operation& next = of.pending()[number];
        to << "  " << of.name_of(id);
        if (state == starter_state::not_begun) {
            to << " has not begun";
        } else if (state != starter_state::alive) {
            to << " has ended";
        } else if (next.kind == operation_kind::started) {
            to << " has made no step";
        } else {
            to << (of.running() == id ? ", last: " : ", next: ");
            write_operation(to, of, next.kind, next.label, next.where.file, next.where.line);
        }
        to << "\n";
    }
    if (of.starters().size() > most_starters) {
        to << "  ... and " << of.starters().size() - most_starters << " more starters\n";
    }
}

void write_step(signal_text& to, const execution& of, const step& made) noexcept {
    to << "  " << of.name_of(made.starter) << ": ";
    switch (made.event) {
    case step::what::began: to << "started"; break;
    case step::what::finished: to << "finished"; break;
    case step::what::raised: to << "ended by an exception"; break;
    case step::what::paused: to << "paused"; break;
    case step::what::blocked: to << "waits: "; [[fallthrough]];
    case step::what::reached:
    case step::what::did: write_operation(to, of, made.kind, made.label, made.file, made.line); break;
    }
    to << "\n";
}

/// The steps are there if there is a trace; a search goes without, and then there is only who was chosen.
void write_last_steps(signal_text& to, const execution& of) noexcept {
    const std::span<const step> steps = of.steps();
    if (!steps.empty()) {
        to << "the last steps:\n";
        for (const step& each : steps.last(std::min(steps.size(), most_steps))) {
            write_step(to, of, each);
        }
        return;
    }
    const std::span<const decision> all = of.decisions();
    to << "the last decisions (a replay shows the steps):";
    for (const decision& each : all.last(std::min(all.size(), most_steps))) {
        to << " ";
        if (each.what == decision::kind::starter) {
            to << of.name_of(static_cast<starter_id>(each.chosen));
        } else {
            to << std::size_t{each.chosen};
        }
    }
    to << "\n";
}

} // namespace

bool write_token(signal_text& to, std::span<const decision> decisions, std::size_t starters) noexcept {
    if (starters > most_ranked) {
        return false;
    }
    std::size_t items = 0;
    for (std::size_t at = 0; at < decisions.size(); at += run_length(decisions, at)) {
        ++items;
    }
    token_writer out(to);
    ranks recent(starters);
    out.text("cv1_");
    out.gamma(items + 1);
    for (std::size_t at = 0; at < decisions.size();) {
        const std::size_t run = run_length(decisions, at);
        write_item(out, recent, decisions[at], run);
        at += run;
    }
    out.finish();
    return true;
}

void report_crash(const execution& crashed, int signal) noexcept {
    signal_text text;
    text << "\ncppvaldi: starter '" << crashed.name_of(crashed.running()) << "' crashes (" << name_of(signal)
         << ") after " << crashed.decisions().size() << " decisions\n";
    write_starters(text, crashed);
    write_last_steps(text, crashed);
    text << "to see it again: ";
    if (crashed.decisions().empty()) {
        text << "nothing had been decided\n";
        return;
    }
    text << "CPPVALDI_REPLAY=";
    if (!write_token(text, crashed.decisions(), crashed.starters().size())) {
        text << "(there are too many starters for a token here)";
    }
    text << "\n";
}

} // namespace cppvaldi
