// What a person sees who runs out of stack, and that everybody else's faults stay theirs. Each case is a child process.

#include "fiber/sanitizer.hpp"
#include "support/child.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/runner.hpp>

#include <boost/test/unit_test.hpp>

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include <climits>
#include <cstddef>
#include <string>
#include <thread>

namespace {

using test::ended;
using test::in_a_child;

[[gnu::noinline]] int dig(int depth) {
    volatile char frame[300] = {};
    if (depth == INT_MAX) {
        return 0;
    }
    return dig(depth + 1) + frame[depth % 300];
}

[[gnu::noinline]] int dig_in_steps_of_32_kib(int depth) {
    auto* step = static_cast<volatile char*>(__builtin_alloca(32 * 1024));
    step[0] = 1;
    if (depth == INT_MAX) {
        return 0;
    }
    return dig_in_steps_of_32_kib(depth + 1) + step[0];
}

void dig_for_ever() { (void)dig(0); }

void overflow_in(const std::string& starter, const cppvaldi::execution_options& options = {}) {
    cppvaldi::runner run(options);
    run.start(starter, &dig_for_ever);
    run.finish();
}

/// Memory that nobody may touch, and that is no stack's guard.
volatile int* nowhere() {
    return static_cast<volatile int*>(::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

void fault() { *nowhere() = 1; }

void install(int signal, void (*handler)(int), int flags = 0) {
    struct sigaction taken {};
    taken.sa_handler = handler;
    taken.sa_flags = flags;
    ::sigaction(signal, &taken, nullptr);
}

constexpr int handled_status = 42;
constexpr int handled_later_status = 43;

void exit_42(int) { ::_exit(handled_status); }
void exit_43(int) { ::_exit(handled_later_status); }

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// What `ended` shows is our message about that starter, and death by SIGSEGV.
void is_overflow_of(const std::string& starter, const ended& child, std::size_t size_bytes = 256 * 1024) {
    BOOST_TEST(child.signal == SIGSEGV);
    const std::string bytes = std::to_string(size_bytes);
    BOOST_TEST(contains(child.standard_error, "starter '" + starter + "' ran out of stack: it has " + bytes + " bytes"),
               child.standard_error);
    BOOST_TEST(contains(child.standard_error,
                        "execution_options{.stack_size_bytes = " + std::to_string(4 * size_bytes) + "}"),
               child.standard_error);
}

/// A fault that nobody handled: the default effect, or the sanitizer's word about it.
void is_plain_fault(const ended& child) {
    BOOST_TEST(!contains(child.standard_error, "ran out of stack"), child.standard_error);
    if (CPPVALDI_ADDRESS_SANITIZER) {
        BOOST_TEST(contains(child.standard_error, "AddressSanitizer: SEGV"), child.standard_error);
    } else {
        BOOST_TEST(child.signal == SIGSEGV);
    }
}

} // namespace

// --- the message ---

BOOST_AUTO_TEST_CASE(a_recursion_without_end_names_starter_size_and_option) {
    is_overflow_of("alice", in_a_child([] { overflow_in("alice"); }));
}

BOOST_AUTO_TEST_CASE(a_stack_of_another_size_is_named_with_its_own) {
    is_overflow_of("alice", in_a_child([] { overflow_in("alice", {.stack_size_bytes = 100'000}); }), 102'400);
    is_overflow_of("alice", in_a_child([] { overflow_in("alice", {.stack_size_bytes = 4 << 20}); }), 4 << 20);
}

BOOST_AUTO_TEST_CASE(frames_of_32_kib_do_not_jump_over_the_guard) {
    is_overflow_of("alice", in_a_child([] {
                       cppvaldi::runner run;
                       run.start("alice", [] { (void)dig_in_steps_of_32_kib(0); });
                       run.finish();
                   }));
}

BOOST_AUTO_TEST_CASE(the_starter_that_runs_is_the_one_that_is_named) {
    is_overflow_of("bob", in_a_child([] {
                       cppvaldi::runner run;
                       const cppvaldi::starter alice = run.start("alice", [] { cppvaldi::checkpoint("here"); });
                       const cppvaldi::starter bob = run.start("bob", [] {
                           cppvaldi::checkpoint("here");
                           dig_for_ever();
                       });
                       run.start("carol", [] { cppvaldi::checkpoint("here"); });
                       run.declare({bob.at("here"), alice.at("here"), bob.finished()});
                       run.finish();
                   }));
}

BOOST_AUTO_TEST_CASE(a_starter_of_a_nested_runner_is_named_and_so_is_its_driver) {
    is_overflow_of("inner", in_a_child([] {
                       cppvaldi::runner run;
                       run.start("outer", [] { overflow_in("inner"); });
                       run.finish();
                   }));
    is_overflow_of("outer", in_a_child([] {
                       cppvaldi::runner run;
                       run.start("outer", [] {
                           cppvaldi::runner nested;
                           nested.start("inner", [] {});
                           nested.finish();
                           dig_for_ever();
                       });
                       run.finish();
                   }));
}

BOOST_AUTO_TEST_CASE(a_starter_that_is_being_unwound_is_named) {
    is_overflow_of("alice", in_a_child([] {
                       cppvaldi::runner run;
                       const cppvaldi::starter alice = run.start("alice", [] {
                           struct digs_when_destroyed {
                               ~digs_when_destroyed() { dig_for_ever(); }
                           } guard;
                           cppvaldi::checkpoint("here");
                       });
                       run.declare({alice.at("here")});
                       run.next();
                   }));
}

BOOST_AUTO_TEST_CASE(a_reused_stack_is_guarded_like_a_new_one) {
    is_overflow_of("last", in_a_child([] {
                       for (int round = 0; round < 10; ++round) {
                           cppvaldi::runner run;
                           run.start("earlier", [] { cppvaldi::checkpoint("here"); });
                           run.finish();
                       }
                       overflow_in("last");
                   }));
}

BOOST_AUTO_TEST_CASE(a_long_name_leaves_room_for_what_to_do) {
    const ended child = in_a_child([] { overflow_in(std::string(5000, 'x')); });
    BOOST_TEST(child.signal == SIGSEGV);
    BOOST_TEST(contains(child.standard_error, "starter '" + std::string(128, 'x') + "...' ran out of stack"));
    BOOST_TEST(contains(child.standard_error, "execution_options{.stack_size_bytes = 1048576}"));
}

// --- whose fault it is ---

BOOST_AUTO_TEST_CASE(a_fault_that_nobody_handles_ends_the_process_as_ever) {
    is_plain_fault(in_a_child([] {
        cppvaldi::runner run;
        fault();
    }));
    is_plain_fault(in_a_child([] {
        cppvaldi::runner run;
        run.start("alice", &fault);
        run.finish();
    }));
}

BOOST_AUTO_TEST_CASE(a_handler_installed_before_gets_every_other_fault) {
    BOOST_TEST(in_a_child([] {
                   install(SIGSEGV, &exit_42);
                   cppvaldi::runner run;
                   fault();
               }).status == handled_status);
    BOOST_TEST(in_a_child([] {
                   install(SIGSEGV, &exit_42);
                   cppvaldi::runner run;
                   run.start("alice", &fault);
                   run.finish();
               }).status == handled_status);
}

BOOST_AUTO_TEST_CASE(a_handler_installed_before_does_not_get_the_overflow) {
    is_overflow_of("alice", in_a_child([] {
                       install(SIGSEGV, &exit_42);
                       overflow_in("alice");
                   }));
}

BOOST_AUTO_TEST_CASE(a_handler_gets_signal_information_and_context_if_it_wants_them) {
    BOOST_TEST(in_a_child([] {
                   static volatile int* address;
                   address = nowhere();
                   struct sigaction taken {};
                   taken.sa_flags = SA_SIGINFO;
                   taken.sa_sigaction = [](int signal, siginfo_t* info, void* context) {
                       const bool whole = signal == SIGSEGV && info->si_addr == address && context != nullptr;
                       ::_exit(whole ? handled_status : 1);
                   };
                   ::sigaction(SIGSEGV, &taken, nullptr);
                   cppvaldi::runner run;
                   run.start("alice", [] { *address = 1; });
                   run.finish();
               }).status == handled_status);
}

BOOST_AUTO_TEST_CASE(a_handler_that_mends_the_fault_is_called_for_each) {
    BOOST_TEST(in_a_child([] {
                   static volatile int* address;
                   static int mended;
                   install(SIGSEGV, [](int) {
                       ++mended;
                       ::mprotect(const_cast<int*>(address), 4096, PROT_READ | PROT_WRITE);
                   });
                   cppvaldi::runner run;
                   run.start("alice", [] {
                       for (int round = 0; round < 3; ++round) {
                           address = nowhere();
                           *address = 1;
                       }
                   });
                   run.finish();
                   ::_exit(mended == 3 ? handled_status : 1);
               }).status == handled_status);
}

BOOST_AUTO_TEST_CASE(a_handler_that_jumps_away_is_called_for_each_fault) {
    BOOST_TEST(in_a_child([] {
                   static sigjmp_buf back;
                   static volatile int jumps;
                   install(SIGSEGV, [](int) {
                       jumps = jumps + 1;
                       ::siglongjmp(back, 1);
                   });
                   cppvaldi::runner run;
                   run.start("alice", [] {
                       while (jumps < 3) {
                           if (sigsetjmp(back, 1) == 0) {
                               fault();
                           }
                       }
                   });
                   run.finish();
                   ::_exit(jumps == 3 ? handled_status : 1);
               }).status == handled_status);
}

BOOST_AUTO_TEST_CASE(a_handler_that_wants_one_fault_only_gets_one) {
    const ended child = in_a_child([] {
        install(
            SIGSEGV, [](int) { [[maybe_unused]] auto written = ::write(2, "once\n", 5); },
            static_cast<int>(SA_RESETHAND));
        cppvaldi::runner run;
        fault();
    });
    BOOST_TEST(child.signal == SIGSEGV);
    BOOST_TEST(child.standard_error == "once\n");
}

BOOST_AUTO_TEST_CASE(a_handler_runs_with_the_signals_blocked_that_it_asked_for) {
    BOOST_TEST(in_a_child([] {
                   struct sigaction taken {};
                   taken.sa_handler = [](int) {
                       sigset_t blocked;
                       ::sigprocmask(SIG_BLOCK, nullptr, &blocked);
                       ::_exit(::sigismember(&blocked, SIGUSR1) != 0 && ::sigismember(&blocked, SIGSEGV) == 0
                                   ? handled_status
                                   : 1);
                   };
                   ::sigaddset(&taken.sa_mask, SIGUSR1);
                   taken.sa_flags = SA_NODEFER;
                   ::sigaction(SIGSEGV, &taken, nullptr);
                   cppvaldi::runner run;
                   fault();
               }).status == handled_status);
}

BOOST_AUTO_TEST_CASE(a_signal_that_somebody_sends_has_its_usual_effect) {
    const ended by_default = in_a_child([] {
        install(SIGSEGV, SIG_DFL); // whatever a sanitizer has installed
        cppvaldi::runner run;
        run.start("alice", [] { ::raise(SIGSEGV); });
        run.finish();
    });
    BOOST_TEST(by_default.signal == SIGSEGV);
    BOOST_TEST(by_default.standard_error.empty(), by_default.standard_error);

    is_overflow_of("alice", in_a_child([] {
                       install(SIGSEGV, SIG_IGN);
                       cppvaldi::runner run;
                       run.start("bob", [] { ::raise(SIGSEGV); });
                       run.finish(); // ignored, and our handler is still there
                       overflow_in("alice");
                   }));
}

BOOST_AUTO_TEST_CASE(a_fault_of_one_s_own_cannot_be_ignored) {
    const ended child = in_a_child([] {
        install(SIGSEGV, SIG_IGN);
        cppvaldi::runner run;
        fault();
    });
    BOOST_TEST(child.signal == SIGSEGV);
}

// --- handlers that come later ---

BOOST_AUTO_TEST_CASE(a_new_runner_sees_overflows_though_another_handler_was_installed_meanwhile) {
    is_overflow_of("alice", in_a_child([] {
                       { cppvaldi::runner earlier; }
                       install(SIGSEGV, &exit_42);
                       overflow_in("alice");
                   }));
}

BOOST_AUTO_TEST_CASE(a_handler_installed_later_gets_every_other_fault_too) {
    BOOST_TEST(in_a_child([] {
                   install(SIGSEGV, &exit_43);
                   { cppvaldi::runner earlier; }
                   install(SIGSEGV, &exit_42);
                   cppvaldi::runner run;
                   run.start("alice", &fault);
                   run.finish();
               }).status == handled_status);
}

BOOST_AUTO_TEST_CASE(a_handler_that_passes_faults_on_reaches_the_one_before_ours) {
    BOOST_TEST(in_a_child([] {
                   static struct sigaction under;
                   install(SIGSEGV, &exit_43);
                   { cppvaldi::runner earlier; }
                   struct sigaction over {};
                   over.sa_flags = SA_SIGINFO;
                   over.sa_sigaction = [](int signal, siginfo_t* info, void* context) {
                       under.sa_sigaction(signal, info, context); // ours
                   };
                   ::sigaction(SIGSEGV, &over, &under);
                   cppvaldi::runner run;
                   run.start("alice", &fault);
                   run.finish();
               }).status == handled_later_status);
}

BOOST_AUTO_TEST_CASE(when_a_later_handler_puts_ours_back_faults_go_to_whom_they_went_before) {
    BOOST_TEST(in_a_child([] {
                   install(SIGSEGV, &exit_43);
                   { cppvaldi::runner earlier; }
                   for (int test_case = 0; test_case < 20; ++test_case) { // as a test framework does around each
                       struct sigaction theirs {};
                       struct sigaction before {};
                       theirs.sa_handler = &exit_42;
                       ::sigaction(SIGSEGV, &theirs, &before);
                       { cppvaldi::runner run; }
                       ::sigaction(SIGSEGV, &before, nullptr);
                   }
                   fault();
               }).status == handled_later_status);
}

BOOST_AUTO_TEST_CASE(any_number_of_handlers_may_come_and_stay) {
    is_overflow_of("alice", in_a_child([] {
                       for (int round = 0; round < 100; ++round) {
                           install(SIGSEGV, round % 3 == 0 ? &exit_42 : round % 3 == 1 ? &exit_43 : SIG_DFL);
                           cppvaldi::runner run;
                       }
                       overflow_in("alice");
                   }));
}

// --- OS threads, and their alternate stacks ---

BOOST_AUTO_TEST_CASE(each_os_thread_may_have_a_runner) {
    for (const char* digs : {"one", "two"}) {
        is_overflow_of(digs, in_a_child([digs] {
                           const auto live = [digs](const std::string& name) {
                               for (int round = 0; round < 20; ++round) {
                                   cppvaldi::runner run;
                                   run.start(name, [] { cppvaldi::checkpoint("here"); });
                                   run.finish();
                               }
                               if (name == digs) {
                                   overflow_in(name);
                               }
                           };
                           std::thread one(live, "one");
                           std::thread two(live, "two");
                           one.join();
                           two.join();
                       }));
    }
}

BOOST_AUTO_TEST_CASE(a_fault_on_an_os_thread_without_a_runner_is_its_own) {
    BOOST_TEST(in_a_child([] {
                   install(SIGSEGV, &exit_42);
                   cppvaldi::runner run;
                   run.start("alice", [] { std::thread(&fault).join(); });
                   run.finish();
               }).status == handled_status);
}

BOOST_AUTO_TEST_CASE(an_alternate_stack_that_is_there_is_left_as_it_is) {
    is_overflow_of("alice", in_a_child([] {
                       static char room[64 * 1024];
                       stack_t own{};
                       own.ss_sp = room;
                       own.ss_size = sizeof room;
                       ::sigaltstack(&own, nullptr);
                       { cppvaldi::runner run; }
                       stack_t present{};
                       ::sigaltstack(nullptr, &present);
                       if (present.ss_sp != room) {
                           ::_exit(1);
                       }
                       overflow_in("alice");
                   }));
}

BOOST_AUTO_TEST_CASE(an_alternate_stack_that_was_taken_away_is_provided_again) {
    is_overflow_of("alice", in_a_child([] {
                       { cppvaldi::runner run; }
                       install(SIGSEGV, &exit_42); // a framework that cleans up after itself
                       stack_t none{};
                       none.ss_flags = SS_DISABLE;
                       ::sigaltstack(&none, nullptr);
                       overflow_in("alice");
                   }));
}
