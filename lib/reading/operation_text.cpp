#include <cppvaldi/operation.hpp>

#include "reading/report.hpp"

namespace cppvaldi {

std::string_view to_string(operation_kind kind) noexcept {
    switch (kind) {
    case operation_kind::started: return "begin";
    case operation_kind::checkpoint: return "checkpoint";
    case operation_kind::finished: return "end";
    case operation_kind::wait: return "wait for";
    case operation_kind::join: return "join";
    case operation_kind::yield: return "yield";
    case operation_kind::sleep: return "sleep";
    case operation_kind::lock: return "lock";
    case operation_kind::try_lock: return "try to lock";
    case operation_kind::unlock: return "unlock";
    case operation_kind::lock_shared: return "lock shared";
    case operation_kind::try_lock_shared: return "try to lock shared";
    case operation_kind::unlock_shared: return "unlock shared";
    case operation_kind::release_and_wait: return "wait on";
    case operation_kind::wake: return "wake from";
    case operation_kind::notify_one: return "notify one on";
    case operation_kind::notify_all: return "notify all on";
    case operation_kind::acquire: return "acquire";
    case operation_kind::try_acquire: return "try to acquire";
    case operation_kind::release: return "release";
    case operation_kind::count_down: return "count down";
    case operation_kind::arrive: return "arrive at";
    case operation_kind::await: return "await";
    case operation_kind::load: return "load";
    case operation_kind::store: return "store";
    case operation_kind::exchange: return "exchange";
    case operation_kind::compare_exchange: return "compare and exchange";
    case operation_kind::fetch_modify: return "modify";
    case operation_kind::fence: return "fence";
    case operation_kind::await_change: return "await a change of";
    case operation_kind::call_once: return "call once";
    case operation_kind::await_value: return "await the value of";
    case operation_kind::set_value: return "set the value of";
    case operation_kind::request_stop: return "make";
    case operation_kind::ask_for_stop: return "ask for";
    case operation_kind::add_callback: return "add a callback to";
    case operation_kind::remove_callback: return "remove a callback from";
    case operation_kind::read: return "read";
    case operation_kind::write: return "write";
    case operation_kind::await_readable: return "read from";
    case operation_kind::await_writable: return "write to";
    }
    return "?";
}

std::string_view awaited_state(operation_kind kind) noexcept {
    return kind == operation_kind::await_readable   ? " to be readable"
           : kind == operation_kind::await_writable ? " to be writable"
                                                    : "";
}

} // namespace cppvaldi
