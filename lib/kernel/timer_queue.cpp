#include "kernel/timer_queue.hpp"

namespace cppvaldi {

void timer_queue::add(starter_id who, virtual_time deadline) {
    if (index(who) >= position_.size()) {
        position_.resize(index(who) + 1, absent);
    }
    heap_.push_back({});
    sift(heap_.size() - 1, {deadline, next_sequence_++, who});
}

void timer_queue::remove(starter_id who) noexcept {
    if (!contains(who)) {
        return;
    }
    const std::size_t hole = position_[index(who)];
    position_[index(who)] = absent;
    const entry last = heap_.back();
    heap_.pop_back();
    if (hole < heap_.size()) {
        sift(hole, last);
    }
}

starter_id timer_queue::pop() noexcept {
    const starter_id first = heap_.front().who;
    remove(first);
    return first;
}

void timer_queue::clear() noexcept {
    heap_.clear();
    position_.clear();
    next_sequence_ = 0;
}

void timer_queue::put(std::size_t position, const entry& moved) noexcept {
    heap_[position] = moved;
    position_[index(moved.who)] = static_cast<std::uint32_t>(position);
}

/// Finds the place for `moved`, beginning at the hole at `position`.
void timer_queue::sift(std::size_t position, const entry& moved) noexcept {
    while (position > 0 && moved.before(heap_[(position - 1) / 2])) {
        put(position, heap_[(position - 1) / 2]);
        position = (position - 1) / 2;
    }
    for (;;) {
        std::size_t child = 2 * position + 1;
        if (child >= heap_.size()) {
            break;
        }
        if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) {
            ++child;
        }
        if (!heap_[child].before(moved)) {
            break;
        }
        put(position, heap_[child]);
        position = child;
    }
    put(position, moved);
}

} // namespace cppvaldi
