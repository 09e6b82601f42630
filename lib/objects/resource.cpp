#include <cppvaldi/resource.hpp>

#include "kernel/execution.hpp"
#include "objects/here.hpp"

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

/// What a starter's `wait_context` points at while it waits; it lies on its stack.
struct waiting {
    bool (*over)(const void* context);
    const void* context;
};

/// The execution that the caller is a starter of, unless it is being unwound.
execution* living() noexcept { return here() != nullptr && !here()->unwinding() ? here() : nullptr; }

/// What the caller has done so far happens before what they do who have the resource, or see it changed, after it.
void make_known(const object& shared) {
    if (here() != nullptr && shared.execution_serial == here()->serial()) {
        here()->order(clock_step::release_too, shared.id);
    }
}

} // namespace

resource::resource(std::string kind, std::string name)
    : state_(std::make_shared<state>(std::move(kind), std::move(name))) {}

resource::~resource() = default;

bool resource::wait(const place& where) {
    struct seen {
        const std::uint64_t& now;
        std::uint64_t before;
    } const changes{state_->shared.changes, state_->shared.changes};
    return wait(
        [](const void* context) {
            const auto& since = *static_cast<const seen*>(context);
            return since.now != since.before;
        },
        &changes, where);
}

bool resource::wait(bool (*over)(const void* context), const void* context, const place& where) {
    execution* const running_in = here();
    if (running_in == nullptr) {
        return false;
    }
    if (running_in->unwinding()) {
        running_in->refuse();
        return false;
    }
    const std::shared_ptr<state> kept = state_; // the resource may go before its execution ends
    const waiting mine{over, context};
    // An invariant that is checked while the running starter waits may come here, too.
    const void* const outer = std::exchange(running_in->starters()[running_in->running()].wait_context, &mine);
    static constexpr completion_test is_over = [](const object& what, starter_id who) {
        const auto& asked = *static_cast<const waiting*>(what.met_by->starters()[who].wait_context);
        return asked.over(asked.context);
    };
    const auto how = running_in->perform_quietly(kept->shared,
                                                 announced(operation_kind::wait, access_kind::acquire, where), is_over);
    running_in->starters()[running_in->running()].wait_context = outer;
    if (how == execution::completion::unwound) {
        // The others that wait are unwound as well. What this one waited for is on its stack, so nobody may ask any more.
        kept->shared.first_waiting = nobody;
        kept->shared.last_waiting = nobody;
    }
    if (how == execution::completion::done) {
        running_in->order(clock_step::acquire, kept->shared.id);
    }
    return how == execution::completion::done;
}

void resource::changed() {
    state::changing& shared = state_->shared;
    ++shared.changes;
    make_known(shared);
    if (shared.first_waiting != nobody) { // so its execution is alive, whether a starter calls or the driver at a pause
        shared.met_by->changed(shared);
    }
}

void resource::held(const place& where) { held(resource_holder::running(where)); }

void resource::held(const resource_holder& by) {
    state::changing& shared = state_->shared;
    if (execution* const running_in = living()) {
        running_in->adopt(shared);
        running_in->order(clock_step::acquire, shared.id);
    }
    const bool known = by.execution != 0 && by.execution == shared.execution_serial;
    shared.holder = known ? by.who : nobody;
    shared.held_since = by.since;
}

void resource::released() {
    make_known(state_->shared);
    state_->shared.holder = nobody;
}

resource_holder resource_holder::running(const place& since) noexcept {
    const auto* const running_in = living();
    return running_in == nullptr ? resource_holder{}
                                 : resource_holder{running_in->serial(), running_in->running(), since};
}

bool try_checkpoint(std::string_view name, const place& where) {
    return here() == nullptr || here()->try_reach(name, where);
}

void raise_in_driver(std::exception_ptr why) noexcept {
    if (execution* const running_in = living()) {
        running_in->fault(std::move(why));
    }
}

} // namespace cppvaldi
