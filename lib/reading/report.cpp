#include "reading/report.hpp"

#include <algorithm>
#include <vector>

namespace cppvaldi {

namespace {

/// More starters than this are counted, not listed.
constexpr std::size_t most_lines = 40;

std::string held_text(const execution& shown, const object& wanted) {
    if (wanted.remark != nullptr) {
        return wanted.remark(wanted, shown);
    }
    if (wanted.holder == nobody || &shown.starters()[wanted.holder].end == &wanted) {
        return "";
    }
    std::string text = ", held by " + std::string(shown.name_of(wanted.holder));
    if (wanted.held_since.known()) {
        text += " since " + wanted.held_since.text();
    }
    return text;
}

std::string where_text(const place& where) { return where.known() ? " at " + where.text() : ""; }

std::string state_text(const execution& shown, starter_id id) {
    const starter_record& record = shown.starters()[id];
    const operation& pending = shown.pending()[index(id)];
    switch (record.state) {
    case starter_state::not_begun: return "has not begun";
    case starter_state::finished: return "has finished";
    case starter_state::raised: return "ended by an exception";
    case starter_state::abandoned: return "was unwound";
    case starter_state::alive: break;
    }
    if (pending.kind == operation_kind::checkpoint) {
        return "stands at checkpoint '" + std::string(shown.labels().text(pending.label)) + "'" +
               where_text(pending.where);
    }
    if (record.waits_on == nullptr) {
        return "is running";
    }
    const bool blocked = shown.is_blocked(id);
    if (pending.kind == operation_kind::sleep) {
        return "sleeps" + where_text(pending.where);
    }
    if (!blocked && pending.kind == operation_kind::wait) {
        return "can go on, " + shown.object_text(pending.object) + " has changed" + where_text(pending.where);
    }
    return (blocked ? "waits for " : "is about to " + std::string(to_string(pending.kind)) + ' ') +
           shown.object_text(pending.object) + where_text(pending.where) +
           (blocked ? held_text(shown, *record.waits_on) : "");
}

} // namespace

std::string status_of(const execution& shown) {
    std::size_t widest = 0;
    const std::size_t listed = std::min(shown.starters().size(), most_lines);
    for (std::size_t id = 0; id < listed; ++id) {
        widest = std::max(widest, shown.name_of(static_cast<starter_id>(id)).size());
    }
    std::string text;
    for (std::size_t id = 0; id < listed; ++id) {
        std::string line = "  " + std::string(shown.name_of(static_cast<starter_id>(id)));
        line.append(widest + 4 - line.size(), ' ');
        text += line + state_text(shown, static_cast<starter_id>(id)) + '\n';
    }
    if (listed < shown.starters().size()) {
        text += "  ... and " + std::to_string(shown.starters().size() - listed) + " more starters\n";
    }
    return text;
}

std::string cycle_of(const execution& shown) {
    for (std::size_t first = 0; first < shown.starters().size(); ++first) {
        std::vector<starter_id> path;
        auto at = static_cast<starter_id>(first);
        while (std::find(path.begin(), path.end(), at) == path.end()) {
            const starter_record& record = shown.starters()[at];
            if (record.state != starter_state::alive || record.waits_on == nullptr || !shown.is_blocked(at) ||
                record.waits_on->holder == nobody) {
                path.clear();
                break;
            }
            path.push_back(at);
            at = record.waits_on->holder;
        }
        if (path.empty() || at != path.front()) {
            continue;
        }
        std::string text = std::string(shown.name_of(at));
        for (starter_id member : path) {
            const object& wanted = *shown.starters()[member].waits_on;
            const std::string holder(shown.name_of(wanted.holder));
            const bool is_join = &shown.starters()[wanted.holder].end == &wanted;
            text += (member == path.front() ? " waits for " : ", who waits for ") +
                    (is_join ? "the end of " + holder : shown.object_text(wanted.id) + ", held by " + holder);
        }
        return text;
    }
    return "";
}

} // namespace cppvaldi
