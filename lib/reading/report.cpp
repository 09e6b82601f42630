#include "reading/report.hpp"

#include "reading/plain_text.hpp"

#include <algorithm>
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
std::string wanted_text(const execution& shown, const object& wanted) {
    if (wanted.holder == nobody) {
        return object_text(shown, wanted.id);
    }
    const std::string holder = name_text(shown, wanted.holder);
    return is_end_of(shown, wanted.holder, wanted) ? "the end of " + holder
                                                   : object_text(shown, wanted.id) + ", held by " + holder;
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
    if (pending.kind == operation_kind::checkpoint) {
        return "stands at checkpoint '" + on_one_line(shown.labels().text(pending.label)) + "'" +
               where_text(pending.where) + (held ? ", and is held there until that is due" : "");
    }
    if (pending.kind == operation_kind::sleep) {
        return "sleeps" + where_text(pending.where);
    }
    const std::string object = pending.object == object_id{} ? "" : ' ' + object_text(shown, pending.object);
    if (shown.is_blocked(id) && record.waits_on != nullptr) {
        return "waits for" + object + where_text(pending.where) + held_text(shown, *record.waits_on);
    }
    if (pending.kind == operation_kind::wait) {
        return "can go on," + object + " has changed" + where_text(pending.where);
    }
    return "is about to " + std::string(to_string(pending.kind)) + object + where_text(pending.where);
}

/// Returns whom `waiting` can only go on after, or `nobody`.
starter_id holder_before(const execution& shown, starter_id waiting) {
    const starter_record& record = shown.starters()[waiting];
    const bool blocked =
        record.state == starter_state::alive && record.waits_on != nullptr && shown.is_blocked(waiting);
    return blocked ? record.waits_on->holder : nobody;
}

/// Returns starters who wait for each other in this order, the lowest id first. Each starter is looked at once.
std::vector<starter_id> find_cycle(const execution& shown) {
    std::vector<std::size_t> walk_of(shown.starters().size(), 0); // the walk that came by, from 1
    for (std::size_t walk = 1; walk <= walk_of.size(); ++walk) {
        auto at = static_cast<starter_id>(walk - 1);
        while (at != nobody && walk_of[index(at)] == 0) {
            walk_of[index(at)] = walk;
            at = holder_before(shown, at);
        }
        if (at == nobody || walk_of[index(at)] != walk) {
            continue;
        }
        std::vector<starter_id> cycle{at};
        for (starter_id next = holder_before(shown, at); next != at; next = holder_before(shown, next)) {
            cycle.push_back(next);
        }
        std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
        return cycle;
    }
    return {};
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
           (wanted == nullptr ? " cannot go on" : " waits for " + wanted_text(shown, *wanted));
}

std::string cycle_of(const execution& shown) {
    std::string text;
    for (starter_id member : find_cycle(shown)) {
        const object& wanted = *shown.starters()[member].waits_on;
        text += (text.empty() ? name_text(shown, member) : ", who") + " waits for " + wanted_text(shown, wanted);
    }
    return text;
}

} // namespace cppvaldi
