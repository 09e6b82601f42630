#include "reading/tracing.hpp"

#include "reading/report.hpp"

#include <string_view>

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
                              .line = noted.line});
    }
    return made;
}

} // namespace cppvaldi
