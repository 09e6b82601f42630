#include <cppvaldi/detail/cell.hpp>

#include "objects/here.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace cppvaldi::detail {

namespace {

std::string_view word_for(cell_form form) noexcept {
    switch (form) {
    case cell_form::atomic: return "atomic";
    case cell_form::atomic_flag: return "atomic flag";
    case cell_form::referenced: return "atomic reference";
    case cell_form::shared: return "shared";
    }
    return "?";
}

/// Numbers a cell that this execution has not met. References to one address have one number.
[[gnu::noinline]] void meet(const cell& met, cell_form form) {
    execution& in = *here();
    const object_origin origin = form == cell_form::referenced ? in.origin_of_referenced(met.label)
                                                               : in.origin_of(met.execution_serial, met.id, &met);
    met.execution_serial = in.serial();
    if (form == cell_form::referenced) {
        object_id& known = in.object_at(met.label);
        if (known == object_id{}) {
            known = in.number_object(word_for(form), {}, origin);
        }
        met.id = known;
        return;
    }
    const auto* const name = static_cast<const char*>(met.label);
    met.id = in.number_object(word_for(form), name == nullptr ? std::string_view() : name, origin);
}

void meet_if_new(const cell& on, cell_form form) {
    if (on.execution_serial != here()->serial()) [[unlikely]] {
        meet(on, form);
    }
}

/// Who waits for a change, on the waiter's own stack.
struct change_wait : object {
    change_wait(const cell& on, cell_form form) : object(word_for(form)) {
        execution& in = *here();
        met_by = &in;
        execution_serial = in.serial();
        id = on.id;
        begun_at_step = in.steps().size();
        in.change_waiters().push_back({id, in.running()});
    }

    change_test unchanged{};
    bool notified = false;
    std::size_t begun_at_step = 0;
};

bool is_notified(const object& what, starter_id) noexcept { return static_cast<const change_wait&>(what).notified; }

/// What a report adds about who waits here: the notification that came too early or in vain, or that is missing.
std::string why_it_waits(const object& what, const execution& in) {
    const auto& wait = static_cast<const change_wait&>(what);
    const bool differs = !wait.unchanged.same(wait.unchanged.value, wait.unchanged.old);
    const auto notified = std::find_if(in.steps().rbegin(), in.steps().rend(), [&](const step& noted) {
        return noted.object == what.id && noted.event == step::what::did &&
               (noted.kind == operation_kind::notify_one || noted.kind == operation_kind::notify_all);
    });
    if (notified == in.steps().rend()) {
        return differs ? "; it has changed, but nobody has notified it" : "; nobody has notified it";
    }
    const bool too_early = static_cast<std::size_t>(in.steps().rend() - notified) <= wait.begun_at_step;
    return "; " + std::string(in.name_of(notified->starter)) + " notified it" +
           at_text({notified->file, notified->line}) +
           (too_early ? " before, when it was not yet waited for"
            : differs ? " meanwhile, but not this starter, or before it changed"
                      : " meanwhile, but not this starter, or it had not changed");
}

} // namespace

std::int64_t* announce(const cell& on, cell_access what, const place& where) {
    meet_if_new(on, what.form);
    std::int64_t* const noted = here()->access(on.id, {what.kind, what.access, what.shown}, where);
    if (noted != nullptr) { // nobody races with anybody before somebody wants to hear of values
        here()->order(clock_step::acquire, on.id);
    }
    return noted;
}

std::int64_t* announce_look(const cell& on, cell_access what, const place& where, const looker& from) {
    meet_if_new(on, what.form);
    if (here()->wants_local_states()) {
        here()->note_local_state(from.registers, from.expected);
    }
    std::int64_t* const noted = here()->access(on.id, {what.kind, what.access, what.shown}, where);
    if (noted != nullptr) {
        here()->order(clock_step::acquire, on.id);
    }
    return noted;
}

std::int64_t* announce_quietly(const cell& on, cell_access what, const place& where) noexcept {
    meet_if_new(on, what.form);
    return here()->access_quietly(on.id, {what.kind, what.access, what.shown}, where);
}

std::int64_t* make_known(const cell& on, cell_access what, const place& where) {
    meet_if_new(on, what.form);
    return here()->access_plainly(on.id, {what.kind, what.access, what.shown}, where);
}

void access_failed() noexcept { here()->failed(); }

void access_changed_nothing() noexcept { here()->changed_nothing(); }

void note_found(std::uint64_t bits, bool known) noexcept {
    if (known && here() != nullptr && !here()->unwinding() && !here()->looking()) {
        here()->note_found(bits);
    }
}

void note_replaced(const cell& on, std::uint64_t bits, bool known) noexcept {
    if (here() == nullptr || here()->unwinding()) {
        return;
    }
    if (known) {
        here()->note_found(bits);
    }
    here()->order(clock_step::release, on.id);
}

void note_expected(std::uint64_t bits, bool known) noexcept {
    if (here() != nullptr && !here()->unwinding()) {
        here()->note_expected(bits, known);
    }
}

void await_change(const cell& on, cell_form form, const change_test& unchanged, const place& where) {
    execution& in = *here();
    meet_if_new(on, form);
    const operation announcement = announced(operation_kind::await_change, access_kind::read, where);
    do {
        change_wait waiting(on, form);
        waiting.unchanged = unchanged;
        waiting.remark = &why_it_waits;
        in.perform(waiting, announcement, &is_notified);
        in.note_expected(unchanged.old_bits, unchanged.has_bits);
    } while (unchanged.same(unchanged.value, unchanged.old) && !in.unwinding());
    in.order(clock_step::acquire, on.id); // it has seen the change; the notification orders nothing
}

namespace {

/// Wakes who waits at `position`, and counts as a notification that he has heard.
void wake(execution& in, std::size_t position) {
    const starter_id who = in.change_waiters()[position].who;
    in.change_waiters().erase(in.change_waiters().begin() + static_cast<std::ptrdiff_t>(position));
    auto& wait = static_cast<change_wait&>(*in.starters()[who].waits_on);
    wait.notified = true;
    in.changed(wait);
}

} // namespace

void notify_one(const cell& on, cell_form form, const place& where) noexcept {
    execution& in = *here();
    meet_if_new(on, form);
    (void)in.access_quietly(on.id, {operation_kind::notify_one, access_kind::update}, where);
    if (in.unwinding()) {
        return;
    }
    const auto& waiters = in.change_waiters();
    const auto count =
        std::count_if(waiters.begin(), waiters.end(), [&](const auto& each) { return each.object == on.id; });
    if (count == 0) {
        in.note_unheard();
        return;
    }
    std::uint32_t left = in.choose(static_cast<std::uint32_t>(count));
    const auto chosen = std::find_if(waiters.begin(), waiters.end(),
                                     [&](const auto& each) { return each.object == on.id && left-- == 0; });
    wake(in, static_cast<std::size_t>(chosen - waiters.begin()));
}

void notify_all(const cell& on, cell_form form, const place& where) noexcept {
    execution& in = *here();
    meet_if_new(on, form);
    (void)in.access_quietly(on.id, {operation_kind::notify_all, access_kind::update}, where);
    if (in.unwinding()) {
        return;
    }
    bool heard = false;
    for (std::size_t position = 0; position < in.change_waiters().size();) {
        if (in.change_waiters()[position].object == on.id) {
            heard = true;
            wake(in, position);
        } else {
            ++position;
        }
    }
    if (!heard) {
        in.note_unheard();
    }
}

void announce_fence(const place& where) noexcept {
    (void)here()->access_quietly(object_id{}, {operation_kind::fence, access_kind::none}, where);
}

void report_endless_wait(const place& where) {
    report_misuse("an atomic is waited for" + at_text(where) +
                  " outside an execution, where nobody can change it and notify");
}

} // namespace cppvaldi::detail
