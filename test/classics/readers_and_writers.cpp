// Readers and writers (Courtois, Heymans, Parnas): readers may read together, a writer writes alone.

#include "support/finds.hpp"

#include <cppvaldi/cppvaldi.hpp>

#include <boost/test/unit_test.hpp>

using cppvaldi::finding;

namespace {

namespace sync = cppvaldi; // not outside, where <unistd.h> has a function of that name

/// The first reader takes the room, the last one gives it back.
class reading_room {
public:
    void enter() {
        sync::lock_guard held(counter_);
        if (++readers_ == 1) {
            room_.acquire();
        }
    }
    void leave() {
        sync::lock_guard held(counter_);
        if (--readers_ == 0) {
            room_.release();
        }
    }
    void enter_alone() { room_.acquire(); }
    void leave_alone() { room_.release(); }

private:
    sync::mutex counter_{"counter"};
    sync::shared<int> readers_{0};
    sync::binary_semaphore room_{1};
};

/// The counter is an atomic now, and the lock has gone: the second reader is in before the first one has the room.
class lock_free_room {
public:
    void enter() {
        if (++readers_ == 1) {
            room_.acquire();
        }
    }
    void leave() {
        if (--readers_ == 0) {
            room_.release();
        }
    }
    void enter_alone() { room_.acquire(); }
    void leave_alone() { room_.release(); }

private:
    sync::atomic<int> readers_ = 0;
    sync::binary_semaphore room_{1};
};

/// The same over the standard's own class for it.
class shared_mutex_room {
public:
    void enter() { mutex_.lock_shared(); }
    void leave() { mutex_.unlock_shared(); }
    void enter_alone() { mutex_.lock(); }
    void leave_alone() { mutex_.unlock(); }

private:
    sync::shared_mutex mutex_{"room"};
};

/// Two readers and a writer.
template <typename Room>
void use() {
    Room room;
    int reading = 0;
    bool writing = false;
    sync::invariant("who writes is alone", [&] { return !writing || reading == 0; });
    const auto read = [&] {
        room.enter();
        ++reading;
        sync::checkpoint("reads");
        --reading;
        room.leave();
    };
    sync::thread first("first", read);
    sync::thread second("second", read);
    room.enter_alone();
    writing = true;
    sync::checkpoint("writes");
    writing = false;
    room.leave_alone();
    first.join();
    second.join();
}

/// Looks a value up, and computes it if it is not there.
class cache {
public:
    explicit cache(bool looks_again) : looks_again_(looks_again) {}

    int get() {
        {
            sync::shared_lock shared(mutex_);
            if (filled_) {
                return value_;
            }
        }
        sync::unique_lock alone(mutex_);
        if (!looks_again_ || !filled_) {
            value_ = 42;
            filled_ = true;
            sync::require(++computed_ == 1, "it is computed once");
        }
        return value_;
    }

private:
    bool looks_again_;
    sync::shared_mutex mutex_{"cache"};
    sync::shared<bool> filled_{false};
    sync::shared<int> value_{0};
    sync::shared<int> computed_{0};
};

void ask_twice(bool looks_again) {
    cache answers(looks_again);
    sync::thread other("other", [&] { sync::require(answers.get() == 42); });
    sync::require(answers.get() == 42);
    other.join();
}

} // namespace

BOOST_AUTO_TEST_CASE(a_counter_without_its_lock_lets_a_reader_in_to_the_writer) {
    const finding found = found_in(&use<lock_free_room>, cppvaldi::exhaustive{.preemptions = 2});
    BOOST_TEST(found.what == finding::kind::invariant);
    BOOST_TEST(found.message.find("who writes is alone") != std::string::npos, found.message);
}

BOOST_AUTO_TEST_CASE(mended_writers_are_alone) {
    comes_out_clean(&use<reading_room>, cppvaldi::exhaustive{.preemptions = 2});
    comes_out_clean(&use<shared_mutex_room>, cppvaldi::exhaustive{});
}

BOOST_AUTO_TEST_CASE(who_lets_go_of_the_shared_lock_to_write_must_look_again) {
    const finding found = found_in([] { ask_twice(false); }, cppvaldi::exhaustive{});
    BOOST_TEST(found.what == finding::kind::requirement);
    BOOST_TEST(found.message.starts_with("it is computed once"), found.message);
    comes_out_clean([] { ask_twice(true); }, cppvaldi::exhaustive{});
}
