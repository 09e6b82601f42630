// A translation unit whose author does not want checkpoints; test/kernel/checkpoint.cpp, which does, calls it.

#ifdef TESTED_CHECKPOINTS
#define CPPVALDI_CHECKPOINTS TESTED_CHECKPOINTS
#else
#define CPPVALDI_CHECKPOINTS 0
#endif

#include "kernel/without_checkpoints.hpp"

#include <cppvaldi/checkpoint.hpp>

#if !CPPVALDI_CHECKPOINTS
static_assert(noexcept(cppvaldi::checkpoint("read")));
static_assert(noexcept(cppvaldi::checkpoint("read", 1)));
#endif

std::string test::pass_where_there_are_none(int seen) {
    std::string log = "1";
    cppvaldi::checkpoint("read");
    cppvaldi::checkpoint("read", seen);
    log += '2';
    cppvaldi::checkpoint("read", cppvaldi::place::current());
    cppvaldi::checkpoint("read", log, cppvaldi::place::current());
    cppvaldi::checkpoint("started"); // a misuse, if it were one
    return log + '3';
}
