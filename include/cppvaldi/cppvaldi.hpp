#pragma once

/// All of the core library. Adapters are headers of their own.

#include <cppvaldi/atomic.hpp>
#include <cppvaldi/barrier.hpp>
#include <cppvaldi/checkpoint.hpp>
#include <cppvaldi/checkpoint_ref.hpp>
#include <cppvaldi/chrono.hpp>
#include <cppvaldi/condition_variable.hpp>
#include <cppvaldi/descriptor.hpp>
#include <cppvaldi/errors.hpp>
#include <cppvaldi/execution_options.hpp>
#include <cppvaldi/explore.hpp>
#include <cppvaldi/finding.hpp>
#include <cppvaldi/future.hpp>
#include <cppvaldi/given.hpp>
#include <cppvaldi/latch.hpp>
#include <cppvaldi/locks.hpp>
#include <cppvaldi/measure.hpp>
#include <cppvaldi/mutex.hpp>
#include <cppvaldi/once.hpp>
#include <cppvaldi/order.hpp>
#include <cppvaldi/place.hpp>
#include <cppvaldi/require.hpp>
#include <cppvaldi/resource.hpp>
#include <cppvaldi/runner.hpp>
#include <cppvaldi/schedule.hpp>
#include <cppvaldi/semaphore.hpp>
#include <cppvaldi/shared.hpp>
#include <cppvaldi/shared_mutex.hpp>
#include <cppvaldi/starter.hpp>
#include <cppvaldi/starter_local.hpp>
#include <cppvaldi/stop_token.hpp>
#include <cppvaldi/strategies.hpp>
#include <cppvaldi/strategy.hpp>
#include <cppvaldi/thread.hpp>
#include <cppvaldi/trace.hpp>
