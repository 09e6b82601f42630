#include "kernel/descriptor_set.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace cppvaldi {

void descriptor_set::add(starter_id who, int descriptor, short events) {
    waiting_.push_back({descriptor, events, 0});
    who_.push_back(who);
}

void descriptor_set::remove(starter_id who) noexcept {
    const auto found = std::find(who_.begin(), who_.end(), who);
    if (found != who_.end()) {
        waiting_.erase(waiting_.begin() + (found - who_.begin()));
        who_.erase(found);
    }
}

bool descriptor_set::ask(std::chrono::milliseconds patience) {
    int ready = 0;
    do {
        ready = ::poll(waiting_.data(), waiting_.size(), static_cast<int>(patience.count()));
    } while (ready < 0 && errno == EINTR);
    if (ready < 0) {
        throw std::system_error(errno, std::generic_category(),
                                "cppvaldi: poll of the descriptors that starters wait for");
    }
    return ready > 0;
}

void descriptor_set::clear() noexcept {
    waiting_.clear();
    who_.clear();
}

} // namespace cppvaldi
