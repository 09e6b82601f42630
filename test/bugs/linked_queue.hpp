#pragma once

#include "bugs/bug.hpp"

#include <cstddef>

namespace bugs {

/// The queue of Michael and Scott, where a node is linked behind the last one by a store instead of a compare-and-exchange: of
/// two that are put at the same time one is lost.
class linked_queue {
public:
    struct node {
        cppvaldi::atomic<node*> next{nullptr};
    };

    explicit linked_queue(version is) : is_(is) {}

    void put(node& added) {
        for (;;) {
            node* last = tail_.load();
            node* next = last->next.load();
            if (next != nullptr) {
                tail_.compare_exchange_strong(last, next); // another put is half done
            } else if (link(*last, added)) {
                tail_.compare_exchange_strong(last, &added);
                return;
            }
        }
    }

    [[nodiscard]] int size() const {
        int count = 0;
        for (const node* each = first_.next.load(); each != nullptr; each = each->next.load()) {
            ++count;
        }
        return count;
    }

private:
    bool link(node& last, node& added) {
        if (is_ == version::mended) {
            node* none = nullptr;
            return last.next.compare_exchange_strong(none, &added);
        }
        last.next.store(&added);
        return true;
    }

    version is_;
    node first_;
    cppvaldi::atomic<node*> tail_{&first_};
};

inline void linked_queue_body(version is) {
    linked_queue queue(is);
    linked_queue::node nodes[2];
    together(2, "producer", [&](int me) { queue.put(nodes[me]); });
    cppvaldi::require(queue.size() == 2, "what is put is there");
}

inline bug michael_scott_queue() {
    return {"michael_scott_queue",
            &linked_queue_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 50},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 50},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 1'000}}};
}

} // namespace bugs
