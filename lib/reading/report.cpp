#include "reading/report.hpp"

#include "reading/plain_text.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace cppvaldi {

namespace {

/// More starters than this are counted, not listed.
constexpr std::size_t most_lines = 40;

std::string name_text(const execution& shown, starter_id id) { return on_one_line(shown.name_of(id)); }

std::string object_text(const execution& shown, object_id id) { return on_one_line(shown.object_text(id)); }

/// Says whether `wanted` is what those wait for who join `holder`. Compares objects, not ids: a record that is used again has one
/// from its earlier execution.
bool is_end_of(const execution& shown, starter_id holder, const object& wanted) {
    return &shown.starters()[holder].end == &wanted;
}

/// Returns `lock door, held by bob`, or `the end of bob`.
std::string wanted_text(const execution& shown, const object& wanted, starter_id held_by) {
    if (held_by == nobody) {
        return object_text(shown, wanted.id);
    }
    const std::string holder = name_text(shown, held_by);
    if (is_end_of(shown, held_by, wanted)) {
        return "the end of " + holder;
    }
    const std::string object = object_text(shown, wanted.id);
    return wanted.remark != nullptr && wanted.holder == held_by ? object + wanted.remark(wanted, shown)
                                                                : object + ", held by " + holder;
}

std::string held_text(const execution& shown, const object& wanted) {
    if (wanted.remark != nullptr) {
        return wanted.remark(wanted, shown);
    }
    if (wanted.holder == nobody || is_end_of(shown, wanted.holder, wanted)) {
        return "";
    }
    std::string text = ", held by " + name_text(shown, wanted.holder);
    if (wanted.held_since.known()) {
        text += " since " + wanted.held_since.text();
    }
    return text;
}

std::string where_text(const place& where) { return where.known() ? " at " + where.text() : ""; }

std::string state_text(const execution& shown, starter_id id, bool held) {
    const starter_record& record = shown.starters()[id];
    const operation& pending = shown.pending()[index(id)];
    switch (record.state) {
    case starter_state::not_begun: return held ? "has not begun, and is held there until that is due" : "has not begun";
    case starter_state::finished: return "has finished";
    case starter_state::raised: return "ended by an exception";
    case starter_state::abandoned: return "was unwound";
    case starter_state::alive: break;
    }
    if (shown.running() == id) {
        return "is running";
    }
    if (shown.faulted() == id) {
        return "is where that was found";
    }
    if (pending.kind == operation_kind::checkpoint) {
        return "stands at checkpoint '" + on_one_line(shown.labels().text(pending.label)) + "'" +
               where_text(pending.where) + (held ? ", and is held there until that is due" : "");
    }
    if (pending.kind == operation_kind::sleep) {
        return "sleeps" + where_text(pending.where);
    }
    const std::string object = pending.object == object_id{} ? "" : ' ' + object_text(shown, pending.object);
    if (shown.is_blocked(id) && record.waits_on != nullptr) {
        return "waits for" + object + std::string(awaited_state(pending.kind)) + where_text(pending.where) +
               held_text(shown, *record.waits_on);
    }
    if (pending.kind == operation_kind::wait) {
        return "can go on," + object + " has changed" + where_text(pending.where);
    }
    return "is about to " + std::string(to_string(pending.kind)) + object + where_text(pending.where);
}

/// Looks for starters that wait for each other in a circle: goes from each to those who have what it waits for.
class cycle_finder {
public:
    explicit cycle_finder(const execution& shown) : shown_(shown), visits_(shown.starters().size(), visit::none) {}

    /// Returns the members of a circle, the lowest id first; none if there is no circle.
    std::vector<starter_id> find() {
        for (std::size_t first = 0; first < visits_.size(); ++first) {
            if (walk_from(static_cast<starter_id>(first))) {
                std::rotate(path_.begin(), std::min_element(path_.begin(), path_.end()), path_.end());
                return path_;
            }
        }
        return {};
    }

private:
    enum class visit : std::uint8_t { none, on_path, done };

    [[nodiscard]] std::span<const starter_id> waited_for(starter_id at) const {
        const starter_record& record = shown_.starters()[at];
        if (record.state != starter_state::alive || record.waits_on == nullptr || !shown_.is_blocked(at)) {
            return {};
        }
        const object& wanted = *record.waits_on;
        if (wanted.sharers != nullptr && !wanted.sharers(wanted).empty()) {
            return wanted.sharers(wanted);
        }
        return {&wanted.holder, wanted.holder == nobody ? 0U : 1U};
    }

    /// Leaves the circle in `path_`, if it finds one.
    bool walk_from(starter_id first) {
        if (visits_[index(first)] != visit::none) {
            return false;
        }
        std::vector<std::size_t> asked{0}; // how many of those that each on the path waits for have been gone to
        enter(first);
        while (!path_.empty()) {
            const std::span<const starter_id> next = waited_for(path_.back());
            if (asked.back() == next.size()) {
                visits_[index(path_.back())] = visit::done;
                path_.pop_back();
                asked.pop_back();
                continue;
            }
            const starter_id holder = next[asked.back()++];
            if (visits_[index(holder)] == visit::on_path) {
                path_.erase(path_.begin(), std::find(path_.begin(), path_.end(), holder));
                return true;
            }
            if (visits_[index(holder)] == visit::none) {
                enter(holder);
                asked.push_back(0);
            }
        }
        return false;
    }

    void enter(starter_id id) {
        visits_[index(id)] = visit::on_path;
        path_.push_back(id);
    }

    const execution& shown_;
    std::vector<visit> visits_;
    std::vector<starter_id> path_;
};

/// Why one waits, and for whom, and why that one does.
struct chain {
    std::string text;
    std::size_t length = 1;
    bool explained = true; ///< the last one's wait is
};

/// Follows the lowest id down to one who waits for nobody in particular. REQUIRES: they wait for nobody in a circle.
chain chain_of(const execution& shown) {
    starter_id at{0};
    while (shown.starters()[at].ended()) {
        at = static_cast<starter_id>(index(at) + 1);
    }
    chain made{.text = name_text(shown, at)};
    for (;; ++made.length) {
        const object* const wanted = shown.starters()[at].waits_on;
        if (wanted == nullptr) {
            made.text += " cannot go on";
            made.explained = false;
            return made;
        }
        if (wanted->holder == nobody) {
            const std::string why = held_text(shown, *wanted);
            made.text += " waits for " + object_text(shown, wanted->id) + why;
            made.explained = !why.empty();
            return made;
        }
        at = wanted->holder;
        made.text += " waits for " + wanted_text(shown, *wanted, at) + ", who";
        if (shown.starters()[at].ended()) {
            made.text += " has finished";
            return made;
        }
    }
}

} // namespace

std::string status_of(const execution& shown, const starter_set& held) {
    std::size_t widest = 0;
    const std::size_t listed = std::min(shown.starters().size(), most_lines);
    for (std::size_t id = 0; id < listed; ++id) {
        widest = std::max(widest, width_of(name_text(shown, static_cast<starter_id>(id))));
    }
    std::string text;
    for (std::size_t number = 0; number < listed; ++number) {
        const auto id = static_cast<starter_id>(number);
        std::string line = "  " + name_text(shown, id);
        pad_to(line, widest + 4);
        text += line + state_text(shown, id, held.contains(id)) + '\n';
    }
    if (listed < shown.starters().size()) {
        text += "  ... and " + std::to_string(shown.starters().size() - listed) + " more starters\n";
    }
    return text;
}

std::string wait_of(const execution& shown, starter_id blocked) {
    const object* const wanted = shown.starters()[blocked].waits_on;
    return name_text(shown, blocked) +
           (wanted == nullptr ? " cannot go on" : " waits for " + wanted_text(shown, *wanted, wanted->holder));
}

std::string deadlock_of(const execution& shown) {
    const std::string cycle = cycle_of(shown);
    if (!cycle.empty()) {
        return cycle;
    }
    const chain made = chain_of(shown);
    if (made.length < shown.unfinished()) {
        return made.text + ", and everybody else who has not finished waits too";
    }
    return made.text + (made.explained ? "" : ", and there is nobody left to change that");
}

std::string cycle_of(const execution& shown) {
    const std::vector<starter_id> members = cycle_finder(shown).find();
    std::string text;
    for (std::size_t position = 0; position < members.size(); ++position) {
        const object& wanted = *shown.starters()[members[position]].waits_on;
        text += (position == 0 ? name_text(shown, members[0]) : ", who") + " waits for " +
                wanted_text(shown, wanted, members[(position + 1) % members.size()]);
    }
    return text;
}

} // namespace cppvaldi
