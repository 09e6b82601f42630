/// How a program says that it is over: abort, a failed assert, exit. In an execution these are findings.

#include "intercept/program_end.hpp"

#include "intercept/leaks.hpp"
#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <cppvaldi/errors.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <assert.h>
#include <unistd.h>

namespace cppvaldi::intercept {

namespace {

next_function<void (*)()> next_abort{"abort"};
next_function<void (*)(int)> next_exit{"exit"};
next_function<void (*)(int)> next_immediate_exit{"_exit"};
next_function<void (*)(int)> next_quick_exit{"quick_exit"};
next_function<void (*)(int)> next_plain_exit{"_Exit"};
next_function<void (*)(const char*, const char*, unsigned int, const char*)> next_assert_fail{"__assert_fail"};
next_function<void (*)(int, const char*, unsigned int, const char*)> next_assert_perror_fail{"__assert_perror_fail"};

/// Ends the execution. If it is over already, this is what the destructors of a starter have come to.
[[noreturn]] void end(execution& in, program_ended::way how, int status, const std::string& message) noexcept {
    (void)without_throwing(in, [&]() -> int {
        if (in.unwinding()) {
            in.abandon();
        }
        throw program_ended(how, status, message);
    });
    in.abandon();
}

std::terminate_handler next_terminate_handler = nullptr;

/// Says what of, as far as that is known.
std::string terminated_text() {
    try {
        if (std::current_exception() != nullptr) {
            throw;
        }
    } catch (const std::exception& problem) {
        return "std::terminate() is called because of an exception: " + std::string(problem.what());
    } catch (...) {
        return "std::terminate() is called because of an exception that is not a std::exception";
    }
    return "std::terminate() is called: a std::thread is destroyed that has not been joined, say";
}

void on_terminate() {
    if (execution* const in = taken_over(); in != nullptr && !in->unwinding()) {
        end(*in, program_ended::way::aborted, SIGABRT, terminated_text());
    }
    next_terminate_handler();
}

[[gnu::constructor]] void handle_terminate() { next_terminate_handler = std::set_terminate(&on_terminate); }

[[noreturn]] void end_by_exit(execution& in, int status, const place& where) noexcept {
    end(in, program_ended::way::exited, status, "exit(" + std::to_string(status) + ") is called" + at_text(where));
}

} // namespace

void parts::program() noexcept {}

void end_by_return(execution& in, int status) noexcept {
    std::fflush(nullptr);
    main_is_over();
    end(in, program_ended::way::exited, status, "main returns " + std::to_string(status));
}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

void abort() noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        end(*in, cppvaldi::program_ended::way::aborted, SIGABRT,
            "abort() is called" + cppvaldi::at_text(CPPVALDI_CALLER));
    }
    next_abort();
    __builtin_trap();
}

void exit(int status) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        std::fflush(nullptr);
        end_by_exit(*in, status, CPPVALDI_CALLER);
    }
    next_exit(status);
    __builtin_trap();
}

void _exit(int status) {
    if (cppvaldi::execution* const in = taken_over()) {
        end_by_exit(*in, status, CPPVALDI_CALLER);
    }
    next_immediate_exit(status);
    __builtin_trap();
}

void _Exit(int status) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        end_by_exit(*in, status, CPPVALDI_CALLER);
    }
    next_plain_exit(status);
    __builtin_trap();
}

void quick_exit(int status) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        end_by_exit(*in, status, CPPVALDI_CALLER);
    }
    next_quick_exit(status);
    __builtin_trap();
}

void __assert_fail(const char* assertion, const char* file, unsigned int line, const char* function) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        end(*in, cppvaldi::program_ended::way::assertion, SIGABRT,
            "assertion '" + std::string(assertion) + "' failed" + cppvaldi::at_text({file, line}));
    }
    next_assert_fail(assertion, file, line, function);
    __builtin_trap();
}

void __assert_perror_fail(int code, const char* file, unsigned int line, const char* function) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        end(*in, cppvaldi::program_ended::way::assertion, SIGABRT,
            "unexpected error " + std::to_string(code) + cppvaldi::at_text({file, line}));
    }
    next_assert_perror_fail(code, file, line, function);
    __builtin_trap();
}
}
