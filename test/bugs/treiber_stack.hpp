#pragma once

#include "bugs/bug.hpp"

namespace bugs {

struct stack_node {
    cppvaldi::atomic<stack_node*> next{nullptr};
    cppvaldi::atomic<bool> freed{false}; ///< freeing is a note only, so that the use after it can be seen
};

/// A lock-free stack that frees a node as soon as it is popped, though another thread may be about to read it. Mended, nodes
/// are freed when nobody pops any more.
inline void treiber_stack_body(version is) {
    stack_node nodes[2];
    nodes[0].next.store(&nodes[1]);
    cppvaldi::atomic<stack_node*> top{&nodes[0]};
    cppvaldi::atomic<int> popping{0};
    const auto pop = [&] {
        popping.fetch_add(1);
        stack_node* seen = top.load();
        while (seen != nullptr) {
            cppvaldi::require(!seen->freed.load(), "nobody reads a node that has been freed");
            if (top.compare_exchange_strong(seen, seen->next.load())) {
                break;
            }
        }
        const bool alone = popping.fetch_sub(1) == 1;
        if (seen != nullptr && (alone || is == version::buggy)) {
            seen->freed.store(true);
        }
    };
    together({{"alice", pop}, {"bob", pop}});
}

inline bug treiber_stack() {
    return {"treiber_stack",
            &treiber_stack_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 1}, 50},
             {cppvaldi::random{.seed = 1}, 50},
             {cppvaldi::pct{.seed = 1}, 100},
             {cppvaldi::pos{.seed = 1}, 50},
             {cppvaldi::surw{.seed = 1}, 50}},
            {{cppvaldi::exhaustive{}, 5'000}}};
}

} // namespace bugs
