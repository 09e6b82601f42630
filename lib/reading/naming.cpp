#include "reading/naming.hpp"

namespace cppvaldi {

std::string naming::operation(starter_id id) const {
    const cppvaldi::operation& next = of_.pending()[index(id)];
    std::string text(to_string(next.kind));
    if (next.kind == operation_kind::checkpoint) {
        text += ' ' + std::string(of_.labels().text(next.label));
    } else if (next.object != object_id{}) {
        text += ' ' + of_.object_text(next.object);
    }
    return text;
}

} // namespace cppvaldi
