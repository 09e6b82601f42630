// A program that leaves traces wherever C++ can keep some, and is wrong where it finds one of its own from an execution before.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::mutex mutex;
int count = 0;
std::vector<std::string> words = {"one", "two", std::string(100, 'x')};
std::map<int, std::string> names = {{1, "alice"}, {2, "bob"}};
std::unique_ptr<std::string> owned = std::make_unique<std::string>("owned");
std::shared_ptr<int> shared = std::make_shared<int>(7);
std::string environment_before;
char large[1 << 20];
int destroyed = 0;

struct counted {
    ~counted() { ++destroyed; }
    int used = 0;
};
thread_local counted own;
thread_local int number = 5;

void want(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "not as in the first execution: %s\n", what);
        std::exit(3);
    }
}

int& counter() {
    static int value = 0;
    return value;
}

std::string& text() {
    static std::string kept("text that does not fit into the string itself");
    return kept;
}

bool first_time(std::once_flag& once) {
    bool is_first = false;
    std::call_once(once, [&] { is_first = true; });
    return is_first;
}
std::once_flag once;

void leave_at_exit() { ++count; }

void look(char** arguments) {
    want(count == 0 && counter() == 0 && number == 5 && own.used == 0 && destroyed == 0, "plain variables");
    want(words.size() == 3 && words[0] == "one" && names.size() == 2 && names[1] == "alice", "containers");
    want(owned && *owned == "owned" && shared.use_count() == 1, "what is owned");
    want(text() == "text that does not fit into the string itself", "a static local");
    want(first_time(once), "a once flag");
    want(large[1000] == 0 && large[sizeof large - 1] == 0, "a large array");
    want(errno == 0, "errno");
    want(std::rand() == 1804289383, "rand");
    want(std::getenv("STATE_OF_TEST") == nullptr, "the environment");
    want(std::strcmp(arguments[1], "argument") == 0, "an argument");
    want(std::locale() == std::locale::classic(), "the locale");
    want(std::cout.width() == 0 && std::cout.good() && (std::cout.flags() & std::ios::hex) == 0, "cout");
    struct sigaction on_usr1 {};
    ::sigaction(SIGUSR1, nullptr, &on_usr1);
    want(on_usr1.sa_handler == SIG_DFL, "the handler of a signal");
    sigset_t blocked;
    ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
    want(sigismember(&blocked, SIGUSR2) == 0, "blocked signals");
    char folder[4096];
    want(::getcwd(folder, sizeof folder) != nullptr && std::strcmp(folder, "/") != 0, "the folder");
    const mode_t mask = ::umask(0);
    ::umask(mask);
    want(mask != 0123, "the mask of files");
    static int descriptor_before = 0;
    want(descriptor_before++ == 0, "another static local");
    const int descriptor = ::open("/dev/null", O_RDONLY);
    want(descriptor >= 0 && descriptor < 20, "descriptors");
}

void leave(char** arguments) {
    counter() = 9;
    number = 6;
    own.used = 1;
    words.erase(words.begin());
    words.emplace_back(5000, 'y');
    names.clear();
    names[7] = "carol";
    owned.reset();
    shared.reset();
    text() += " and more";
    large[1000] = 1;
    large[sizeof large - 1] = 1;
    std::srand(77);
    ::setenv("STATE_OF_TEST", "1", 1);
    arguments[1][0] = 'A';
    std::locale::global(std::locale(std::locale::classic(), new std::ctype<char>));
    std::cout << std::hex << "printed " << 255 << std::endl;
    std::cout.width(20);
    std::cout.setstate(std::ios::failbit);
    std::signal(SIGUSR1, SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    want(::chdir("/") == 0, "a folder to go to");
    ::umask(0123);
    std::atexit(&leave_at_exit);
    ::alarm(1000);
    (void)::dlopen("libm.so.6", RTLD_NOW);
    char* const mapped =
        static_cast<char*>(::mmap(nullptr, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mapped[0] = 1; // and it stays mapped
    new std::string(10'000, 'z'); // nobody's
    void* const aligned = std::aligned_alloc(256, 1024);
    want(reinterpret_cast<std::uintptr_t>(aligned) % 256 == 0, "an aligned block");
    aligned == nullptr ? void() : std::free(aligned);
    std::ofstream nowhere("/dev/null");
    nowhere << "some text" << 1.5;
    errno = ENOENT;
    ::dup2(::open("/dev/null", O_WRONLY), 1);
}

void add() {
    own.used = 3;
    number += 1;
    const int seen = number;
    const std::string long_enough(200, 'w');
    const std::lock_guard lock(mutex);
    words.push_back(long_enough + std::to_string(seen));
    ++count;
}

} // namespace

int main(int, char** arguments) {
    look(arguments);
    leave(arguments);
    std::vector<std::thread> threads;
    for (int each = 0; each < 3; ++each) {
        threads.emplace_back(add);
    }
    for (std::thread& each : threads) {
        each.join();
    }
    want(count == 3 && destroyed == 3, "what threads have done");
    return 0;
}
