#include "reading/tracing.hpp"

#include "reading/report.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace cppvaldi {

namespace {

std::string value_text(const step& noted) {
    switch (noted.format) {
    case value_format::boolean: return noted.number != 0 ? " = true" : " = false";
    case value_format::signed_number: return " = " + std::to_string(noted.number);
    case value_format::unsigned_number: return " = " + std::to_string(static_cast<std::uint64_t>(noted.number));
    case value_format::none:
    case value_format::opaque: break;
    }
    return "";
}

std::string text_of(const execution& shown, const step& noted) {
    switch (noted.event) {
    case step::what::began: return "started";
    case step::what::reached: return std::string(shown.labels().text(noted.label)) + value_text(noted);
    case step::what::did:
        if (noted.kind == operation_kind::wait) {
            return "goes on, " + shown.object_text(noted.object) + " has changed";
        }
        return std::string(to_string(noted.kind)) +
               (noted.object == object_id{} ? "" : ' ' + shown.object_text(noted.object)) + value_text(noted) +
               (noted.failed ? ", failed" : "");
    case step::what::blocked:
        return noted.kind == operation_kind::sleep
                   ? "sleeps"
                   : "waits for " + shown.object_text(noted.object) + std::string(awaited_state(noted.kind));
    case step::what::finished: return "finished";
    case step::what::raised: return "ended by an exception";
    case step::what::paused: return std::string(shown.labels().text(noted.label));
    }
    return "";
}

/// Knows of each object whether several starters use it and somebody changes it.
class uses {
public:
    uses(std::span<const step> steps, std::span<const operation> pending) {
        for (const step& noted : steps) {
            take(noted.object, noted.starter, !only_looks(noted));
        }
        for (std::size_t who = 0; who < pending.size(); ++who) {
            take(pending[who].object, static_cast<starter_id>(who), false);
        }
    }

    [[nodiscard]] bool are_of_several(object_id id) const {
        const use& known = of_[static_cast<std::size_t>(id)];
        return known.several && known.changed;
    }

private:
    struct use {
        starter_id first = nobody;
        bool several = false;
        bool changed = false;
    };

    void take(object_id used, starter_id by, bool changes) {
        if (used == object_id{}) {
            return;
        }
        const auto number = static_cast<std::size_t>(used);
        of_.resize(std::max(of_.size(), number + 1));
        use& known = of_[number];
        known.several = known.several || (known.first != nobody && known.first != by);
        known.first = by;
        known.changed = known.changed || changes;
    }

    [[nodiscard]] static bool only_looks(const step& noted) {
        return noted.kind == operation_kind::load || noted.kind == operation_kind::read || noted.failed;
    }

    std::vector<use> of_;
};

bool matters(const step& noted, const uses& all) {
    switch (noted.event) {
    case step::what::began:
    case step::what::finished: return false;
    case step::what::did:
    case step::what::blocked:
        return noted.kind != operation_kind::join && (noted.object == object_id{} || all.are_of_several(noted.object));
    case step::what::reached:
    case step::what::raised:
    case step::what::paused: break;
    }
    return true;
}

/// Notes which steps matter. What somebody waits for in the end does, and if nothing does, everything does.
void mark(trace& made, const execution& shown) {
    const std::span<const step> steps = shown.steps();
    const uses all(steps, shown.pending());
    std::vector<bool> has_last(made.starters.size(), false);
    bool any = false;
    for (std::size_t position = steps.size(); position > 0; --position) {
        trace::step& marked = made.steps[position - 1];
        const bool is_last = !has_last[marked.starter] && marked.what == trace::event::blocked;
        has_last[marked.starter] = true;
        marked.matters = is_last || matters(steps[position - 1], all);
        any = any || marked.matters;
    }
    for (trace::step& marked : made.steps) {
        marked.matters = marked.matters || !any;
    }
}

} // namespace

trace trace_of(const execution& shown) {
    trace made;
    for (std::size_t id = 0; id < shown.starters().size(); ++id) {
        made.starters.emplace_back(shown.name_of(static_cast<starter_id>(id)));
    }
    for (const step& noted : shown.steps()) {
        const std::string_view file = noted.file;
        made.steps.push_back({.what = static_cast<trace::event>(noted.event),
                              .starter = noted.starter == nobody ? 0 : index(noted.starter),
                              .text = text_of(shown, noted),
                              .file = std::string(noted.line == 0 ? file : file.substr(file.rfind('/') + 1)),
                              .line = noted.line,
                              .checkpoint = noted.event == step::what::reached
                                                ? std::string(shown.labels().text(noted.label))
                                                : std::string()});
    }
    mark(made, shown);
    return made;
}

} // namespace cppvaldi
