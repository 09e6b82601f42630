#include "intercept/caller.hpp"

#include "intercept/accesses/lines.hpp"
#include "intercept/heap.hpp"
#include "intercept/kept_words.hpp"
#include "intercept/ledger.hpp"
#include "intercept/symbols.hpp"
#include "objects/here.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include <unwind.h>

namespace cppvaldi::intercept {

namespace {

/// So many callers of each other are looked at before one counts as unknown.
constexpr int most_frames = 8;

/// Returns a function's name without what compilers and the standard library add to lambdas.
std::string short_name(std::string name) {
    constexpr std::string_view wrapper = "std::_Function_handler<";
    if (const std::size_t at = name.find("), "); name.starts_with(wrapper) && at != std::string::npos) {
        name = name.substr(at + 3, name.rfind(">::_M_invoke") - at - 3);
    }
    for (const std::string_view added : {"::operator()() const", "::operator()()"}) {
        for (std::size_t at = name.find(added); at != std::string::npos; at = name.find(added)) {
            name.erase(at, added.size());
        }
    }
    constexpr std::string_view last = "}::operator()";
    return name.ends_with(last) ? name.substr(0, name.size() - last.size() + 1) : name;
}

/// Looks for the frame that `inner` returns to, and measures it.
struct frame_search {
    const void* inner;
    std::uintptr_t found_at = 0;
    std::ptrdiff_t size = 0;
};

_Unwind_Reason_Code at_frame(_Unwind_Context* context, void* data) {
    auto& search = *static_cast<frame_search*>(data);
    const std::uintptr_t stands_at = _Unwind_GetCFA(context);
    if (search.found_at != 0) {
        search.size = static_cast<std::ptrdiff_t>(stands_at - search.found_at);
        return _URC_END_OF_STACK;
    }
    if (_Unwind_GetIP(context) == reinterpret_cast<std::uintptr_t>(search.inner)) {
        search.found_at = stands_at;
    }
    return _URC_NO_REASON;
}

/// Returns what is known of who called from before `return_address`. How large a frame is at that place is always the same, and
/// asked of the unwinder once.
const known_caller& look_up(ledger& kept, const void* return_address) {
    caller_book& book = *kept.callers;
    object_id& position = book.where.at(return_address);
    if (position == object_id{}) {
        const function_symbol* const found = function_at(static_cast<const char*>(return_address) - 1);
        known_caller fresh;
        if (found != nullptr) {
            fresh.is_library = found->of_library;
            fresh.calls_code_under_test =
                std::string_view(found->mangled).find("_Function_handler") != std::string::npos;
            fresh.known_place = place::described(kept_words(short_name(without_arguments(demangled(found->mangled)))));
        }
        if (const place line = place_of_code(offset_of_code(return_address)); line.known() && !fresh.is_library) {
            fresh.known_place = line;
        }
        if (fresh.is_library) {
            frame_search search{return_address};
            (void)_Unwind_Backtrace(&at_frame, &search);
            fresh.frame_size = search.size;
        }
        book.all.push_back(fresh);
        position = static_cast<object_id>(book.all.size());
    }
    return book.all[static_cast<std::size_t>(position) - 1];
}

} // namespace

void let_callers_last(ledger& of) {
    const lasting_memory lasting;
    (void)of.callers.release(); // which lies in memory that is put back
    of.callers = std::make_unique<caller_book>();
}

place caller_at(const void* return_address, const void* frame) noexcept {
    return caller_of(return_address, frame).where;
}

code_caller caller_of(const void* return_address, const void* frame) noexcept {
    try {
        execution& in = *here();
        if (in.unwinding()) {
            return {};
        }
        const detail::calls_of_its_own own;
        const lasting_memory lasting;
        ledger& kept = ledger::of(in);
        const stack memory = in.starters()[in.running()].flow.memory();
        const auto* stands_at = static_cast<const std::byte*>(frame) + 2 * sizeof(void*);
        for (int depth = 0; depth < most_frames; ++depth) {
            const known_caller& found = look_up(kept, return_address);
            if (!found.is_library || found.calls_code_under_test) {
                return {found.known_place, return_address};
            }
            stands_at += found.frame_size;
            if (found.frame_size <= 0 || !std::less<>{}(stands_at, memory.base)) {
                break;
            }
            std::memcpy(&return_address, stands_at - sizeof return_address, sizeof return_address);
        }
    } catch (...) { // there is no memory for words: the place is not known
    }
    return {};
}

} // namespace cppvaldi::intercept
