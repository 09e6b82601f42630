#include "intercept/accesses/accesses.hpp"

#include "intercept/accesses/lines.hpp"

#include <cppvaldi/errors.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace cppvaldi::intercept {

constinit access_watch watch;

namespace {

/// Of a larger block that is freed only so much is remembered.
constexpr std::size_t most_freed_bytes = std::size_t{1} << 20;

constexpr std::uintptr_t above_all_addresses = std::uintptr_t{1} << shadow::address_bits;

bool takes_notice(const execution& in) noexcept {
    return !watch.inside && !in.unwinding() && !in.looking() && in.running() != nobody;
}

object_id number_of(execution& in, const void* at, std::string_view kind) {
    object_id& known = in.object_at(at);
    if (known == object_id{}) {
        known = in.number_object(kind, {}, in.origin_of_referenced(at));
    }
    return known;
}

access_now made_by_running(const execution& in, bool writes, const void* code) noexcept {
    return {in.running(),
            shadow::base_of(in.running(), in.races().now_of(in.running())),
            0,
            writes,
            offset_of_code(code),
            static_cast<std::uint32_t>(in.steps().size())};
}

/// Only what is noted is shown, and only then it is worth while to look for.
place where_of(const execution& in, const void* code) noexcept {
    const own_work now;
    return in.steps().empty() ? place{} : place_of_caller(code);
}

plain_access shown(const remembered& made, bool writes) {
    return {.by = static_cast<starter_id>(made.key >> 12 & (shadow::most_starters - 1)),
            .at = static_cast<vector_clock::time>(made.key >> 32),
            .where = place_of_code(made.code),
            .step = made.step,
            .writes = writes,
            .is_step = false};
}

std::string at_code(std::int32_t code) { return at_text(place_of_code(code)); }

/// Hands to the driver what was found at `address`.
void report(execution& in, shadow::verdict what, std::uintptr_t address, const conflict& before,
            const access_now& now) {
    const object_id memory = number_of(in, reinterpret_cast<const void*>(address), "memory"); // NOLINT: an address
    const remembered made{now.base, now.code, now.step};
    if (what == shadow::verdict::races) {
        watch.inside = false; // others may run now
        in.report_race({memory, shown(before.made, before.wrote), shown(made, now.writes)});
        return;
    }
    const std::string freed_by(in.name_of(shown(before.made, true).by));
    const auto problem = std::make_exception_ptr(freed_memory_used(
        std::string(in.name_of(now.by)) + (now.writes ? " writes " : " reads ") + in.object_text(memory) +
        at_code(now.code) + ", which " + freed_by + " has freed" + at_code(before.made.code)));
    watch.inside = false;
    in.fault(problem);
}

/// A stack that an earlier starter of this execution has left is new to the next one.
void meet_starters(const execution& in) {
    for (; watch.starters <= index(in.running()); ++watch.starters) {
        const stack mine = in.starters()[static_cast<starter_id>(watch.starters)].flow.memory();
        for (std::uint32_t before = 0; before < watch.starters; ++before) {
            if (in.starters()[static_cast<starter_id>(before)].flow.memory().base == mine.base) {
                const auto limit = reinterpret_cast<std::uintptr_t>(mine.limit);
                watch.memory.clear(limit, reinterpret_cast<std::uintptr_t>(mine.base) - limit);
                break;
            }
        }
    }
}

/// Calls `use(address, bytes)` for each granule.
template <typename Use>
void for_each_granule(std::uintptr_t address, std::size_t size_bytes, Use&& use) {
    const std::uintptr_t end = address + size_bytes;
    while (address < end) {
        const unsigned first = address & 7;
        const auto count = static_cast<unsigned>(std::min<std::uintptr_t>(8 - first, end - address));
        if (!use(address, static_cast<std::uint8_t>(((1U << count) - 1) << first))) {
            return;
        }
        address += count;
    }
}

/// Returns true if this access is a scheduling point. Which ones are depends on how many have been made, and on nothing else.
bool is_sampled() noexcept {
    std::uint64_t mixed = ++watch.accesses * 0x9e37'79b9'7f4a'7c15; // as in splitmix64
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58'476d'1ce4'e5b9;
    return watch.one_of != 0 && (mixed >> 32) % watch.one_of == 0;
}

void note_plain(execution& in, std::uintptr_t address, std::size_t size_bytes, bool writes, const void* code) {
    const own_work now;
    meet_starters(in);
    access_now made = made_by_running(in, writes, code);
    for_each_granule(address, size_bytes, [&](std::uintptr_t at, std::uint8_t bytes) {
        made.bytes = bytes;
        conflict other;
        const shadow::verdict found = watch.memory.note(in.races(), at, made, other);
        if (found == shadow::verdict::fine) {
            return true;
        }
        report(in, found, at, other, made);
        return false;
    });
}

} // namespace

void begin_to_watch(execution& in) noexcept {
    const own_work now;
    watch.serial = in.serial();
    watch.accesses = 0;
    watch.starters = 0;
    watch.one_of = in.options().plain_accesses_switch.one_of;
    if (watch.memory.begin()) {
        watch.memory.clear();
        (void)in.watch_races();
    }
}

void access_plain_memory(std::uintptr_t address, std::size_t size_bytes, plain_effect effect,
                         const void* code) noexcept {
    execution* const in = detail::current_execution;
    if (in == nullptr || !takes_notice(*in) || size_bytes > above_all_addresses ||
        address > above_all_addresses - size_bytes || index(in->running()) >= shadow::most_starters) {
        return;
    }
    if (in->serial() != watch.serial) {
        begin_to_watch(*in);
    }
    if (watch.one_of != 0 && is_sampled()) {
        const object_id on = [&] {
            const own_work now;
            return number_of(*in, reinterpret_cast<const void*>(address), "memory"); // NOLINT: an address
        }();
        const bool reads = effect == plain_effect::read;
        (void)in->access_quietly(on,
                                 {reads ? operation_kind::read : operation_kind::write,
                                  reads ? access_kind::read : access_kind::write},
                                 where_of(*in, code));
    }
    if (in->races().watching() && !in->unwinding()) {
        note_plain(*in, address, size_bytes, effect == plain_effect::write, code);
    }
}

bool announce_atomic(const volatile void* at, std::size_t size_bytes, operation_kind kind, access_kind access,
                     const void* code) noexcept {
    execution* const in = detail::current_execution;
    if (in == nullptr || watch.inside || in->looking() || in->running() == nobody) {
        return false;
    }
    if (in->serial() != watch.serial) {
        begin_to_watch(*in);
    }
    const void* const address = const_cast<const void*>(at); // NOLINT: only its address counts
    object_id on{};
    place where;
    {
        const own_work now;
        if (!in->unwinding()) {
            on = number_of(*in, address, "atomic");
        }
        where = where_of(*in, code);
    }
    (void)in->access_quietly(on, {kind, access}, where);
    if (in->unwinding()) {
        return false;
    }
    if (kind == operation_kind::compare_exchange) {
        in->note_expected(0, false);
    }
    if (in->races().watching() && index(in->running()) < shadow::most_starters) {
        const own_work now;
        access_now made = made_by_running(*in, access != access_kind::read, code);
        for_each_granule(reinterpret_cast<std::uintptr_t>(address), size_bytes,
                         [&](std::uintptr_t each, std::uint8_t bytes) {
                             made.bytes = bytes;
                             conflict other;
                             const shadow::verdict found = watch.memory.check(in->races(), each, made, other);
                             if (found != shadow::verdict::fine) {
                                 report(*in, found, each, other, made);
                             }
                             return found == shadow::verdict::fine;
                         });
    }
    return !in->unwinding();
}

void atomic_is_done(const volatile void* at, access_kind access, atomic_outcome outcome) noexcept {
    execution* const in = detail::current_execution;
    const own_work now;
    const object_id on = in->object_at(const_cast<const void*>(at)); // NOLINT: only its address counts
    if (access != access_kind::write) {
        in->order(clock_step::acquire, on);
    }
    if (outcome == atomic_outcome::failed) {
        in->failed();
        return;
    }
    if (outcome == atomic_outcome::unchanged) {
        in->changed_nothing();
    }
    if (access != access_kind::read) {
        in->order(clock_step::release, on);
    }
}

void announce_fence(const void* code) noexcept {
    execution* const in = detail::current_execution;
    if (in != nullptr && takes_notice(*in)) {
        (void)in->access_quietly(object_id{}, {operation_kind::fence, access_kind::none}, where_of(*in, code));
    }
}

void forget_memory(const void* block, std::size_t size_bytes) noexcept {
    watch.memory.clear(reinterpret_cast<std::uintptr_t>(block), size_bytes);
}

bool note_freed(void* block, std::size_t size_bytes, const void* code) noexcept {
    execution* const in = detail::current_execution;
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    if (in->serial() != watch.serial || !takes_notice(*in) || index(in->running()) >= shadow::most_starters) {
        return true;
    }
    const own_work now;
    if (watch.memory.is_freed(address)) {
        conflict other;
        access_now made = made_by_running(*in, true, code);
        made.bytes = 0xff;
        if (in->races().watching()) {
            (void)watch.memory.check(in->races(), address, made, other);
        }
        report(*in, shadow::verdict::is_freed, address, other, made);
        return false;
    }
    if (!in->races().watching()) {
        return true;
    }
    const std::size_t remembered_bytes = std::min(size_bytes, most_freed_bytes);
    note_plain(*in, address, remembered_bytes, true, code); // to free it is to write it
    if (in->races().watching()) {
        access_now made = made_by_running(*in, true, code);
        for_each_granule(address, remembered_bytes, [&](std::uintptr_t at, std::uint8_t) {
            made.bytes = 0xff;
            watch.memory.note_freed(at, made);
            return true;
        });
    }
    return true;
}

} // namespace cppvaldi::intercept
