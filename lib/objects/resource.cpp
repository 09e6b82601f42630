#include <cppvaldi/resource.hpp>

#include "kernel/execution.hpp"

#include <utility>

namespace cppvaldi {

struct resource::state {
    state(std::string kind_word, std::string own_name)
        : kind_text(std::move(kind_word)), name_text(std::move(own_name)), shared(kind_text) {
        shared.name = name_text;
    }

    std::string kind_text;
    std::string name_text;
    struct changing final : object {
        using object::object;
        std::uint64_t changes = 0;
    } shared;
};

namespace {

/// The execution that the caller is a starter of, if it can still wait there.
execution* living() noexcept {
    execution* const current = detail::current_execution;
    return current != nullptr && !current->unwinding() ? current : nullptr;
}

} // namespace

resource::resource(std::string kind, std::string name)
    : state_(std::make_unique<state>(std::move(kind), std::move(name))) {}

resource::~resource() = default;

bool resource::wait(const place& where) {
    execution* const here = living();
    if (here == nullptr) {
        return false;
    }
    state::changing& shared = state_->shared;
    here->starters()[here->running()].wait_ticket = shared.changes;
    operation announced;
    announced.kind = operation_kind::wait;
    announced.access = access_kind::acquire;
    announced.where = where;
    static constexpr completion_test has_changed = [](const object& what, starter_id who) {
        return what.met_by->starters()[who].wait_ticket != static_cast<const state::changing&>(what).changes;
    };
    return here->perform_quietly(shared, announced, has_changed) == execution::completion::done;
}

void resource::changed() {
    state::changing& shared = state_->shared;
    ++shared.changes;
    if (shared.first_waiting != nobody) { // so its execution is alive, whether a starter calls or the driver at a pause
        shared.met_by->changed(shared);
    }
}

void resource::held(const place& where) {
    if (execution* const here = living()) {
        here->adopt(state_->shared);
        state_->shared.holder = here->running();
        state_->shared.held_since = where;
    }
}

void resource::released() {
    if (execution* const here = living()) {
        here->adopt(state_->shared);
        state_->shared.holder = nobody;
    }
}

} // namespace cppvaldi
