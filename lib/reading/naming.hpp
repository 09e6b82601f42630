#pragma once

#include "kernel/execution.hpp"

#include <cppvaldi/strategy.hpp>

#include <string>
#include <string_view>

namespace cppvaldi {

/// What an execution calls its starters, and what they will do next.
class naming final : public step_names {
public:
    explicit naming(const execution& of) noexcept : of_(of) {}

    [[nodiscard]] std::string_view starter(starter_id id) const override { return of_.name_of(id); }
    [[nodiscard]] std::string operation(starter_id id) const override;

private:
    const execution& of_;
};

} // namespace cppvaldi
