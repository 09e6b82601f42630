#include "kernel/descriptor_set.hpp"

#include <cppvaldi/detail/current.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace cppvaldi {

void descriptor_set::add(starter_id who, int descriptor, short events) {
    waiting_.push_back({descriptor, events, 0});
    who_.push_back(who);
}

void descriptor_set::remove(starter_id who) noexcept {
    for (auto found = std::find(who_.begin(), who_.end(), who); found != who_.end();
         found = std::find(found, who_.end(), who)) {
        waiting_.erase(waiting_.begin() + (found - who_.begin()));
        found = who_.erase(found);
    }
}

bool descriptor_set::is_ready(starter_id who) const noexcept {
    const detail::calls_of_its_own own;
    for (std::size_t position = 0; position < who_.size(); ++position) {
        pollfd asked = waiting_[position];
        if (who_[position] == who && ::poll(&asked, 1, 0) > 0) {
            return true;
        }
    }
    return false;
}

object& descriptor_set::object_of(int descriptor) {
    std::unique_ptr<numbered>& found = objects_[descriptor];
    if (found == nullptr) {
        found = std::make_unique<numbered>(descriptor);
    }
    return found->shared;
}

/// In slices, because a process that a timer interrupts all the time must not wait for ever.
bool descriptor_set::ask(std::chrono::milliseconds patience) {
    const detail::calls_of_its_own own;
    constexpr std::chrono::milliseconds slice{100};
    for (;;) {
        const std::chrono::milliseconds now = std::min(patience, slice);
        const int ready = ::poll(waiting_.data(), static_cast<nfds_t>(waiting_.size()), static_cast<int>(now.count()));
        if (ready > 0) {
            waited_ = std::chrono::milliseconds{0};
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(),
                                    "cppvaldi: poll of the descriptors that starters wait for");
        }
        patience -= now;
        waited_ += now;
        if (patience <= patience.zero()) {
            return false;
        }
    }
}

void descriptor_set::clear() noexcept {
    waited_ = std::chrono::milliseconds{0};
    waiting_.clear();
    who_.clear();
}

} // namespace cppvaldi
