#pragma once

#include "bugs/bug.hpp"

#include <chrono>

namespace bugs {

/// Who has been waiting too long goes away without another look; an item that came at the last moment, and was meant for him,
/// is left behind.
inline void timeout_loses_item_body(version is) {
    cppvaldi::mutex guard;
    cppvaldi::condition_variable came;
    cppvaldi::shared<bool> has_item{false};
    cppvaldi::shared<bool> gave_up{false};
    const auto take = [&] {
        cppvaldi::unique_lock held(guard);
        if (is == version::mended) {
            gave_up = !came.wait_for(held, std::chrono::seconds(1), [&] { return has_item; });
        } else {
            while (!has_item && !gave_up) {
                gave_up = came.wait_for(held, std::chrono::seconds(1)) == cppvaldi::cv_status::timeout;
            }
        }
        cppvaldi::require(gave_up != has_item, "who gives up leaves nothing behind");
    };
    const auto put = [&] {
        const cppvaldi::lock_guard held(guard);
        has_item = true;
        came.notify_one();
    };
    together({{"consumer", take}, {"producer", put}});
}

inline bug timeout_loses_item() {
    return {"timeout_loses_item",
            &timeout_loses_item_body,
            cppvaldi::finding::kind::requirement,
            {{cppvaldi::exhaustive{.preemptions = 2}, 100},
             {cppvaldi::random{.seed = 1}, 100},
             {cppvaldi::pct{.seed = 1}, 20},
             {cppvaldi::pos{.seed = 1}, 20},
             {cppvaldi::surw{.seed = 1}, 20}},
            {{cppvaldi::exhaustive{}, 500}}};
}

} // namespace bugs
