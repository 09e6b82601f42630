#include "reading/race_report.hpp"

#include "reading/plain_text.hpp"

#include <cstddef>
#include <span>

namespace cppvaldi {

namespace {

/// True if such a step makes what its starter does known to others, or what others have done to it. A notification does not: the
/// mutex that goes with it does.
bool synchronises(const step& noted) {
    if (noted.event != step::what::did || noted.object == object_id{}) {
        return false;
    }
    switch (noted.kind) {
    case operation_kind::read:
    case operation_kind::write:
    case operation_kind::wake:
    case operation_kind::notify_one:
    case operation_kind::notify_all:
    case operation_kind::sleep:
    case operation_kind::yield: return false;
    case operation_kind::try_lock:
    case operation_kind::try_lock_shared:
    case operation_kind::try_acquire: return !noted.failed;
    default: return true;
    }
}

std::string at_text(const place& where) { return where.known() ? " at " + where.text() : ""; }

/// Returns ` (step 5)`, the number that the timeline gives to a position: pauses have none.
std::string number_text(std::span<const step> steps, std::size_t position) {
    std::size_t number = 0;
    for (std::size_t each = 0; each <= position; ++each) {
        number += steps[each].event != step::what::paused ? 1 : 0;
    }
    return " (step " + std::to_string(number) + ')';
}

std::string last_synchronisation(const execution& shown, const plain_access& before) {
    const std::span<const step> steps = shown.steps();
    for (std::size_t position = before.step - (before.is_step ? 1 : 0); position > 0; --position) {
        const step& noted = steps[position - 1];
        if (noted.starter == before.by && synchronises(noted)) {
            return "before that: " + std::string(to_string(noted.kind)) + ' ' +
                   on_one_line(shown.object_text(noted.object)) + at_text({noted.file, noted.line}) +
                   number_text(steps, position - 1);
        }
    }
    return "no synchronisation before that since it began";
}

std::string access_text(const execution& shown, const plain_access& made, object_id on, const char* tense) {
    std::string text = on_one_line(shown.name_of(made.by)) + ' ' + tense + ' ' + on_one_line(shown.object_text(on)) +
                       at_text(made.where);
    if (made.step > 0) {
        text += (made.is_step ? number_text(shown.steps(), made.step - 1) : "") + "; " +
                last_synchronisation(shown, made);
    }
    return text + '\n';
}

} // namespace

std::string race_of(const execution& shown) {
    const race* const found = shown.found_race();
    if (found == nullptr) {
        return "";
    }
    return "  first  " + access_text(shown, found->earlier, found->on, found->earlier.writes ? "wrote" : "read") +
           "  now    " + access_text(shown, found->later, found->on, found->later.writes ? "writes" : "reads");
}

} // namespace cppvaldi
