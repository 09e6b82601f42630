#include <cppvaldi/colours.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <typeinfo>

#include <ext/stdio_filebuf.h>
#include <ext/stdio_sync_filebuf.h>
#include <unistd.h>

namespace cppvaldi {

namespace {

bool environment_refuses() {
    const char* const refused = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    return (refused != nullptr && *refused != '\0') || (terminal != nullptr && std::string_view(terminal) == "dumb");
}

/// Somebody may have given a standard stream another buffer, to read what is printed.
bool has_own_buffer(const std::ostream& out) {
    const std::streambuf* const buffer = out.rdbuf();
    return buffer != nullptr && (typeid(*buffer) == typeid(__gnu_cxx::stdio_sync_filebuf<char>) ||
                                 typeid(*buffer) == typeid(__gnu_cxx::stdio_filebuf<char>));
}

} // namespace

colours colours_for(const std::ostream& out) {
    const bool is_output = &out == &std::cout;
    const bool is_errors = &out == &std::cerr || &out == &std::clog;
    const bool on_terminal = (is_output && ::isatty(STDOUT_FILENO) == 1) || (is_errors && ::isatty(STDERR_FILENO) == 1);
    return on_terminal && has_own_buffer(out) && !environment_refuses() ? colours::ansi : colours::none;
}

} // namespace cppvaldi
