/// pthread_exit: the stack is unwound, through destructors and through what pthread_cleanup_push has been given, to where the
/// thread began. In C++, and in C with -fexceptions, pthread_cleanup_push is a destructor; elsewhere it is a jump buffer, which
/// is noted in `__pthread_register_cancel`, and left for by whoever unwinds past its frame.

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"
#include "intercept/threads.hpp"

#include <cppvaldi/errors.hpp>

#include <csetjmp>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>

#include <pthread.h>
#include <unwind.h>

namespace cppvaldi::intercept {

namespace {

next_function<void (*)(void*)> next_pthread_exit{"pthread_exit"};
next_function<void (*)(__pthread_unwind_buf_t*)> next_register{"__pthread_register_cancel"};
next_function<void (*)(__pthread_unwind_buf_t*)> next_unregister{"__pthread_unregister_cancel"};
next_function<void (*)(__pthread_unwind_buf_t*)> next_unwind_next{"__pthread_unwind_next"};

thread_record& current_thread() { return ledger::of(*here()).thread(here()->running()); }

/// Returns the frame that a jump buffer of pthread_cleanup_push belongs to: the buffer lies in it.
const void* frame_of(const __pthread_unwind_buf_t* buffer) noexcept { return buffer; }

/// Leaves for the innermost handler of pthread_cleanup_push in C.
[[noreturn]] void run_innermost_cleanup(thread_record& self) {
    __pthread_unwind_buf_t* const buffer = self.cleanups.back();
    self.cleanups.pop_back();
    --detail::own_calls;
    std::longjmp(reinterpret_cast<__jmp_buf_tag*>(buffer->__cancel_jmp_buf), 1);
}

_Unwind_Reason_Code at_frame(int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
                             _Unwind_Context* context, void*) {
    thread_record& self = current_thread();
    const auto* const frame = reinterpret_cast<const void*>(_Unwind_GetCFA(context));
    if (!self.cleanups.empty() && std::less<>{}(frame_of(self.cleanups.back()), frame)) {
        ++detail::own_calls;
        run_innermost_cleanup(self);
    }
    if ((actions & _UA_END_OF_STACK) != 0 || std::less<>{}(self.base, frame)) {
        __builtin_longjmp(self.exit, 1);
    }
    return _URC_NO_REASON;
}

[[noreturn]] void unwind_to_exit() {
    _Unwind_Exception& exiting = current_thread().exiting; // it outlives the frames that are unwound
    exiting = {};
    (void)_Unwind_ForcedUnwind(&exiting, &at_frame, nullptr);
    std::abort(); // the unwinder cannot read the stack
}

/// The frame that a thread's exit comes out in. It is a function of its own, for what it keeps in registers is lost.
[[gnu::noinline]] void call(thread_record& self, void* (*routine)(void*), void* argument) {
    void* exit[5];
    self.base = __builtin_frame_address(0);
    self.exit = exit;
    if (__builtin_setjmp(exit) == 0) {
        self.result = routine(argument);
    }
}

} // namespace

void* run_thread(void* (*routine)(void*), void* argument) {
    thread_record& self = current_thread();
    call(self, routine, argument);
    self.exit = nullptr;
    return self.result;
}

void parts::thread_exit() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

void __pthread_register_cancel(__pthread_unwind_buf_t* buffer);
void __pthread_unregister_cancel(__pthread_unwind_buf_t* buffer);
[[noreturn]] void __pthread_unwind_next(__pthread_unwind_buf_t* buffer);

void pthread_exit(void* result) {
    cppvaldi::execution* const in = taken_over();
    if (in == nullptr) {
        next_pthread_exit(result);
        std::abort();
    }
    thread_record& self = current_thread();
    if (self.exit == nullptr) {
        (void)without_throwing(*in, [&]() -> int {
            throw cppvaldi::usage_error("pthread_exit is called by starter '" +
                                        std::string(in->name_of(in->running())) +
                                        "', which pthread_create has not made; return from its function instead");
        });
        in->abandon();
    }
    self.result = result;
    unwind_to_exit();
}

void __pthread_register_cancel(__pthread_unwind_buf_t* buffer) {
    if (taken_over() == nullptr) {
        next_register(buffer);
        return;
    }
    current_thread().cleanups.push_back(buffer);
}

void __pthread_unregister_cancel(__pthread_unwind_buf_t* buffer) {
    if (taken_over() == nullptr) {
        next_unregister(buffer);
        return;
    }
    auto& cleanups = current_thread().cleanups;
    while (!cleanups.empty() && cleanups.back() != buffer) { // left by a jump
        cleanups.pop_back();
    }
    if (!cleanups.empty()) {
        cleanups.pop_back();
    }
}

void __pthread_unwind_next(__pthread_unwind_buf_t* buffer) {
    if (taken_over() == nullptr) {
        next_unwind_next(buffer);
        std::abort();
    }
    unwind_to_exit();
}
}
