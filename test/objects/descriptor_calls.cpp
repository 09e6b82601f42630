// The calls on descriptors that wait as the POSIX calls of their names do.

#include <cppvaldi/cppvaldi.hpp>

#include "support/alone.hpp"
#include "support/fixture.hpp"
#include "support/sockets.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/time.h>
#include <sys/un.h>

using namespace cppvaldi;
using namespace std::chrono_literals;

namespace {

bool is_nonblocking(const owned_descriptor& asked) { return (::fcntl(asked.number(), F_GETFL) & O_NONBLOCK) != 0; }

void make_nonblocking(const owned_descriptor& changed) {
    expect_success(::fcntl(changed.number(), F_SETFL, ::fcntl(changed.number(), F_GETFL) | O_NONBLOCK));
}

constexpr std::size_t more_than_fits = 4'000'000;

} // namespace

BOOST_FIXTURE_TEST_SUITE(descriptor_calls, clean_world)

BOOST_AUTO_TEST_CASE(the_end_of_a_pipe_is_read_as_zero_bytes) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    ssize_t got = -1;
    runner run;
    run.start("reader", [&] {
        char byte = 0;
        got = cppvaldi::read(from.number(), &byte, 1);
    });
    run.start("closer", [&] { to.reset(); });
    run.finish();
    BOOST_TEST(got == 0);
}

BOOST_AUTO_TEST_CASE(a_large_write_waits_until_all_is_written) {
    for (const bool through_socket : {false, true}) {
        auto from_and_to = through_socket ? socket_pair() : make_pipe();
        owned_descriptor& from = from_and_to.first;
        owned_descriptor& to = from_and_to.second;
        std::size_t got = 0;
        runner run;
        run.start("writer", [&] {
            const std::vector<char> much(more_than_fits, 'x');
            BOOST_TEST(cppvaldi::write(to.number(), much.data(), much.size()) == static_cast<ssize_t>(much.size()));
            to.reset();
        });
        run.start("reader", [&] {
            std::vector<char> part(100'000);
            for (ssize_t more = 1; more > 0; got += static_cast<std::size_t>(more)) {
                more = cppvaldi::read(from.number(), part.data(), part.size());
            }
        });
        run.finish();
        BOOST_TEST(got == more_than_fits);
    }
}

BOOST_AUTO_TEST_CASE(an_error_after_a_part_returns_the_part) {
    (void)std::signal(SIGPIPE, SIG_IGN);
    auto from_and_to = socket_pair();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    runner run;
    run.start("writer", [&] {
        const std::vector<char> much(more_than_fits, 'x');
        const ssize_t put = cppvaldi::send(to.number(), much.data(), much.size(), 0);
        BOOST_TEST(put > 0);
        BOOST_TEST(put < static_cast<ssize_t>(much.size()));
        BOOST_TEST(cppvaldi::send(to.number(), much.data(), much.size(), 0) == -1);
        BOOST_TEST(errno == EPIPE);
    });
    run.start("closer", [&] { from.reset(); });
    run.finish();
}

BOOST_AUTO_TEST_CASE(waitall_waits_for_all_and_peek_takes_nothing) {
    auto from_and_to = socket_pair();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    runner run;
    run.start("reader", [&] {
        std::array<char, 6> text{};
        BOOST_TEST(cppvaldi::recv(from.number(), text.data(), text.size(), MSG_PEEK) == 3);
        BOOST_TEST(cppvaldi::recv(from.number(), text.data(), text.size(), MSG_WAITALL) == 6);
        BOOST_TEST(std::string_view(text.data(), text.size()) == "abcdef");
        BOOST_TEST(cppvaldi::recv(from.number(), text.data(), text.size(), MSG_WAITALL) == 1);
        BOOST_TEST(cppvaldi::recv(from.number(), text.data(), text.size(), 0) == 0);
    });
    run.start("writer", [&] {
        write_text(to, "abc");
        checkpoint("half");
        write_text(to, "def");
        write_text(to, "g");
        to.reset();
    });
    run.declare({at("writer", "half"), at("reader", "blocked"), at("writer", "finished")});
    run.finish();
}

BOOST_AUTO_TEST_CASE(who_asked_not_to_wait_does_not_wait) {
    auto socket_and_other = socket_pair();
    owned_descriptor& socket = socket_and_other.first;
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    alone([&] {
        char byte = 0;
        BOOST_TEST(cppvaldi::recv(socket.number(), &byte, 1, MSG_DONTWAIT) == -1);
        BOOST_TEST(errno == EAGAIN);
        make_nonblocking(socket);
        BOOST_TEST(cppvaldi::recv(socket.number(), &byte, 1, 0) == -1);
        BOOST_TEST(errno == EAGAIN);
        make_nonblocking(from);
        BOOST_TEST(cppvaldi::read(from.number(), &byte, 1) == -1);
        BOOST_TEST(errno == EAGAIN);
        const std::vector<char> much(more_than_fits, 'x');
        const ssize_t put = cppvaldi::send(socket.number(), much.data(), much.size(), 0);
        BOOST_TEST(put > 0);
        BOOST_TEST(put < static_cast<ssize_t>(much.size()));
    });
}

BOOST_AUTO_TEST_CASE(flags_and_errno_are_left_as_they_were) {
    auto from_and_to = make_pipe();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    alone([&] {
        errno = 42;
        BOOST_TEST(cppvaldi::write(to.number(), "hello", 5) == 5);
        BOOST_TEST(errno == 42);
        std::string text;
        errno = 42;
        BOOST_TEST(read_some(from, text) == 5);
        BOOST_TEST(errno == 42);
        BOOST_TEST(!is_nonblocking(from));
        BOOST_TEST(!is_nonblocking(to));
    });
}

BOOST_AUTO_TEST_CASE(connections_are_refused_and_made_and_wait_for_room) {
    alone([] {
        sockaddr_in nobody_there{};
        {
            const loopback_listener gone;
            nobody_there = gone.address;
        }
        const owned_descriptor refused(::socket(AF_INET, SOCK_STREAM, 0));
        BOOST_TEST(cppvaldi::connect(refused.number(), reinterpret_cast<const sockaddr*>(&nobody_there),
                                     sizeof nobody_there) == -1);
        BOOST_TEST(errno == ECONNREFUSED);
    });

    // A Unix socket with room for one, in the abstract namespace: no file is left behind.
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = "cppvaldi-" + std::to_string(::getpid());
    name.copy(address.sun_path + 1, name.size());
    const auto* any = reinterpret_cast<const sockaddr*>(&address);
    const owned_descriptor listens(::socket(AF_UNIX, SOCK_STREAM, 0));
    expect_success(::bind(listens.number(), any, sizeof address));
    expect_success(::listen(listens.number(), 0));
    int connected = 0;
    runner run;
    for (const char* client : {"first", "second", "third"}) {
        run.start(client, [&] {
            const owned_descriptor own(::socket(AF_UNIX, SOCK_STREAM, 0));
            expect_success(cppvaldi::connect(own.number(), any, sizeof address));
            ++connected;
        });
    }
    run.start("server", [&] {
        for (int round = 0; round < 3; ++round) {
            const owned_descriptor accepted(cppvaldi::accept(listens.number(), nullptr, nullptr));
            this_thread::sleep_for(1s);
        }
    });
    run.finish();
    BOOST_TEST(connected == 3);
}

BOOST_AUTO_TEST_CASE(outside_an_execution_they_are_the_plain_calls) {
    auto from_and_to = socket_pair();
    owned_descriptor& from = from_and_to.first;
    owned_descriptor& to = from_and_to.second;
    BOOST_TEST(!wait_readable(from.number(), 1ms));
    BOOST_TEST(wait_writable(to.number(), 1ms));
    wait_writable(to.number());
    write_text(to, "hello");
    BOOST_TEST(wait_readable(from.number(), steady_clock::now()));
    wait_readable(from.number());
    std::string text;
    BOOST_TEST(read_some(from, text) == 5);
    BOOST_TEST(text == "hello");
    BOOST_TEST(cppvaldi::send(to.number(), "abc", 3, 0) == 3);
    BOOST_TEST(cppvaldi::recv(from.number(), text.data(), 3, 0) == 3);
    const loopback_listener listens;
    const owned_descriptor client(::socket(AF_INET, SOCK_STREAM, 0));
    BOOST_TEST(cppvaldi::connect(client.number(), listens.any_address(), sizeof listens.address) == 0);
    const owned_descriptor accepted(cppvaldi::accept(listens.socket.number(), nullptr, nullptr));
    BOOST_TEST(accepted.number() >= 0);
}

BOOST_AUTO_TEST_SUITE_END()
