#include "intercept/snapshot/restored_program.hpp"

#include "explore/time_limit.hpp"
#include "intercept/caller.hpp"
#include "intercept/heap.hpp"
#include "intercept/leaks.hpp"
#include "intercept/ledger.hpp"
#include "intercept/snapshot/memory_image.hpp"
#include "intercept/snapshot/process_state.hpp"
#include "intercept/watchdog.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

/// So many starters have stacks and worlds before the first execution. With more, these are made anew in each.
constexpr int starters_made_before = 24;

/// All mappings are looked at after so many executions, be there a reason or not.
constexpr std::uint64_t executions_between_checks = 4096;

constexpr int milliseconds_between_looks = 100;

/// What is left of a stack is not put back.
struct known_stacks {
    std::vector<address_range> stacks;
    std::vector<address_range> guards;
};

std::uintptr_t address_of(const void* where) noexcept { return reinterpret_cast<std::uintptr_t>(where); }

/// Answers with the first.
class any_order final : public strategy {
public:
    [[nodiscard]] starter_id next(const scheduling_point& point) override { return point.enabled.first(); }
};

/// An execution of starters that do nothing, so that the library has what it needs.
known_stacks make_starters(const run_options& options) {
    execution& world = program_world();
    any_order decides;
    world.begin(decides, options.each, {.tracing = false, .timeouts_are_decisions = true});
    known_stacks made;
    for (int each = 0; each < starters_made_before; ++each) {
        const std::string name = std::to_string(each);
        const auto start = [&](detail::job_shape shape, detail::job_maker maker) {
            return world.spawn(name, shape, maker);
        };
        const starter_id id = detail::with_job(start, [] {});
        const stack memory = world.starters()[id].flow.memory();
        made.stacks.push_back({address_of(memory.limit), address_of(memory.base)});
        made.guards.push_back({address_of(memory.limit) - stack_pool::guard_size_bytes, address_of(memory.limit)});
    }
    (void)world.run();
    world.end();
    return made;
}

/// Notes decisions beyond the execution that they are taken in.
class recording_strategy final : public strategy {
public:
    recording_strategy(strategy& answers, run_record& record) noexcept : answers_(answers), record_(record) {}

    [[nodiscard]] strategy_needs needs() const override { return answers_.needs(); }

    [[nodiscard]] starter_id next(const scheduling_point& point) override {
        const lasting_memory lasting;
        const starter_id answer = answers_.next(point);
        hash_.add(point, answer);
        if (answer != nobody) {
            record_.add({decision::kind::starter, index(answer)});
        }
        return answer;
    }

    [[nodiscard]] std::uint32_t value(const value_point& point) override {
        const lasting_memory lasting;
        const std::uint32_t answer = answers_.value(point);
        hash_.add(point, answer);
        record_.add({decision::kind::value, answer});
        return answer;
    }

    [[nodiscard]] bool end_execution(const scheduling_point& point) override {
        const lasting_memory lasting;
        return answers_.end_execution(point);
    }

    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_.value(); }

private:
    strategy& answers_;
    run_record& record_;
    sight_hash hash_;
};

/// The image that `keep` goes to.
memory_image* image_of_process = nullptr;

void keep_in_image(const void* at, std::size_t size_bytes) noexcept { image_of_process->keep(at, size_bytes); }

void use_arenas() {
    heaps.passing = arena::create();
    heaps.lasting = arena::create();
    if (heaps.passing == nullptr || heaps.lasting == nullptr) {
        heaps = {};
        throw usage_error("--mode snapshot: there are not enough addresses; use --mode fork");
    }
    heaps.lasts = true;
}

memory_image::exceptions what_stays(known_stacks stacks, const program& of, int first_descriptor) {
    memory_image::exceptions given;
    given.left_out = std::move(stacks.guards);
    given.left_out.push_back({address_of(heaps.passing), address_of(heaps.passing) + arena::address_bytes});
    given.left_out.push_back({address_of(heaps.lasting), address_of(heaps.lasting) + arena::address_bytes});
    given.stacks = std::move(stacks.stacks);
    given.arguments.begin = address_of(of.arguments);
    for (const mapping& each : read_mappings()) {
        if (each.where.begin <= given.arguments.begin && given.arguments.begin < each.where.end) {
            given.arguments.end = each.where.end;
        }
    }
    given.first_descriptor = first_descriptor;
    return given;
}

} // namespace

restored_program::restored_program(const program& of, const run_options& options) : of_(of), options_(options) {
    for (const mapping& each : read_mappings()) {
        if (each.access[1] == 'w' && each.access[3] == 's' && each.where.begin != address_of(record_.memory())) {
            throw usage_error("--mode snapshot: the program shares memory with others (" + each.name +
                              "); use --mode fork");
        }
    }
}

void restored_program::run(const limits& enough, const std::function<void(const run_record&)>& watching) {
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
        (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() == parent) {
            live_as_child(enough);
        }
        ::_exit(0);
    }
    if (child < 0) {
        throw std::system_error(errno, std::generic_category(), "cppvaldi run: fork");
    }
    const int ended = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    int how = 0;
    while (::waitpid(child, &how, ended < 0 ? 0 : WNOHANG) == 0) {
        pollfd end{ended, POLLIN, 0};
        (void)::poll(&end, 1, milliseconds_between_looks);
        watching(record_);
    }
    (void)::close(ended);
    if (record_.at() == run_record::stage::refused) {
        throw usage_error(record_.why());
    }
}

void restored_program::live_as_child(const limits& enough) {
    try {
        run_executions(enough);
    } catch (const std::exception& problem) {
        record_.refuse(problem.what());
    }
    ::_exit(0);
}

void restored_program::run_executions(const limits& enough) {
    const time_limit clock(enough.time);
    const int nowhere = ::memfd_create("output", MFD_CLOEXEC);
    (void)::dup2(nowhere, STDOUT_FILENO);
    (void)::dup2(nowhere, STDERR_FILENO);
    (void)::close(nowhere);
    if (options_.leaks) {
        learn_heap();
    }
    known_stacks stacks = make_starters(options_);
    use_arenas();
    let_callers_last(ledger::of(program_world()));
    keep_watching();
    const std::unique_ptr<strategy> decides = options_.decides();
    process_state state;
    (void)::lseek(STDIN_FILENO, 0, SEEK_SET);
    memory_image memory(what_stays(std::move(stacks), of_, state.first_own_descriptor()));
    image_of_process = &memory;
    heaps.keep = &keep_in_image;
    keep_beyond_executions(&image_of_process, sizeof image_of_process);
    keep_beyond_executions(&heaps.keep, sizeof heaps.keep);
    for (;;) {
        if (!decides->begin_execution()) {
            record_.end(run_record::stage::complete);
            return;
        }
        const std::uint64_t done = record_.begun();
        if (done > 0 && ((enough.executions && done >= *enough.executions) || clock.is_over())) {
            record_.end(run_record::stage::over);
            return;
        }
        if (decides->begins_anew()) {
            record_.begin_anew();
        }
        record_.begin_execution();
        recording_strategy recording(*decides, record_);
        quick_ending came_to;
        {
            const lasting_memory passing(false);
            came_to = execute_quickly(of_, recording, options_);
            std::fflush(nullptr);
        }
        record_.end_execution({recording.hash(), came_to.is_new, decides->explored()});
        if (!came_to.is_right) {
            record_.end(run_record::stage::found);
            return;
        }
        state.put_back();
        memory.put_back();
        heaps.passing->clear();
        if (::lseek(STDOUT_FILENO, 0, SEEK_CUR) != 0) {
            (void)::ftruncate(STDOUT_FILENO, 0);
            (void)::lseek(STDOUT_FILENO, 0, SEEK_SET);
        }
        (void)::lseek(STDIN_FILENO, 0, SEEK_SET);
        if (done % executions_between_checks == executions_between_checks - 1) {
            memory.check_mappings();
        }
    }
}

} // namespace cppvaldi::intercept
