#pragma once

#include <cppvaldi/resource.hpp>

#include <string>

/// A lock as an adapter would write one: whoever finds it taken waits for it to change.
class padlock {
public:
    explicit padlock(std::string name) : waiting_("lock", std::move(name)) {}

    void take(const cppvaldi::place& where = cppvaldi::place::current()) {
        while (taken_) {
            if (!waiting_.wait(where)) {
                return; // the execution is being unwound
            }
        }
        taken_ = true;
        waiting_.held(where);
    }

    void give_back() {
        taken_ = false;
        waiting_.released();
        waiting_.changed();
    }

    [[nodiscard]] bool taken() const noexcept { return taken_; }

private:
    cppvaldi::resource waiting_;
    bool taken_ = false;
};
