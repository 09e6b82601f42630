#include "reading/report.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
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
    const std::vector<starter_id> members = cycle_finder(shown).find();
    std::string text;
    for (std::size_t position = 0; position < members.size(); ++position) {
        const object& wanted = *shown.starters()[members[position]].waits_on;
        const starter_id next = members[(position + 1) % members.size()];
        const std::string holder(shown.name_of(next));
        const bool is_join = &shown.starters()[next].end == &wanted;
        text += (position == 0 ? std::string(shown.name_of(members[0])) + " waits for " : ", who waits for ") +
                (is_join ? "the end of " + holder : shown.object_text(wanted.id) + ", held by " + holder);
    }
    return text;
}

} // namespace cppvaldi
