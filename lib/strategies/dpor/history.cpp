#include "strategies/dpor/history.hpp"

#include <algorithm>
#include <utility>

namespace cppvaldi::reduction {

namespace {

/// Steps that nobody makes possible whom the kernel could name: time has moved, or the world outside has.
bool waits_for_anything(operation_kind kind) noexcept {
    return kind == operation_kind::sleep || kind == operation_kind::wait || kind == operation_kind::await_readable ||
           kind == operation_kind::await_writable;
}

/// The starter's bit among the first 64; none for the others, who count as waiting for all that was before, and never as resting.
std::uint64_t bit_of(starter_id id) noexcept { return index(id) < 64 ? std::uint64_t{1} << index(id) : 0; }

/// The finish of MurmurHash3 (Appleby): every bit of the result depends on all of `number`.
std::uint64_t mixed(std::uint64_t number) noexcept {
    number = (number ^ number >> 33) * 0xff51'afd7'ed55'8ccd;
    number = (number ^ number >> 33) * 0xc4ce'b9fe'1a85'ec53;
    return number ^ number >> 33;
}

std::uint64_t place_key(const place& where) noexcept {
    return reinterpret_cast<std::uintptr_t>(where.file) * 0x9e37'79b9'7f4a'7c15 + where.line + 1;
}

} // namespace

void history::begin(std::size_t kept) {
    size_ = 0;
    kept_ = kept;
    made_ = 0;
    open_ = false;
    const std::size_t values = kept == 0 ? 0 : events_[kept - 1].first_value + events_[kept - 1].value_count;
    values_.resize(values);
    counts_.resize(values);
    names_.clear();
    for (life& each : lives_) {
        each.number = nobody;
        each.last = none;
        each.waited = none;
        each.children = 0;
    }
    locals_.assign(1, clock_object);
    origins_.assign({0, 1, 2});
    ends_.assign(first_object, none);
    last_on_.assign(first_object, none);
    while (!races_.empty() && std::max(races_.back().second + 1, races_.back().until) > kept) {
        races_.pop_back();
    }
    first_blocked_ = none;
    std::erase_if(changed_, [kept](const changed_race& each) { return each.second >= kept; });
}

void history::look(const scheduling_point& point) {
    if (point.pending.size() > names_.size()) {
        name_new_starters(point.pending.size());
    }
    if (point.origins.size() >= locals_.size()) {
        name_new_objects(point);
    }
}

/// They were made by whoever made the last step.
void history::name_new_starters(std::size_t count) {
    const std::uint32_t made_by = size_ == 0 ? none : static_cast<std::uint32_t>(size_ - 1);
    while (names_.size() < count) {
        std::uint32_t name = 0;
        if (made_by != none) {
            const std::uint32_t maker = events_[made_by].who;
            const std::uint32_t child = lives_[maker].children++;
            if (child == lives_[maker].names.size()) {
                const auto added = static_cast<std::uint32_t>(lives_.size());
                lives_[maker].names.push_back(added);
                lives_.emplace_back();
            }
            name = lives_[maker].names[child];
        } else {
            name = static_cast<std::uint32_t>(names_.size()); // those that the driver has made
            if (name == lives_.size()) {
                lives_.emplace_back();
            }
        }
        lives_[name].number = static_cast<starter_id>(names_.size());
        lives_[name].made_by = made_by;
        names_.push_back(name);
    }
    widen();
}

void history::name_new_objects(const scheduling_point& point) {
    while (locals_.size() <= point.origins.size()) {
        const object_origin& origin = point.origins[locals_.size() - 1];
        if (origin == object_origin{}) {
            locals_.push_back(referenced_object);
            continue;
        }
        const bool is_end = origin.made_by != nobody && origin.number == 0;
        const std::uint64_t maker = origin.made_by == nobody ? 0 : name_of(origin.made_by) + std::uint64_t{1};
        constexpr std::uint64_t referenced = std::uint64_t{1} << 63;
        const std::uint64_t number = origin.made_by == nobody
                                         ? referenced | origin.number
                                         : (origin.number & ~referenced) | (origin.number & referenced) >> 24;
        locals_.push_back(static_cast<std::uint32_t>(origins_.size()));
        origins_.push_back(maker << 40 | number);
        ends_.push_back(is_end ? name_of(origin.made_by) : none);
        last_on_.push_back(none);
    }
}

/// Makes room in every clock.
void history::widen() {
    if (lives_.size() <= stride_) {
        return;
    }
    const std::size_t wider = 2 * lives_.size();
    refuse_size(events_.size(), wider);
    std::vector<std::uint32_t> clocks(events_.size() * wider);
    for (std::size_t each = 0; each < events_.size(); ++each) {
        std::copy_n(clocks_.begin() + static_cast<std::ptrdiff_t>(each * stride_), stride_,
                    clocks.begin() + static_cast<std::ptrdiff_t>(each * wider));
    }
    clocks_.swap(clocks);
    stride_ = wider;
}

void history::start(std::uint32_t who, const scheduling_point& point) {
    const auto position = static_cast<std::uint32_t>(size_++);
    open_ = true;
    const operation& announced = point.pending[index(lives_[who].number)];
    if (position < kept_) {
        const event& before = events_[position];
        if (before.kind != announced.kind || !is_on(before, local_object(announced.object)) ||
            (before.enabled != point.enabled.low_word() && before.resting == 0)) [[unlikely]] {
            refuse_difference(before, point);
        }
        return;
    }
    if (position == events_.size()) {
        refuse_size(events_.size() + 1, stride_);
        events_.emplace_back();
        clocks_.resize(events_.size() * stride_);
    }
    event& made = events_[position];
    made.who = who;
    made.before = lives_[who].last;
    made.kind = announced.kind;
    made.access = announced.access;
    made.timed = announced.timed;
    made.object = local_object(announced.object);
    const auto number = index(lives_[who].number);
    made.state = may_look(made.kind) && number < point.states.size() ? point.states[number] : 0;
    made.place = made.state == 0 ? 0 : place_key(announced.where);
    made.in_vain = false;
    made.round_from = none;
    made.waited = lives_[who].waited;
    made.holder = none;
    made.depth = 0;
    made.enabled = point.enabled.low_word();
    made.resting = point.resting == nullptr ? 0 : point.resting->low_word();
    made.woken_by = none;
    made.first_value = static_cast<std::uint32_t>(values_.size());
    made.value_count = 0;
    made.done.count = 0;
}

void history::add_value(std::uint32_t value, std::uint32_t count) {
    refuse_values(count);
    values_.push_back(value);
    counts_.push_back(count);
    ++events_[size_ - 1].value_count;
}

void history::complete(const scheduling_point& point) {
    if (!open_) {
        return;
    }
    open_ = false;
    const auto position = static_cast<std::uint32_t>(size_ - 1);
    made_ = position + 1;
    event& made = events_[position];
    if (position >= kept_) {
        made.result = point.last;
        if (!ends_round(made, point)) {
            read(made, &point.pending[index(lives_[made.who].number)]);
            if (point.watched && made.kind != operation_kind::started && made.kind != operation_kind::join) {
                add(made, watched_object, effect::write);
            }
            order(position);
        }
    }
    lives_[made.who].waited = made.round_from != none ? position : none;
    if (made.in_vain) {
        return;
    }
    link(position);
    lives_[made.who].last = position;
}

void history::look_at_blocked(const scheduling_point& point) {
    look(point);
    complete(point);
    first_blocked_ = static_cast<std::uint32_t>(size_);
    for (std::uint32_t number = 0; number < names_.size(); ++number) {
        const operation_kind kind = point.pending[number].kind;
        if (kind == operation_kind::finished || kind == operation_kind::wake || kind == operation_kind::await_change) {
            continue; // those that wait for a notification could not have come earlier
        }
        start(names_[number], point);
        open_ = false;
        const auto position = static_cast<std::uint32_t>(size_ - 1);
        events_[position].result = {};
        read(events_[position], nullptr);
        order(position);
    }
}

// --- happens-before ---

void history::link(std::uint32_t position) {
    event& made = events_[position];
    for (std::uint32_t which = 0; which < made.done.count; ++which) {
        std::uint32_t& last = last_on_[made.links[which].object];
        made.links[which].before = last;
        last = position * 4 + which;
    }
}

inline void history::join(std::vector<std::uint32_t>& into, std::uint32_t position) const {
    const std::uint32_t* const other = clock_of(position);
    for (std::size_t each = 0; each < into.size(); ++each) {
        into[each] = std::max(into[each], other[each]);
    }
}

void history::order(std::uint32_t position) {
    const event& made = events_[position];
    const std::uint32_t from = made.before != none ? made.before : lives_[made.who].made_by;
    past_.assign(stride_, 0);
    if (from != none) {
        std::copy_n(clock_of(from), stride_, past_.begin());
    }
    own_ = past_;
    if (made.kind == operation_kind::join && ends_[made.object] != none) {
        const life& joined = lives_[ends_[made.object]];
        const std::uint32_t end = joined.last != none ? joined.last : joined.made_by;
        if (end != none) {
            join(past_, end);
            join(own_, end);
        }
    }
    if (made.woken_by != none) {
        if (made.timed && own_[events_[made.woken_by].who] <= made.woken_by) {
            note_race(made.woken_by, position);
        }
        join(past_, made.woken_by);
        join(own_, made.woken_by);
    }
    if (waits_for_anything(made.kind)) {
        order_after_all(made);
    }
    before_.clear();
    for (std::uint8_t which = 0; which < made.done.count; ++which) {
        look_back(made, which);
    }
    if (made.done.count > 1) {
        std::sort(before_.begin(), before_.end(),
                  [](const conflicting& one, const conflicting& other) { return one.position > other.position; });
    }
    // Who yields, or goes round in circles, has waited for what comes then, and could not have gone on before.
    const std::uint64_t mine = bit_of(lives_[made.who].number);
    const bool may_wait = made.state != 0 && loops_.contains(made.place);
    for (const conflicting& each : before_) {
        if (each.could_be_later && (events_[each.position].resting & mine) == 0 &&
            own_[events_[each.position].who] <= each.position) {
            note_race(each.position, position);
            if (!may_wait) {
                join(own_, each.position);
                if (made.state != 0 && (tries(made.kind) || made.kind == operation_kind::await)) {
                    taken_for_plain_.insert(made.place);
                }
            }
        }
        join(past_, each.position);
    }
    if (numbers_steps_) {
        events_[position].number = number_of_step(made, from);
    }
    past_[made.who] = position + 1;
    std::copy(past_.begin(), past_.end(), clock_of(position));
    if (!changed_.empty()) {
        look_at_changed_races(position);
    }
}

/// REQUIRES: `before_` is known.
std::uint64_t history::number_of_step(const event& made, std::uint32_t from) const noexcept {
    std::uint64_t others = 0;
    for (const conflicting& each : before_) {
        others += mixed(events_[each.position].number);
    }
    std::uint64_t number = mixed(others + (from == none ? 0 : events_[from].number)) + made.who;
    number = mixed(number) + static_cast<std::uint64_t>(made.kind) * 2 + (made.result.failed ? 1 : 0);
    number = mixed(number) + origins_[made.object];
    for (const std::uint32_t value : values_of(made)) {
        number = mixed(number) + value + 1;
    }
    return number;
}

std::uint64_t history::class_number() const noexcept {
    std::uint64_t sum = 0;
    for (std::uint32_t at = 0; at < made_; ++at) {
        sum += events_[at].in_vain ? 0 : mixed(events_[at].number);
    }
    return sum;
}

void history::note_race(std::uint32_t first, std::uint32_t second) {
    races_.push_back({first, second, second});
    const event& later = events_[second];
    if (!later.timed && !(later.result.compared && later.kind != operation_kind::compare_exchange)) {
        return; // it does not more than it does here
    }
    const deed there = deed_before(first, events_[second]);
    if (there.count > later.done.count) {
        changed_.push_back({first, second, there});
    }
}

/// Such a race is reversed once more, together with what the second step would conflict with only in the place of the first.
void history::look_at_changed_races(std::uint32_t position) {
    for (const changed_race& each : changed_) {
        if (each.second < position && position < first_blocked_ && !happens_before(each.first, position) &&
            conflict(each.there, events_[position].done)) {
            races_.push_back({each.first, each.second, position + 1});
        }
    }
}

/// Looks back at what was done to one of the step's objects: notes with what it conflicts.
void history::look_back(const event& made, std::uint8_t which) {
    const effect mine = made.done.touches[which].what;
    const std::size_t first = before_.size();
    bool phase_is_over = false;
    for (std::uint32_t at = last_on_[made.links[which].object]; at != none;) {
        const std::uint32_t position = at / 4;
        const event& other = events_[position];
        const effect theirs = other.done.touches[at % 4].what;
        at = other.links[at % 4].before;
        if (mine == effect::await && other.kind == operation_kind::arrive && other.result.left == 0) {
            if (std::exchange(phase_is_over, true)) {
                return; // that was the phase before
            }
            before_.resize(first); // that is of the next phase
        }
        relation how = relation::commute;
        if (other.who != made.who) {
            how = related(position, theirs, made, which);
            if (how != relation::commute) {
                before_.push_back({position, how == relation::race});
            }
        }
        if (hides_what_was_before(theirs, mine) && !looks_further(made, theirs, how)) {
            return;
        }
    }
}

relation history::related(std::uint32_t first, effect theirs, const event& second, std::uint8_t which) {
    if (second.links[which].object == watched_object) { // it may have had to wait for something else
        const std::uint64_t mine = bit_of(lives_[second.who].number);
        return (events_[first].enabled & mine) == mine ? relation::race : relation::enabled;
    }
    const relation how = relation_of(theirs, second.done.touches[which].what);
    if (how == relation::counted) {
        return could_come_first(first, second, which) ? relation::race : relation::enabled;
    }
    const bool may_end = theirs == effect::write || theirs == effect::signal || tries(second.kind);
    if (how == relation::race && may_end && !in_vain_.empty() && is_in_vain(key_before(first, second))) {
        return relation::enabled; // before, it would have gone on waiting
    }
    return how;
}

/// A loop that waits might not be ended by what the write has replaced.
bool history::looks_further(const event& second, effect theirs, relation how) {
    if (second.state == 0 || theirs != effect::write || how == relation::commute) {
        return false;
    }
    const bool may_wait = loops_.contains(second.place);
    if (!may_wait) {
        taken_for_plain_.insert(second.place);
    }
    return may_wait;
}

/// Time moves, and the world outside is waited for, when nobody else can go on: after all that was done before. Once its time has
/// come, a sleeper is free to go on before others are, and what they do then is independent of it.
void history::order_after_all(const event& made) {
    const std::uint64_t mine = bit_of(lives_[made.who].number);
    const std::uint32_t before = made.before != none ? made.before : lives_[made.who].made_by;
    const std::uint32_t announced =
        before == none ? 0 : before + 1; // who was enabled then may have been so for another step
    for (const life& each : lives_) {
        if (each.number == nobody || each.last == none) {
            continue;
        }
        if (made.kind != operation_kind::sleep) {
            join(past_, each.last);
        }
        for (std::uint32_t last = each.last; last != none; last = events_[last].before) {
            if (last < announced || (events_[last].enabled & mine) == 0) {
                join(past_, last);
                join(own_, last);
                break;
            }
        }
    }
}

// --- reversed races ---

void history::reverse(const race& reversed, std::vector<planned_step>& sequence) {
    sequence.clear();
    const event& second = events_[reversed.second];
    const deed there = deed_before(reversed.first, second);
    left_out_.clear();
    for (std::uint32_t at = reversed.first + 1; at < made_; ++at) {
        const event& made = events_[at];
        if (at == reversed.second || made.in_vain || happens_before(reversed.first, at)) {
            continue;
        }
        // What comes later commutes with the second step as it is, but perhaps not as it would be then.
        if (at >= reversed.until && ((made.who != second.who && conflict(there, made.done)) ||
                                     std::any_of(left_out_.begin(), left_out_.end(),
                                                 [&](std::uint32_t each) { return happens_before(each, at); }))) {
            left_out_.push_back(at);
            continue;
        }
        sequence.push_back(
            {.who = made.who, .position = at, .values = values_of(made), .counts = counts_of(made), .done = made.done});
    }
    sequence.push_back({.who = second.who,
                        .position = reversed.second,
                        .moved = true,
                        .unheard = second.woken_by == reversed.first,
                        .open = true,
                        .loop = key_before(reversed.first, second),
                        .done = there});
}

bool history::comes_before(const planned_step& earlier, const planned_step& later) const {
    if (later.position == none) {
        return false; // it was added because it could come before all others
    }
    if (!later.moved) {
        return happens_before(earlier.position, later.position);
    }
    const event& last = events_[later.position];
    // The second of the race: what it waited for before is not there any more.
    const std::uint32_t before = last.before != none ? last.before : lives_[last.who].made_by;
    if (before != none && clock_of(before)[earlier.who] > earlier.position) {
        return true;
    }
    if (last.woken_by != none && !later.unheard && happens_before(earlier.position, last.woken_by)) {
        return true;
    }
    return conflict(earlier.done, later.done);
}

} // namespace cppvaldi::reduction
