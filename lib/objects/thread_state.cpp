#include <cppvaldi/detail/thread_state.hpp>

#include "objects/here.hpp"

#include <cstdint>
#include <string>
#include <system_error>

namespace cppvaldi {

namespace {

/// Returns a name that no starter has: `name`, or `name-2`, `name-3`, ...
std::string unused_name(execution& in, std::string_view name) {
    std::string tried = name.empty() ? "thread-" + std::to_string(in.starters().size()) : std::string(name);
    if (in.find(tried) != nobody) {
        const std::string stem = tried + '-';
        std::uint32_t& namesakes = in.namesakes_of(tried);
        do {
            tried = stem + std::to_string(++namesakes + 1);
        } while (in.find(tried) != nobody);
    }
    return tried;
}

bool has_ended(const object& what, starter_id) noexcept { return what.met_by->starters()[what.holder].ended(); }

/// What code outside executions sees as its own thread: no starter's, and not none.
constexpr std::uint64_t outside_number = 0xffff'ffff'ffff'ffff;

} // namespace

starter_id detail::start_thread(std::string_view name, job_shape shape, job_maker maker) {
    if (here() == nullptr) {
        throw usage_error("a cppvaldi::thread" + (name.empty() ? "" : " '" + std::string(name) + "'") +
                          " is started outside an execution; start it in a starter, or in the body that explore runs");
    }
    if (!name.empty() && here()->find(name) == nobody) {
        return here()->spawn(name, shape, maker);
    }
    return here()->spawn(unused_name(*here(), name), shape, maker);
}

void detail::join_thread(starter_id id, const place& where) {
    if (id == nobody) {
        throw std::system_error(std::make_error_code(std::errc::invalid_argument), "thread::join: not joinable");
    }
    if (here() != nullptr && here()->running() == id) {
        throw std::system_error(std::make_error_code(std::errc::resource_deadlock_would_occur),
                                "thread::join: a thread cannot wait for its own end");
    }
    if (here() == nullptr || index(id) >= here()->starters().size()) {
        throw usage_error("thread::join" + at_text(where) + ": the execution that the thread belongs to is over");
    }
    object& end = here()->starters()[id].end;
    here()->adopt(end);
    end.holder = id;
    here()->perform(end, announced(operation_kind::join, access_kind::acquire, where), &has_ended);
    here()->order_after_end(id);
}

bool detail::join_thread_until(starter_id id, deadline until, const place& where) {
    object& end = here()->starters()[id].end;
    here()->adopt(end);
    end.holder = id;
    const bool ended =
        here()->perform_until(end, announced(operation_kind::join, access_kind::acquire, where), &has_ended, until);
    if (ended) {
        here()->order_after_end(id);
    }
    return ended;
}

void detail::join_quietly(starter_id id, const place& where) noexcept {
    if (here() == nullptr || index(id) >= here()->starters().size()) {
        return;
    }
    object& end = here()->starters()[id].end;
    here()->adopt(end);
    end.holder = id;
    (void)here()->perform_quietly(end, announced(operation_kind::join, access_kind::acquire, where), &has_ended);
    here()->order_after_end(id);
}

void detail::report_joinable(starter_id id) noexcept {
    if (here() != nullptr && !here()->unwinding()) {
        here()->fault(std::make_exception_ptr(
            usage_error("the thread '" + std::string(here()->name_of(id)) +
                        "' is destroyed or assigned to while it is joinable; join or detach it before")));
    }
}

void detail::yield(const place& where) {
    if (here() != nullptr) {
        here()->yield(where);
    }
}

void this_thread::yield(const char* file, std::uint32_t line) { detail::yield({file, line}); }

void detail::sleep_until(deadline until, const place& where) {
    if (here() != nullptr) {
        here()->sleep_until(until, where);
    }
}

std::uint64_t detail::this_thread_number() noexcept {
    return here() == nullptr ? outside_number : thread_number(here()->running());
}

} // namespace cppvaldi
