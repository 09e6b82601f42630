// A server and its clients, all starters of one execution, over real TCP sockets on the loopback device.

#include <cppvaldi/cppvaldi.hpp>

#include "support/fixture.hpp"
#include "support/sockets.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace cppvaldi;
using namespace std::chrono_literals;

namespace {

/// Sends back what comes, until there is no more.
void echo(const owned_descriptor& connection) {
    std::string text(64, '\0');
    for (;;) {
        const ssize_t got = cppvaldi::recv(connection.number(), text.data(), text.size(), 0);
        if (got <= 0) {
            return;
        }
        checkpoint("request received");
        cppvaldi::send(connection.number(), text.data(), static_cast<std::size_t>(got), 0);
        checkpoint("answer sent");
    }
}

/// Accepts `clients` of them, a thread for each.
void serve(const loopback_listener& listens, int clients) {
    std::vector<jthread> handlers;
    for (int client = 1; client <= clients; ++client) {
        owned_descriptor connection(cppvaldi::accept(listens.socket.number(), nullptr, nullptr));
        handlers.emplace_back("handler-" + std::to_string(client), echo, std::move(connection));
    }
}

std::string ask(const loopback_listener& server, const std::string& request) {
    const owned_descriptor connection(::socket(AF_INET, SOCK_STREAM, 0));
    expect_success(cppvaldi::connect(connection.number(), server.any_address(), sizeof server.address));
    checkpoint("connected");
    cppvaldi::send(connection.number(), request.data(), request.size(), 0);
    checkpoint("request sent");
    std::string answer(request.size(), '\0');
    const ssize_t got = cppvaldi::recv(connection.number(), answer.data(), answer.size(), MSG_WAITALL);
    answer.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    checkpoint("answer received");
    return answer;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(echo_servers, clean_world)

BOOST_AUTO_TEST_CASE(every_client_gets_its_own_answer) {
    const loopback_listener listens;
    constexpr int clients = 10;
    runner run;
    run.start("server", [&] { serve(listens, clients); });
    std::vector<starter> all;
    for (int client = 1; client <= clients; ++client) {
        const std::string name = "client-" + std::to_string(client);
        all.push_back(run.start(name, [&listens, name] { return ask(listens, "hello from " + name); }));
    }
    run.finish();
    for (const starter& client : all) {
        BOOST_TEST(client.result<std::string>() == "hello from " + client.name());
    }
}

BOOST_AUTO_TEST_CASE(all_requests_are_sent_before_any_is_received_and_all_answers_before_any_is_read) {
    const loopback_listener listens;
    runner run;
    for (const char* handler : {"handler-1", "handler-2"}) {
        run.start(handler,
                  [&] { echo(owned_descriptor(cppvaldi::accept(listens.socket.number(), nullptr, nullptr))); });
    }
    const starter alice = run.start("alice", [&] { return ask(listens, "from alice"); });
    const starter bob = run.start("bob", [&] { return ask(listens, "from bob"); });
    const checkpoint_ref all_requests_sent = bob.at("request sent");
    const checkpoint_ref all_answers_received = bob.at("answer received");
    run.declare({alice.at("request sent"), all_requests_sent, at("handler-1", "request received"),
                 at("handler-2", "request received"), at("handler-2", "answer sent"), at("handler-1", "answer sent"),
                 alice.at("answer received"), all_answers_received});
    run.run_to(all_requests_sent);
    BOOST_TEST(run.timeline().find("request received") == std::string::npos);
    run.run_to(at("handler-1", "answer sent"));
    BOOST_TEST(run.timeline().find("answer received") == std::string::npos);
    run.run_to(all_answers_received);
    run.finish();
    BOOST_TEST(alice.result<std::string>() == "from alice");
    BOOST_TEST(bob.result<std::string>() == "from bob");
}

BOOST_AUTO_TEST_CASE(a_client_of_a_silent_server_gives_up_in_virtual_time) {
    const loopback_listener silent;
    runner run;
    run.start("client", [&] {
        const owned_descriptor connection(::socket(AF_INET, SOCK_STREAM, 0));
        expect_success(cppvaldi::connect(connection.number(), silent.any_address(), sizeof silent.address));
        cppvaldi::send(connection.number(), "hello?", 6, 0);
        BOOST_TEST(!wait_readable(connection.number(), 1h));
        BOOST_TEST((steady_clock::now() == steady_clock::time_point(1h)));
        BOOST_TEST(!wait_readable(connection.number(), steady_clock::now() + 1h));
        BOOST_TEST((steady_clock::now() == steady_clock::time_point(2h)));
    });
    run.finish();
}

BOOST_AUTO_TEST_CASE(a_server_that_nobody_calls_is_a_deadlock_that_names_the_descriptor) {
    const loopback_listener lonely;
    runner run({.patience_before_deadlock = 1ms});
    run.start("server", [&] { serve(lonely, 1); });
    BOOST_CHECK_EXCEPTION(run.finish(), deadlock, [&](const deadlock& found) {
        return std::string(found.what())
                   .find("waits for descriptor " + std::to_string(lonely.socket.number()) +
                         " to be readable at echo_server.cpp:") != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
