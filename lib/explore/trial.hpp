#pragma once

#include "kernel/execution.hpp"
#include "reading/naming.hpp"

#include <cppvaldi/execution_options.hpp>

#include <cstdint>
#include <functional>

namespace cppvaldi {

/// Executions of one body, one after the other, each as the starter `main` of a world that is begun anew.
class trial {
public:
    /// REQUIRES: `body` outlives it.
    trial(const std::function<void()>& body, const execution_options& options) : body_(body), options_(options) {}

    /// Runs the body under `decides`. What the world holds then is there until the next run. `tracing` notes its steps, too.
    execution::outcome run(strategy& decides, bool tracing = false);

    [[nodiscard]] execution& world() noexcept { return world_; }

private:
    static constexpr std::uint64_t arms_stack_guard_every = 64;

    const std::function<void()>& body_;
    execution_options options_;
    execution world_;
    std::uint64_t runs_ = 0;
    naming names_{world_};
};

} // namespace cppvaldi
