#pragma once

// What all benchmarks share: sizes, what one item costs, and the closing report. A program registers its benchmarks and its
// rivals with `measure`, and ends its `main` with `run`, which measures all of them, interleaved, several times, and prints
//
//     target                                      measured           rival                        ratio
//     next() and back: at most 4 round trips      next_and_back ...  raw_round_trip ...            2.61  kept
//
// Every figure is the median of the repetitions of this one run, so that a busy machine disturbs both sides of a ratio alike.

#include <benchmark/benchmark.h>

#include <time.h>

#include <cstddef>
#include <cstdio>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace bench {

/// The small size shows in the tests that a benchmark works; the large one measures.
struct sizes {
    std::int64_t small;
    std::int64_t large;
};

/// Which clock counts: the processor's for what runs on this OS thread, the wall's where others must run too, or the
/// benchmark's own `SetIterationTime`.
enum class timing { processor, wall, own };

/// Registers `body` as `<name>/small/<size>` and `<name>/large/<size>`. It finds the size in `state.range(0)`.
inline void measure(const std::string& name, sizes each, void (*body)(benchmark::State&),
                    timing clock = timing::processor) {
    for (const auto& [word, size] : {std::pair{"small", each.small}, std::pair{"large", each.large}}) {
        auto* registered = benchmark::RegisterBenchmark((name + '/' + word).c_str(), body)->Arg(size);
        if (clock == timing::wall) {
            registered->UseRealTime();
        } else if (clock == timing::own) {
            registered->UseManualTime();
        }
    }
}

/// For `timing::own`: the time that this OS thread has had a processor, in seconds. What else runs on the machine does not
/// count, as it does not for the rivals that Google Benchmark times.
inline double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Says how many items an iteration goes through: the report shows the time of one.
inline void count_items(benchmark::State& state, std::int64_t items) {
    state.counters["each"] = benchmark::Counter(
        static_cast<double>(items), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// Says what an item occupies: the report shows this instead of the time.
inline void report_bytes(benchmark::State& state, double bytes_each) { state.counters["bytes"] = bytes_each; }

/// A line of the closing report. The bounds are those of the project's targets; zero is no bound, only a comparison.
struct target {
    const char* what;
    const char* measured;
    const char* rival; ///< null if there is none
    double most_times_rival = 0;
    double most_absolute = 0; ///< nanoseconds or bytes
};

/// Prints a line for each benchmark, its median, and keeps the figures for the closing report.
class reporter final : public benchmark::ConsoleReporter {
public:
    reporter() : ConsoleReporter(OO_Tabular) {}

    void ReportRuns(const std::vector<Run>& runs) override {
        std::vector<Run> medians;
        for (const Run& each : runs) {
            if (each.run_type == Run::RT_Iteration ? each.repetitions == 1 : each.aggregate_name == "median") {
                medians.push_back(each);
                keep(each);
            }
        }
        ConsoleReporter::ReportRuns(medians);
    }

    void print(std::initializer_list<target> targets) const {
        std::printf("\n%-66s  %-37s  %-37s  %7s\n", "target", "measured", "rival", "ratio");
        bool small = false;
        for (const target& line : targets) {
            const figure* measured = find(line.measured);
            if (measured == nullptr) {
                std::printf("%-66s  not measured\n", line.what);
                continue;
            }
            small = small || !measured->large;
            const figure* rival = line.rival == nullptr ? nullptr : find(line.rival);
            const double ratio = rival == nullptr ? 0 : measured->value / rival->value;
            const bool bounded = line.most_absolute > 0 || (line.most_times_rival > 0 && rival != nullptr);
            const bool kept = (line.most_absolute <= 0 || measured->value <= line.most_absolute) &&
                              (line.most_times_rival <= 0 || ratio <= line.most_times_rival);
            std::printf("%-66s  %-37s  %-37s  %7s  %s\n", line.what, text(line.measured, *measured).c_str(),
                        rival == nullptr ? "" : text(line.rival, *rival).c_str(),
                        rival == nullptr ? "" : text(ratio).c_str(),
                        !bounded ? ""
                        : kept   ? "kept"
                                 : "MISSED");
        }
        std::printf("%s\n", small ? "(small sizes: they show that it works, not how fast)" : "");
    }

private:
    struct figure {
        double value = 0; ///< nanoseconds or bytes
        bool bytes = false;
        bool large = false;
    };

    void keep(const Run& median) {
        const std::string& name = median.run_name.function_name; // "<name>/large"
        const std::size_t slash = name.rfind('/');
        figure seen{.large = name.substr(slash + 1) == "large"};
        if (const auto bytes = median.counters.find("bytes"); bytes != median.counters.end()) {
            seen.value = bytes->second;
            seen.bytes = true;
        } else if (const auto each = median.counters.find("each"); each != median.counters.end()) {
            seen.value = each->second * 1e9;
        }
        figure& kept = figures_[name.substr(0, slash)];
        if (seen.large || !kept.large) {
            kept = seen;
        }
    }

    [[nodiscard]] const figure* find(const std::string& name) const {
        const auto found = figures_.find(name);
        return found == figures_.end() ? nullptr : &found->second;
    }

    static std::string text(double ratio) {
        char digits[32];
        std::snprintf(digits, sizeof digits, ratio < 0.1 ? "%.5f" : "%.2f", ratio);
        return digits;
    }

    static std::string text(const std::string& name, const figure& shown) {
        char digits[48];
        std::snprintf(digits, sizeof digits, shown.value < 1000 ? " %.2f %s" : " %.0f %s", shown.value,
                      shown.bytes ? "bytes" : "ns");
        return name + digits;
    }

    std::map<std::string, figure> figures_;
};

/// Runs what was registered, as the command line says, and prints the closing report. Returns the exit status.
inline int run(int argc, char** argv, std::initializer_list<target> targets) {
    std::vector<std::string> defaults = {argv[0], "--benchmark_repetitions=9", "--benchmark_min_time=0.03",
                                         "--benchmark_enable_random_interleaving=true"};
    std::vector<char*> arguments;
    for (std::string& each : defaults) {
        arguments.push_back(each.data());
    }
    arguments.insert(arguments.end(), argv + 1, argv + argc); // what is given counts more
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) {
        return 1;
    }
    reporter medians;
    benchmark::RunSpecifiedBenchmarks(&medians);
    medians.print(targets);
    return 0;
}

} // namespace bench
