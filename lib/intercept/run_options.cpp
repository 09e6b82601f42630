#include "intercept/run_options.hpp"

#include <cppvaldi/errors.hpp>
#include <cppvaldi/schedule.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <string_view>

namespace cppvaldi::intercept {

namespace {

template <typename Number>
Number number_of(const std::string& option, const std::string& text, Number lowest) {
    Number number{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size() || number < lowest) {
        throw usage_error(option + ' ' + text + ": is not a whole number of " + std::to_string(lowest) + " or more");
    }
    return number;
}

/// Reads `30`, `30s`, `500ms`, `10min`: seconds if nothing is said.
std::chrono::nanoseconds time_of(const std::string& option, const std::string& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = number_of<std::int64_t>(option, text.substr(0, digits), 1);
    const std::string unit = text.substr(digits);
    if (unit == "ms") {
        return std::chrono::milliseconds(number);
    }
    if (unit == "min") {
        return std::chrono::minutes(number);
    }
    if (unit.empty() || unit == "s") {
        return std::chrono::seconds(number);
    }
    throw usage_error(option + ' ' + text + ": is no time; write 30s, 500ms or 10min");
}

/// Reads `none`, `all`, or `sampled:10` for one of ten.
accesses accesses_of(const std::string& option, const std::string& text) {
    constexpr std::string_view sampled = "sampled:";
    if (text == "none") {
        return accesses::none;
    }
    if (text == "all") {
        return accesses::all;
    }
    if (text.starts_with(sampled)) {
        return accesses::sampled(number_of<std::uint32_t>(option, text.substr(sampled.size()), 1));
    }
    throw usage_error(option + ' ' + text + ": is neither none, nor all, nor sampled:10 for one of ten");
}

run_mode mode_of(const std::string& option, const std::string& text) {
    if (text != "fork" && text != "snapshot") {
        throw usage_error(option + ' ' + text + ": is neither fork nor snapshot");
    }
    return text == "fork" ? run_mode::fork : run_mode::snapshot;
}

bool leaks_of(const std::string& option, const std::string& text) {
    if (text != "none" && text != "all") {
        throw usage_error(option + ' ' + text + ": is neither none nor all");
    }
    return text == "all";
}

void take(run_options& into, const std::string& option, const std::string& value) {
    if (option == "--strategy") {
        into.strategies.clear();
        for (std::size_t begin = 0; begin <= value.size();) {
            const std::size_t end = std::min(value.find(',', begin), value.size());
            into.strategies.push_back(value.substr(begin, end - begin));
            begin = end + 1;
        }
        (void)into.decides();
    } else if (option == "--seed") {
        into.seed = number_of<std::uint64_t>(option, value, 0);
    } else if (option == "--depth") {
        into.depth = number_of<std::uint32_t>(option, value, 1);
    } else if (option == "--preemptions") {
        into.preemptions = number_of<std::uint32_t>(option, value, 0);
    } else if (option == "--executions") {
        into.executions = number_of<std::uint64_t>(option, value, 1);
    } else if (option == "--time") {
        into.time = time_of(option, value);
    } else if (option == "--status") {
        into.status = number_of<int>(option, value, 0);
    } else if (option == "--stack") {
        into.each.stack_size_bytes = number_of<std::size_t>(option, value, 16) * 1024;
    } else if (option == "--steps") {
        into.each.step_limit = number_of<std::uint64_t>(option, value, 1);
    } else if (option == "--accesses") {
        into.each.plain_accesses_switch = accesses_of(option, value);
    } else if (option == "--leaks") {
        into.leaks = leaks_of(option, value);
    } else if (option == "--shrink") {
        into.shrink.executions = number_of<std::uint64_t>(option, value, 0);
    } else if (option == "--replay") {
        (void)schedule::parse(value);
        into.replay = value;
    } else if (option == "--mode") {
        into.mode = mode_of(option, value);
    } else if (option == "--report") {
        into.report = value;
    } else {
        throw usage_error(option + ": there is no such option; see cppvaldi run --help");
    }
}

description described(const std::string& name, const run_options& with) {
    if (name == "random") {
        return cppvaldi::random{.seed = with.seed};
    }
    if (name == "sticky") {
        return sticky{.seed = with.seed};
    }
    if (name == "pct") {
        return pct{.depth = with.depth, .seed = with.seed};
    }
    if (name == "pos") {
        return pos{.seed = with.seed};
    }
    if (name == "surw") {
        return surw{.seed = with.seed};
    }
    if (name == "exhaustive") {
        return exhaustive{.preemptions = with.preemptions};
    }
    if (name == "dpor") {
        return dpor{.preemptions = with.preemptions};
    }
    if (name == "round_robin") {
        return round_robin{};
    }
    throw usage_error("--strategy " + name +
                      ": there is no such strategy; there are random, sticky, pct, pos, surw, exhaustive, dpor and "
                      "round_robin");
}

} // namespace

std::unique_ptr<strategy> run_options::decides() const {
    if (!replay.empty()) {
        return make_strategy(cppvaldi::replay{schedule::parse(replay)});
    }
    if (strategies.size() == 1) {
        return make_strategy(described(strategies.front(), *this));
    }
    portfolio turns;
    for (const std::string& name : strategies) {
        turns.members.push_back(described(name, *this));
    }
    return make_strategy(turns);
}

run_options parse_run_options(std::span<const std::string> words, std::size_t& used) {
    run_options options;
    used = 0;
    while (used < words.size() && words[used].starts_with("--")) {
        std::string option = words[used++];
        if (option == "--") {
            break;
        }
        std::string value;
        if (const std::size_t equals = option.find('='); equals != std::string::npos) {
            value = option.substr(equals + 1);
            option.erase(equals);
        } else if (used < words.size()) {
            value = words[used++];
        } else {
            throw usage_error(option + ": its value is missing");
        }
        take(options, option, value);
    }
    return options;
}

const char* run_help() noexcept {
    return R"(usage: cppvaldi run [options] program [arguments]

Runs an unchanged program again and again, each time in a process of its own and with its threads interleaved in another way, until
something is found: a failed assertion, an abort, a signal, a deadlock, an exit status other than 0. The program must be linked
dynamically. What it prints in the first execution is passed on, and so is what it prints in one that something is found in.

  --strategy NAME    random (the default), sticky, pct, pos, surw, exhaustive, dpor or round_robin; or several that take turns,
                     with commas between: random,pct,surw
  --seed N           what draws lots begins with this; 1 if not given
  --depth N          of pct: how many ordered pairs of steps a bug is made of; 3 if not given
  --preemptions N    of exhaustive and dpor: how often a starter that could go on is interrupted, at the most
  --executions N     at the most; 1000 if neither this nor --time is given
  --time T           at the most: 30s, 500ms, 10min
  --status N         the exit status of a program that is right; 0 if not given
  --stack N          of each thread, in KiB; 8192 if not given
  --steps N          of one execution while no thread begins or ends, at the most
  --accesses WHICH   which plain accesses of code compiled with -fsanitize=thread are scheduling points: none (the default),
                     all, or sampled:10 for one of ten
  --leaks WHICH      which memory that is not freed when the program ends is a finding: none (the default), or all that nobody can
                     reach any more
  --shrink N         so many executions more, and 10 s, make the schedule of what is found shorter; 1000 if not given, and 0
                     leaves it as it was found
  --replay TOKEN     one execution with the schedule of a finding, in this process: under a debugger, say
  --mode WHICH       how one execution follows the other: fork (the default), each in a process of its own; or snapshot, many times
                     as fast, in one process whose memory is put back in between: for programs that write no files
  --report FILE      write what is found there, too
  --help             this text

The exit status is 0 if nothing was found, 1 if something was, and 2 if it was called in a way that has no meaning.
CPPVALDI_REPLAY=TOKEN in the environment does what --replay does.
)";
}

} // namespace cppvaldi::intercept
