/// How the objects of an execution are met: their numbers, their names, where they come from.

#include "kernel/execution.hpp"

#include "kernel/static_memory.hpp"

#include <cppvaldi/errors.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

namespace cppvaldi {

/// Reports an object that an execution uses which this one runs inside of, and goes on after it.
bool execution::refuses_shared(const object& met) {
    for (const execution* each = outer_; each != nullptr; each = each->outer_) {
        if (each->serial_ == met.execution_serial) {
            if (!looking_) {
                fault(std::make_exception_ptr(
                    usage_error(each->object_text(met.id) +
                                " is used in an execution that runs inside another one, which uses it too; give each "
                                "execution its own")));
            }
            return true;
        }
    }
    return false;
}

bool execution::adopt(object& met) {
    if (met.execution_serial == serial_ || refuses_shared(met)) {
        return false;
    }
    if (met.first_waiting != nobody) { // in another execution, which is in the middle of it
        met.met_by->forget_waiting(met);
    }
    met.met_by = this;
    met.execution_serial = serial_;
    met.id = number_object(met.kind, met.name,
                           met.stands_for == nullptr ? origin_of(met.born_in, met.birth, &met)
                                                     : origin_of_referenced(met.stands_for));
    met.holder = nobody;
    return true;
}

object_id execution::number_object(std::string_view kind, std::string_view name, const object_origin& origin) {
    object_names_.push_back({labels_.intern(kind), name.empty() ? implicit_label::started : labels_.intern(name)});
    if (mode_.results) {
        origins_.push_back(origin);
        asked_.origins = origins_;
    }
    return static_cast<object_id>(object_names_.size());
}

void execution::note_birth(std::uint64_t& born_in, object_id& birth) noexcept {
    if (!mode_.results || unwinding_ || looking_ || running_ == nobody) {
        return;
    }
    births_.push_back({running_, ++starters_[running_].births});
    born_in = serial_ | detail::born_mark;
    birth = static_cast<object_id>(births_.size());
}

void detail::note_birth(std::uint64_t& serial, object_id& id) noexcept { current_execution->note_birth(serial, id); }

object_origin execution::origin_of(std::uint64_t born_in, object_id birth, const void* address) const noexcept {
    if (born_in == (serial_ | detail::born_mark)) {
        return births_[static_cast<std::size_t>(birth) - 1];
    }
    // It was there before, and is so in all executions of a search; while they last, its address tells it from the others.
    return {nobody, reinterpret_cast<std::uintptr_t>(address)};
}

/// What is referenced has not been seen being constructed. On a starter's stack it lies at the same depth in every execution, and
/// among the program's variables at the same address; what lies elsewhere counts as one object.
object_origin execution::origin_of_referenced(const void* address) const noexcept {
    const auto* const referenced = static_cast<const std::byte*>(address);
    for (std::size_t position = 0; position < starters_.size(); ++position) {
        const starter_record& owner = starters_[static_cast<starter_id>(position)];
        const stack memory = owner.flow.memory();
        if (!std::less<>{}(referenced, memory.limit) && std::less<>{}(referenced, memory.base)) {
            return {owner.id, std::uint64_t{1} << 63 | static_cast<std::uint64_t>(memory.base - referenced)};
        }
    }
    return is_static(address) ? object_origin{nobody, reinterpret_cast<std::uintptr_t>(address)} : object_origin{};
}

std::string execution::object_text(object_id id) const {
    const object_name& named = object_names_[static_cast<std::size_t>(id) - 1];
    const std::string after = named.name == implicit_label::started ? std::to_string(static_cast<std::size_t>(id))
                                                                    : std::string(labels_.text(named.name));
    return std::string(labels_.text(named.kind)) + ' ' + after;
}

} // namespace cppvaldi
