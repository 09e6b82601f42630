/// libcurl, as it is, with several blocking transfers in one OS thread. The server is a real thread of the test's own, which answers
/// nobody before all have asked: so no transfer could come to its end if it kept the others from running.

#include "exploring.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/runner.hpp>

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

/// Serves rounds of so many requests.
class server {
public:
    explicit server(std::size_t clients) : clients_(clients), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size_bytes = sizeof address_;
        BOOST_REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&address_), size_bytes) == 0);
        BOOST_REQUIRE(::listen(listener_, 16) == 0);
        BOOST_REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size_bytes) == 0);
        thread_ = std::thread([this] { serve(); });
    }
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    [[nodiscard]] std::string url(const std::string& host = "127.0.0.1") const {
        return "http://" + host + ":" + std::to_string(ntohs(address_.sin_port)) + "/";
    }
    [[nodiscard]] int received() const noexcept { return received_; }
    [[nodiscard]] int answered() const noexcept { return answered_; }

private:
    void serve() {
        for (;;) {
            std::vector<int> connections;
            while (connections.size() < clients_) {
                const int accepted = ::accept(listener_, nullptr, nullptr);
                if (accepted < 0) {
                    return;
                }
                std::string request;
                std::array<char, 1024> part{};
                while (request.find("\r\n\r\n") == std::string::npos) {
                    const ssize_t got = ::recv(accepted, part.data(), part.size(), 0);
                    if (got <= 0) {
                        break;
                    }
                    request.append(part.data(), static_cast<std::size_t>(got));
                }
                ++received_;
                connections.push_back(accepted);
            }
            for (const int each : connections) {
                ++answered_;
                constexpr std::string_view answer =
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
                (void)::send(each, answer.data(), answer.size(), MSG_NOSIGNAL);
                ::close(each);
            }
        }
    }

    std::size_t clients_;
    int listener_;
    sockaddr_in address_{};
    std::atomic<int> received_{0};
    std::atomic<int> answered_{0};
    std::thread thread_;
};

std::size_t keep(char* text, std::size_t size, std::size_t count, void* into) {
    static_cast<std::string*>(into)->append(text, size * count);
    return size * count;
}

int tell_when_sent(CURL*, curl_infotype what, char*, std::size_t, void*) {
    if (what == CURLINFO_HEADER_OUT) {
        cppvaldi::checkpoint("sent");
    }
    return 0;
}

std::string fetch(const std::string& url) {
    std::string body;
    CURL* const handle = ::curl_easy_init();
    ::curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    ::curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &keep);
    ::curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
    ::curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);
    ::curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, &tell_when_sent);
    ::curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    const CURLcode result = ::curl_easy_perform(handle);
    ::curl_easy_cleanup(handle);
    return result == CURLE_OK ? body : ::curl_easy_strerror(result);
}

struct with_curl {
    with_curl() { ::curl_global_init(CURL_GLOBAL_ALL); }
    ~with_curl() { ::curl_global_cleanup(); }
};

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(with_curl);

BOOST_AUTO_TEST_CASE(all_requests_are_sent_before_one_is_answered) {
    const server answers_three(3);
    cppvaldi::runner run;
    const cppvaldi::starter alice = run.start("alice", &fetch, answers_three.url());
    const cppvaldi::starter bob = run.start("bob", &fetch, answers_three.url());
    const cppvaldi::starter carol = run.start("carol", &fetch, answers_three.url());
    run.declare({carol.at("sent"), alice.at("sent"), bob.at("sent")}); // all requests sent
    run.run_to(alice.at("sent"));
    BOOST_TEST(answers_three.answered() == 0);
    run.finish();
    BOOST_TEST(alice.result<std::string>() == "hello");
    BOOST_TEST(bob.result<std::string>() == "hello");
    BOOST_TEST(carol.result<std::string>() == "hello");
    BOOST_TEST(answers_three.received() == 3);
}

BOOST_AUTO_TEST_CASE(transfers_are_explored_like_any_other_threads) {
    const server answers_two(2);
    holds(
        [&] {
            std::string first;
            std::thread other([&] { first = fetch(answers_two.url()); });
            const std::string second = fetch(answers_two.url());
            other.join();
            EXPECT(first == "hello");
            EXPECT(second == "hello");
        },
        20);
    BOOST_TEST(answers_two.answered() == 40);
}

BOOST_AUTO_TEST_CASE(a_name_is_looked_up_by_a_thread_of_libcurls_own) {
    const server answers_one(1);
    holds([&] { EXPECT(fetch(answers_one.url("localhost")) == "hello"); }, 5);
}
