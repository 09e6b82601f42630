/// Calls that wait for descriptors: pipes, sockets, poll, select, epoll, eventfd. A starter that would wait is blocked, and others go on.

#include "exploring.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

/// Two descriptors that are closed at the end.
struct descriptor_pair {
    explicit descriptor_pair(int type = -1) {
        EXPECT((type < 0 ? ::pipe(ends.data()) : ::socketpair(AF_UNIX, type, 0, ends.data())) == 0);
    }
    descriptor_pair(const descriptor_pair&) = delete;
    descriptor_pair& operator=(const descriptor_pair&) = delete;
    ~descriptor_pair() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    std::array<int, 2> ends{};
};

constexpr std::string_view word = "word";

} // namespace

BOOST_AUTO_TEST_CASE(who_reads_an_empty_pipe_waits_and_others_go_on) {
    holds([] {
        const descriptor_pair pipe;
        std::thread writer([&] { EXPECT(::write(pipe.ends[1], word.data(), word.size()) == 4); });
        char text[8] = "";
        EXPECT(::read(pipe.ends[0], text, sizeof text) == 4);
        EXPECT(text == word);
        writer.join();
    });
}

BOOST_AUTO_TEST_CASE(who_fills_a_pipe_waits_until_there_is_room) {
    holds(
        [] {
            const descriptor_pair pipe;
            const std::string much(200'000, 'x');
            std::thread writer(
                [&] { EXPECT(::write(pipe.ends[1], much.data(), much.size()) == static_cast<ssize_t>(much.size())); });
            std::size_t got = 0;
            std::array<char, 30'000> part{};
            while (got < much.size()) {
                const ssize_t now = ::read(pipe.ends[0], part.data(), part.size());
                EXPECT(now > 0);
                got += static_cast<std::size_t>(now);
            }
            writer.join();
        },
        20);
}

BOOST_AUTO_TEST_CASE(vectors_and_messages) {
    holds([] {
        const descriptor_pair sockets(SOCK_STREAM);
        std::thread other([&] {
            char first[] = "wo";
            char second[] = "rd";
            iovec parts[] = {{first, 2}, {second, 2}};
            EXPECT(::writev(sockets.ends[1], parts, 2) == 4);
            msghdr message{};
            message.msg_iov = parts;
            message.msg_iovlen = 2;
            EXPECT(::sendmsg(sockets.ends[1], &message, 0) == 4);
            EXPECT(::sendto(sockets.ends[1], first, 2, 0, nullptr, 0) == 2);
            EXPECT(::send(sockets.ends[1], second, 2, 0) == 2);
        });
        char text[16] = "";
        iovec parts[] = {{text, 1}, {text + 1, 3}};
        EXPECT(::readv(sockets.ends[0], parts, 2) == 4);
        EXPECT(text == word);
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = 2;
        EXPECT(::recvmsg(sockets.ends[0], &message, MSG_WAITALL) >= 2);
        other.join();
    });
}

BOOST_AUTO_TEST_CASE(datagrams_with_an_address) {
    holds([] {
        const int server = ::socket(AF_INET, SOCK_DGRAM, 0);
        const int client = ::socket(AF_INET, SOCK_DGRAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size_bytes = sizeof address;
        EXPECT(::bind(server, reinterpret_cast<sockaddr*>(&address), size_bytes) == 0);
        EXPECT(::getsockname(server, reinterpret_cast<sockaddr*>(&address), &size_bytes) == 0);
        std::thread other([&] {
            EXPECT(::sendto(client, word.data(), word.size(), 0, reinterpret_cast<const sockaddr*>(&address),
                            sizeof address) == 4);
        });
        char text[8] = "";
        sockaddr_in from{};
        socklen_t from_size_bytes = sizeof from;
        EXPECT(::recvfrom(server, text, sizeof text, 0, reinterpret_cast<sockaddr*>(&from), &from_size_bytes) == 4);
        EXPECT(from.sin_family == AF_INET);
        other.join();
        ::close(server);
        ::close(client);
    });
}

BOOST_AUTO_TEST_CASE(a_server_accepts_and_a_client_connects) {
    holds(
        [] {
            const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            socklen_t size_bytes = sizeof address;
            EXPECT(::bind(listener, reinterpret_cast<sockaddr*>(&address), size_bytes) == 0);
            EXPECT(::listen(listener, 5) == 0);
            EXPECT(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size_bytes) == 0);
            const auto call = [&] {
                const int client = ::socket(AF_INET, SOCK_STREAM, 0);
                EXPECT(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
                char text[8] = "";
                EXPECT(::recv(client, text, 4, MSG_WAITALL) == 4);
                EXPECT(text == word);
                ::close(client);
            };
            std::thread first(call);
            std::thread second(call);
            for (int count = 0; count < 2; ++count) {
                const int connection = count == 0 ? ::accept(listener, nullptr, nullptr)
                                                  : ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
                EXPECT(connection >= 0);
                EXPECT(::send(connection, word.data(), word.size(), 0) == 4);
                ::close(connection);
            }
            first.join();
            second.join();
            ::close(listener);
        },
        50);
}

BOOST_AUTO_TEST_CASE(poll_waits_for_the_first_of_several_and_counts_virtual_time) {
    holds([] {
        const descriptor_pair quiet;
        const descriptor_pair loud;
        std::thread writer([&] { EXPECT(::write(loud.ends[1], word.data(), 1) == 1); });
        std::array<pollfd, 2> asked{{{quiet.ends[0], POLLIN, 0}, {loud.ends[0], POLLIN, 0}}};
        EXPECT(::poll(asked.data(), asked.size(), -1) == 1);
        EXPECT(asked[0].revents == 0);
        EXPECT(asked[1].revents == POLLIN);
        writer.join();
        const auto before = std::chrono::steady_clock::now();
        EXPECT(::poll(asked.data(), 1, 60'000) == 0);
        const timespec minute{60, 0};
        EXPECT(::ppoll(asked.data(), 1, &minute, nullptr) == 0);
        EXPECT(::poll(nullptr, 0, 60'000) == 0);
        EXPECT(std::chrono::steady_clock::now() - before == std::chrono::minutes(3));
        EXPECT(::poll(asked.data(), asked.size(), 0) == 1);
    });
}

BOOST_AUTO_TEST_CASE(select_waits_and_says_how_long_it_still_had) {
    holds([] {
        const descriptor_pair pipe;
        std::thread writer([&] { EXPECT(::write(pipe.ends[1], word.data(), 1) == 1); });
        fd_set readable;
        fd_set writable;
        FD_ZERO(&readable);
        FD_ZERO(&writable);
        FD_SET(pipe.ends[0], &readable);
        EXPECT(::select(pipe.ends[0] + 1, &readable, nullptr, nullptr, nullptr) == 1);
        EXPECT(FD_ISSET(pipe.ends[0], &readable));
        writer.join();
        char text = ' ';
        EXPECT(::read(pipe.ends[0], &text, 1) == 1);
        timeval minute{60, 0};
        EXPECT(::select(pipe.ends[0] + 1, &readable, nullptr, nullptr, &minute) == 0);
        EXPECT(minute.tv_sec == 0 && minute.tv_usec == 0);
        EXPECT(!FD_ISSET(pipe.ends[0], &readable));
        FD_SET(pipe.ends[0], &readable);
        FD_SET(pipe.ends[1], &writable);
        const timespec second{1, 0};
        EXPECT(::pselect(pipe.ends[1] + 1, &readable, &writable, nullptr, &second, nullptr) == 1);
        EXPECT(FD_ISSET(pipe.ends[1], &writable) && !FD_ISSET(pipe.ends[0], &readable));
    });
}

BOOST_AUTO_TEST_CASE(epoll_and_eventfd) {
    holds([] {
        const int epoll = ::epoll_create1(0);
        const int event = ::eventfd(0, 0);
        epoll_event wanted{EPOLLIN, {.fd = event}};
        EXPECT(::epoll_ctl(epoll, EPOLL_CTL_ADD, event, &wanted) == 0);
        epoll_event got{};
        EXPECT(::epoll_wait(epoll, &got, 1, 60'000) == 0);
        std::thread other([&] {
            const std::uint64_t three = 3;
            EXPECT(::write(event, &three, sizeof three) == sizeof three);
        });
        EXPECT(::epoll_wait(epoll, &got, 1, -1) == 1);
        EXPECT(got.data.fd == event);
        std::uint64_t count = 0;
        EXPECT(::read(event, &count, sizeof count) == sizeof count);
        EXPECT(count == 3);
        other.join();
        ::close(event);
        ::close(epoll);
    });
}

BOOST_AUTO_TEST_CASE(what_does_not_wait_does_not_wait) {
    holds([] {
        const descriptor_pair pipe;
        EXPECT(::fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK) == 0);
        char text = ' ';
        EXPECT(::read(pipe.ends[0], &text, 1) == -1 && errno == EAGAIN);
        EXPECT(::read(-1, &text, 1) == -1 && errno == EBADF);
        const descriptor_pair sockets(SOCK_STREAM);
        EXPECT(::recv(sockets.ends[0], &text, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
        std::FILE* const file = std::tmpfile();
        EXPECT(::write(::fileno(file), &text, 1) == 1);
        EXPECT(::read(::fileno(file), &text, 1) == 0);
        std::fclose(file);
    });
}

BOOST_AUTO_TEST_CASE(two_who_wait_for_each_others_words_are_a_deadlock) {
    std::array<int, 2> ends{}; // not the body's, which does not come to the end where it would close them
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    const cppvaldi::exploration seen = cppvaldi::explore(
        [&] {
            std::thread other([&] {
                char text = ' ';
                (void)::read(ends[1], &text, 1);
                (void)::write(ends[1], &text, 1);
            });
            char text = ' ';
            (void)::read(ends[0], &text, 1);
            (void)::write(ends[0], &text, 1);
            other.join();
        },
        cppvaldi::random{.seed = 1},
        {.executions = 1,
         .each = {.patience_before_deadlock = std::chrono::milliseconds(50)},
         .shrink = {.executions = 0}});
    BOOST_REQUIRE(seen.finding.has_value());
    BOOST_TEST(seen.finding->what == cppvaldi::finding::kind::deadlock);
}
