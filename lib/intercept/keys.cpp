/// pthread_key_create and its kin. Keys are the process's, their values a starter's.

#include "intercept/keys.hpp"

#include "intercept/parts.hpp"
#include "intercept/taken_over.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>

#include <pthread.h>

namespace cppvaldi::intercept {

namespace {

CPPVALDI_NEXT(pthread_key_create);
CPPVALDI_NEXT(pthread_key_delete);
CPPVALDI_NEXT(pthread_getspecific);
CPPVALDI_NEXT(pthread_setspecific);

/// What becomes of the values of a key when their thread ends.
struct key_record {
    bool exists = false;
    void (*destroy)(void*) = nullptr;
};

std::array<key_record, PTHREAD_KEYS_MAX> keys;

bool is_key(pthread_key_t key) noexcept { return key < keys.size() && keys[key].exists; }

} // namespace

void destroy_values(thread_record& ending) noexcept {
    bool some_are_left = true;
    for (int round = 0; some_are_left && round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
        some_are_left = false;
        for (std::size_t key = 0; key < ending.values.size(); ++key) {
            void* const value = std::exchange(ending.values[key], nullptr);
            if (value != nullptr && keys[key].exists && keys[key].destroy != nullptr) {
                some_are_left = true;
                keys[key].destroy(value);
            }
        }
    }
    ending.values.clear();
}

void parts::keys() noexcept {}

} // namespace cppvaldi::intercept

using namespace cppvaldi::intercept;

extern "C" {

int pthread_key_create(pthread_key_t* key, void (*destroy)(void*)) noexcept {
    const int problem = next_pthread_key_create(key, destroy);
    if (problem == 0 && *key < keys.size()) {
        keys[*key] = {true, destroy};
    }
    return problem;
}

int pthread_key_delete(pthread_key_t key) noexcept {
    if (key < keys.size()) {
        keys[key] = {};
        if (cppvaldi::execution* const in = taken_over()) {
            for (const auto& each : ledger::of(*in).threads) {
                if (key < each->values.size()) {
                    each->values[key] = nullptr;
                }
            }
        }
    }
    return next_pthread_key_delete(key);
}

void* pthread_getspecific(pthread_key_t key) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        const std::vector<void*>& values = ledger::of(*in).thread(in->running()).values;
        return key < values.size() ? values[key] : nullptr;
    }
    return next_pthread_getspecific(key);
}

int pthread_setspecific(pthread_key_t key, const void* value) noexcept {
    if (cppvaldi::execution* const in = taken_over()) {
        if (!is_key(key)) {
            return EINVAL;
        }
        std::vector<void*>& values = ledger::of(*in).thread(in->running()).values;
        if (key >= values.size()) {
            values.resize(std::size_t{key} + 1);
        }
        values[key] = const_cast<void*>(value);
        return 0;
    }
    return next_pthread_setspecific(key, value);
}
}
