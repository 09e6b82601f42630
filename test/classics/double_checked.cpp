// Double-checked initialisation: the first caller makes what all others find.

#include "support/finds.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>

using cppvaldi::finding;

namespace {

namespace sync = cppvaldi; // not outside, where <unistd.h> has a function of that name

struct service {
    int port = 0;
};

/// Made once, under a lock that later callers do without.
class lazy_service {
public:
    service& get() {
        if (!ready_.load(sync::memory_order_acquire)) {
            sync::lock_guard held(mutex_);
            if (!ready_.load(sync::memory_order_relaxed)) {
                made_.emplace().port = 80;
                ready_.store(true, sync::memory_order_release);
            }
        }
        return *made_;
    }

private:
    sync::atomic<bool> ready_ = false;
    sync::mutex mutex_;
    std::optional<service> made_;
};

/// Looks before it has the lock, and not again after.
class checked_once {
public:
    service& get() {
        if (!ready_.load()) {
            sync::lock_guard held(mutex_);
            sync::require(!made_, "it is made once");
            made_.emplace().port = 80;
            ready_.store(true);
        }
        return *made_;
    }

private:
    sync::atomic<bool> ready_ = false;
    sync::mutex mutex_;
    std::optional<service> made_;
};

/// Is announced before it is made.
class announced_early {
public:
    service& get() {
        if (!ready_.load()) {
            sync::lock_guard held(mutex_);
            if (!ready_.load()) {
                ready_.store(true);
                made_.emplace();
                sync::checkpoint("almost made");
                made_->port = 80;
            }
        }
        sync::require(made_.has_value(), "what is ready is there");
        return *made_;
    }

private:
    sync::atomic<bool> ready_ = false;
    sync::mutex mutex_;
    std::optional<service> made_;
};

/// Leaves it to the standard.
class called_once {
public:
    service& get() {
        sync::call_once(once_, [this] { made_.emplace().port = 80; });
        return *made_;
    }

private:
    sync::once_flag once_;
    std::optional<service> made_;
};

/// Three ask for it at the same time.
template <typename Lazy>
void three_ask() {
    Lazy lazy;
    const auto ask = [&lazy] { sync::require(lazy.get().port == 80, "it is complete"); };
    sync::jthread second("second", ask);
    sync::jthread third("third", ask);
    ask();
}

} // namespace

BOOST_AUTO_TEST_CASE(who_does_not_look_again_makes_it_twice) {
    const finding found = found_in(&three_ask<checked_once>, cppvaldi::exhaustive{.preemptions = 2});
    BOOST_TEST(found.what == finding::kind::requirement);
    BOOST_TEST(found.message.starts_with("it is made once"), found.message);
}

BOOST_AUTO_TEST_CASE(who_announces_it_early_shows_it_unfinished) {
    const finding found = found_in(&three_ask<announced_early>, cppvaldi::exhaustive{.preemptions = 2});
    BOOST_TEST(found.what == finding::kind::requirement);
    BOOST_TEST(found.message.starts_with("it is complete"), found.message);
}

BOOST_AUTO_TEST_CASE(mended_it_is_made_once_and_seen_complete) {
    comes_out_clean(&three_ask<lazy_service>, cppvaldi::exhaustive{});
    comes_out_clean(&three_ask<called_once>, cppvaldi::exhaustive{});
}
