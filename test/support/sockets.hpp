#pragma once

#include <cppvaldi/descriptor.hpp>
#include <cppvaldi/place.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/// Owns a descriptor.
class owned_descriptor {
public:
    owned_descriptor() = default;
    explicit owned_descriptor(int number) : number_(number) {
        if (number < 0) {
            throw std::system_error(errno, std::generic_category());
        }
    }
    owned_descriptor(owned_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    owned_descriptor& operator=(owned_descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~owned_descriptor() { reset(); }

    [[nodiscard]] int number() const noexcept { return number_; }
    void reset() noexcept {
        if (number_ >= 0) {
            ::close(std::exchange(number_, -1));
        }
    }

private:
    int number_ = -1;
};

inline void expect_success(int result) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category());
    }
}

/// Two sockets of the Unix family, connected to each other.
inline std::pair<owned_descriptor, owned_descriptor> socket_pair(int type = SOCK_STREAM) {
    std::array<int, 2> made{};
    expect_success(::socketpair(AF_UNIX, type, 0, made.data()));
    return {owned_descriptor(made[0]), owned_descriptor(made[1])};
}

/// A pipe: the end to read from, and the end to write to.
inline std::pair<owned_descriptor, owned_descriptor> make_pipe() {
    std::array<int, 2> made{};
    expect_success(::pipe(made.data()));
    return {owned_descriptor(made[0]), owned_descriptor(made[1])};
}

/// Reads what there is, at most 64 bytes, as a starter.
inline ssize_t read_some(const owned_descriptor& from, std::string& into,
                         const cppvaldi::place& where = cppvaldi::place::current()) {
    into.resize(64);
    const ssize_t got = cppvaldi::read(from.number(), into.data(), into.size(), where);
    into.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return got;
}

/// Writes all of it, as a starter.
inline void write_text(const owned_descriptor& to, std::string_view text,
                       const cppvaldi::place& where = cppvaldi::place::current()) {
    BOOST_TEST(cppvaldi::write(to.number(), text.data(), text.size(), where) == static_cast<ssize_t>(text.size()));
}

/// A TCP socket that listens on a free port of the loopback device, and where it can be reached.
struct loopback_listener {
    explicit loopback_listener(int backlog = 16) : socket(::socket(AF_INET, SOCK_STREAM, 0)) {
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        expect_success(::bind(socket.number(), any_address(), sizeof address));
        expect_success(::listen(socket.number(), backlog));
        socklen_t size_bytes = sizeof address;
        expect_success(::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size_bytes));
    }

    [[nodiscard]] const sockaddr* any_address() const noexcept { return reinterpret_cast<const sockaddr*>(&address); }

    owned_descriptor socket;
    sockaddr_in address{};
};
