// notify_all_at_thread_exit.

#include "support/all_schedules.hpp"
#include "support/alone.hpp"
#include "support/gate.hpp"
#include "support/says.hpp"

#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/condition_variable.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/starter_local.hpp>
#include <cppvaldi/thread.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

using namespace std::chrono_literals;
using cppvaldi::cv_status;
using cppvaldi::usage_error;

namespace {

using lock_type = cppvaldi::unique_lock<cppvaldi::mutex>;

} // namespace

BOOST_AUTO_TEST_CASE(notify_all_at_thread_exit_comes_when_all_that_is_local_to_the_thread_is_gone) {
    struct note {
        std::string* order = nullptr;
        ~note() {
            if (order != nullptr) {
                *order += "local ";
            }
        }
    };
    const endings found = all_schedules([](std::string& said) {
        gate entry;
        std::string order;
        cppvaldi::starter_local<note> local;
        cppvaldi::thread other([&] {
            local->order = &order;
            cppvaldi::notify_all_at_thread_exit(entry.changed, lock_type(entry.mutex));
            entry.open = true; // the lock is still held
        });
        {
            lock_type lock(entry.mutex);
            entry.changed.wait(lock, [&] { return entry.open; });
            said = order + "notified";
        }
        other.join();
    });
    BOOST_TEST(found.are({"local notified"}), found);
    gate entry;
    BOOST_CHECK_THROW(alone([&] {
                          cppvaldi::notify_all_at_thread_exit(entry.changed, lock_type(entry.mutex, std::defer_lock));
                      }),
                      usage_error);
}
