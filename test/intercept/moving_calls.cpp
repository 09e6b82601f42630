/// Calls that move bytes from one descriptor to another or take several messages, and those that compilers make of read and its kin under
/// -D_FORTIFY_SOURCE. A starter that would wait is blocked, and others go on.

#include "exploring.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

extern "C" {
ssize_t __read_chk(int, void*, std::size_t, std::size_t);
ssize_t __recv_chk(int, void*, std::size_t, std::size_t, int);
ssize_t __recvfrom_chk(int, void*, std::size_t, std::size_t, int, sockaddr*, socklen_t*);
int __poll_chk(pollfd*, nfds_t, int, std::size_t);
int __ppoll_chk(pollfd*, nfds_t, const timespec*, const sigset_t*, std::size_t);
}

namespace {

constexpr std::string_view word = "word";

/// Two ends of a pipe, or of a pair of sockets, and somebody who writes a word into the second as late as he can.
struct late_word {
    explicit late_word(int type = -1) {
        EXPECT((type < 0 ? ::pipe(ends.data()) : ::socketpair(AF_UNIX, type, 0, ends.data())) == 0);
        writer = std::thread([this] { EXPECT(::write(ends[1], word.data(), word.size()) == 4); });
    }
    late_word(const late_word&) = delete;
    late_word& operator=(const late_word&) = delete;
    ~late_word() {
        writer.join();
        ::close(ends[0]);
        ::close(ends[1]);
    }
    std::array<int, 2> ends{};
    std::thread writer;
};

} // namespace

BOOST_AUTO_TEST_CASE(what_is_fortified_waits_as_what_is_not) {
    holds([] {
        std::array<char, 8> text{};
        {
            const late_word pipe;
            EXPECT(__read_chk(pipe.ends[0], text.data(), text.size(), text.size()) == 4);
            EXPECT(text.data() == word);
        }
        {
            const late_word sockets(SOCK_STREAM);
            EXPECT(__recv_chk(sockets.ends[0], text.data(), 2, text.size(), 0) == 2);
            EXPECT(__recvfrom_chk(sockets.ends[0], text.data(), 8, text.size(), 0, nullptr, nullptr) == 2);
        }
        const late_word pipe;
        pollfd asked{pipe.ends[0], POLLIN, 0};
        EXPECT(__poll_chk(&asked, 1, -1, sizeof asked) == 1);
        EXPECT(__ppoll_chk(&asked, 1, nullptr, nullptr, sizeof asked) == 1);
        EXPECT(__read_chk(pipe.ends[0], text.data(), 4, text.size()) == 4);
        const timespec hour{3600, 0};
        EXPECT(__poll_chk(&asked, 1, 3'600'000, sizeof asked) == 0);
        EXPECT(__ppoll_chk(&asked, 1, &hour, nullptr, sizeof asked) == 0);
    });
}

BOOST_AUTO_TEST_CASE(splice_and_tee_wait_for_bytes) {
    holds([] {
        const late_word pipe;
        std::array<int, 2> copy{};
        std::array<int, 2> moved{};
        EXPECT(::pipe(copy.data()) == 0 && ::pipe(moved.data()) == 0);
        EXPECT(::tee(pipe.ends[0], copy[1], 100, 0) == 4);
        EXPECT(::splice(pipe.ends[0], nullptr, moved[1], nullptr, 100, 0) == 4);
        char text[16] = "";
        EXPECT(::read(copy[0], text, 4) == 4 && ::read(moved[0], text + 4, 4) == 4);
        EXPECT(std::string_view(text) == "wordword");
        EXPECT(::splice(pipe.ends[0], nullptr, moved[1], nullptr, 4, SPLICE_F_NONBLOCK) == -1 && errno == EAGAIN);
        EXPECT(::tee(pipe.ends[0], copy[1], 4, SPLICE_F_NONBLOCK) == -1 && errno == EAGAIN);
        EXPECT((::fcntl(pipe.ends[0], F_GETFL) & O_NONBLOCK) == 0);
        for (const int each : {copy[0], copy[1], moved[0], moved[1]}) {
            ::close(each);
        }
    });
}

BOOST_AUTO_TEST_CASE(sendfile_waits_for_room) {
    std::FILE* const file = std::tmpfile(); // not the body's: an execution that is cut short would leave it open
    constexpr std::size_t size_bytes = 600'000;
    BOOST_REQUIRE(::ftruncate(::fileno(file), size_bytes) == 0);
    holds(
        [file] {
            std::array<int, 2> sockets{};
            EXPECT(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()) == 0);
            std::thread sender([&] {
                off_t from = 0;
                while (static_cast<std::size_t>(from) < size_bytes) {
                    const off_t before = from;
                    const ssize_t sent = ::sendfile(sockets[1], ::fileno(file), &from, size_bytes);
                    EXPECT(sent > 0 && from == before + sent);
                }
                ::shutdown(sockets[1], SHUT_WR);
            });
            std::size_t got = 0;
            std::array<char, 50'000> part{};
            for (ssize_t now = 0; (now = ::read(sockets[0], part.data(), part.size())) > 0;) {
                got += static_cast<std::size_t>(now);
            }
            EXPECT(got == size_bytes);
            sender.join();
            ::close(sockets[0]);
            ::close(sockets[1]);
        },
        20);
    std::fclose(file);
}

BOOST_AUTO_TEST_CASE(several_messages_at_once) {
    holds([] {
        std::array<int, 2> sockets{};
        EXPECT(::socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets.data()) == 0);
        std::thread sender([&] {
            char one[] = "one";
            char three[] = "three";
            iovec parts[] = {{one, 3}, {three, 5}};
            mmsghdr messages[2] = {};
            for (int each = 0; each < 2; ++each) {
                messages[each].msg_hdr.msg_iov = &parts[each];
                messages[each].msg_hdr.msg_iovlen = 1;
            }
            EXPECT(::sendmmsg(sockets[1], messages, 2, 0) == 2);
            EXPECT(messages[0].msg_len == 3 && messages[1].msg_len == 5);
            EXPECT(::sendmmsg(sockets[1], messages, 1, 0) == 1);
        });
        char texts[2][8] = {};
        iovec parts[] = {{texts[0], 7}, {texts[1], 7}};
        mmsghdr messages[2] = {};
        for (int each = 0; each < 2; ++each) {
            messages[each].msg_hdr.msg_iov = &parts[each];
            messages[each].msg_hdr.msg_iovlen = 1;
        }
        EXPECT(::recvmmsg(sockets[0], messages, 2, 0, nullptr) == 2);
        EXPECT(std::string_view(texts[0]) == "one" && std::string_view(texts[1]) == "three");
        EXPECT(messages[0].msg_len == 3 && messages[1].msg_len == 5);
        EXPECT(::recvmmsg(sockets[0], messages, 2, MSG_WAITFORONE, nullptr) == 1);
        EXPECT(::recvmmsg(sockets[0], messages, 2, MSG_DONTWAIT, nullptr) == -1 && errno == EAGAIN);
        sender.join();
        ::close(sockets[0]);
        ::close(sockets[1]);
    });
}

BOOST_AUTO_TEST_CASE(epoll_with_nanoseconds_and_eventfd_by_its_own_functions) {
    holds([] {
        const int epoll = ::epoll_create1(0);
        const int event = ::eventfd(0, 0);
        epoll_event wanted{EPOLLIN, {.fd = event}};
        EXPECT(::epoll_ctl(epoll, EPOLL_CTL_ADD, event, &wanted) == 0);
        epoll_event got{};
        const timespec hour{3600, 0};
        EXPECT(::epoll_pwait2(epoll, &got, 1, &hour, nullptr) == 0);
        std::thread other([&] { EXPECT(::eventfd_write(event, 3) == 0); });
        eventfd_t count = 0;
        EXPECT(::eventfd_read(event, &count) == 0 && count == 3);
        std::thread another([&] { EXPECT(::eventfd_write(event, 4) == 0); });
        EXPECT(::epoll_pwait2(epoll, &got, 1, nullptr, nullptr) == 1 && got.data.fd == event);
        EXPECT(::eventfd_read(event, &count) == 0 && count == 4);
        other.join();
        another.join();
        ::close(event);
        ::close(epoll);
        EXPECT(::eventfd_read(event, &count) == -1);
    });
}
