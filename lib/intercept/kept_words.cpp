#include "intercept/kept_words.hpp"

#include <cstddef>
#include <cstring>
#include <functional>
#include <mutex>
#include <set>
#include <string_view>

#include <sys/mman.h>

namespace cppvaldi::intercept {

namespace {

/// Addresses, of which only what is used costs memory. Places are no more than there are calls in a program.
constexpr std::size_t shared_size_bytes = std::size_t{1} << 28;

/// Words, each with a 0 at its end, one behind the other.
struct shared_words {
    std::size_t used = 0;
    char text[shared_size_bytes - sizeof(std::size_t)];
};

struct words_kept {
    std::mutex keeping;
    std::set<std::string, std::less<>> own;
    shared_words* shared = nullptr;
    std::set<std::string_view> known; ///< of the shared ones, as far as they have been read
    std::size_t read = 0;
};

words_kept& all() {
    static words_kept* const kept = new words_kept; // never destroyed: a report may be printed at the very end
    return *kept;
}

/// Returns null where there is no room.
const char* shared(words_kept& kept, const std::string& words) {
    while (kept.read < kept.shared->used) { // another process has added them
        kept.known.emplace(kept.shared->text + kept.read);
        kept.read += std::strlen(kept.shared->text + kept.read) + 1;
    }
    if (const auto found = kept.known.find(words); found != kept.known.end()) {
        return found->data();
    }
    if (words.size() + 1 > sizeof kept.shared->text - kept.shared->used) {
        return nullptr;
    }
    char* const added = kept.shared->text + kept.shared->used;
    std::memcpy(added, words.c_str(), words.size() + 1);
    kept.shared->used += words.size() + 1;
    kept.read = kept.shared->used;
    return kept.known.emplace(added).first->data();
}

} // namespace

const char* kept_words(const std::string& words) {
    words_kept& kept = all();
    const std::scoped_lock lock(kept.keeping);
    const char* const there = kept.shared == nullptr ? nullptr : shared(kept, words);
    return there != nullptr ? there : kept.own.insert(words).first->c_str();
}

void share_kept_words() {
    void* const memory = ::mmap(nullptr, sizeof(shared_words), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) {
        all().shared = static_cast<shared_words*>(memory); // it is all zeroes
    }
}

} // namespace cppvaldi::intercept
