/* Two transfers that lock the two accounts in opposite order. */
#include <pthread.h>
#include <stddef.h>

struct account {
    pthread_mutex_t lock;
    int balance;
};

static struct account accounts[] = {{PTHREAD_MUTEX_INITIALIZER, 100}, {PTHREAD_MUTEX_INITIALIZER, 100}};

static void transfer(struct account* from, struct account* to, int amount) {
    struct account* first = from;
    struct account* second = to;
#ifdef MENDED
    if (first > second) {
        first = to;
        second = from;
    }
#endif
    pthread_mutex_lock(&first->lock);
    pthread_mutex_lock(&second->lock);
    from->balance -= amount;
    to->balance += amount;
    pthread_mutex_unlock(&second->lock);
    pthread_mutex_unlock(&first->lock);
}

static void* there(void* unused) {
    transfer(&accounts[0], &accounts[1], 30);
    return unused;
}

static void* back(void* unused) {
    transfer(&accounts[1], &accounts[0], 50);
    return unused;
}

int main(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, there, NULL);
    pthread_create(&threads[1], NULL, back, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return accounts[0].balance == 120 ? 0 : 3;
}
