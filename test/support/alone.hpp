#pragma once

#include <cppvaldi/runner.hpp>

/// Runs `body` as the only starter, to its end.
template <typename Body>
void alone(Body body) {
    cppvaldi::runner run;
    run.start("alice", body);
    run.finish();
}
