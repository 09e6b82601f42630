// Loses memory in the way that its argument names, or none.
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>

namespace {

struct node {
    node* next;
    char room[40];
};

struct circle {
    std::shared_ptr<circle> other;
};

std::mutex door;
node* first = nullptr;
char* made = nullptr;
thread_local std::vector<int> numbers;
std::map<std::size_t, std::string> table;
pthread_key_t key;

bool is(const char* how, const char* asked) { return std::strcmp(how, asked) == 0; }

void make_once() {
    door.lock();
    const bool none = made == nullptr;
    door.unlock();
    if (none) {
        auto* const mine = static_cast<char*>(std::malloc(77));
        mine[0] = 'x';
        door.lock();
        made = mine; // and another one's may be there by now
        door.unlock();
    }
}

void work(const char* how) {
    if (is(how, "thread")) {
        *static_cast<volatile char*>(std::malloc(1000)) = 'x';
    } else if (is(how, "list")) {
        const std::lock_guard lock(door);
        first = new node{first, ""};
    } else if (is(how, "twice")) {
        make_once();
    }
    pthread_setspecific(key, std::malloc(5));
    numbers.assign(10, 1);
    const std::lock_guard lock(door);
    table[table.size()] = std::string(100, 'x');
}

} // namespace

int main(int, char** arguments) {
    const char* const how = arguments[1];
    pthread_key_create(&key, std::free);
    std::thread one(work, how);
    std::thread other(work, how);
    one.join();
    other.join();
    std::thread([] {
        const std::string kept(500, 'x');
        std::this_thread::sleep_for(std::chrono::hours(1));
    }).detach();
    std::this_thread::yield();
    auto* const mine = static_cast<volatile char*>(std::malloc(33));
    mine[0] = 'x';
    if (is(how, "list")) {
        first = first->next;
    } else if (is(how, "circle")) {
        const auto left = std::make_shared<circle>();
        left->other = std::make_shared<circle>();
        left->other->other = left;
    } else if (is(how, "exit")) {
        std::exit(mine[0] == 'x' ? 0 : 1); // what lies on the stack is not lost
    }
    if (!is(how, "main")) {
        std::free(const_cast<char*>(mine));
    }
    std::free(made);
    return 0;
}
