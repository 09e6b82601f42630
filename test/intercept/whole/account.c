/* Two withdrawals that look at the balance in one critical section and write it in another. */
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int balance = 100;

static void* withdraw(void* amount) {
    pthread_mutex_lock(&lock);
    int seen = balance;
#ifndef MENDED
    pthread_mutex_unlock(&lock);
    pthread_mutex_lock(&lock);
#endif
    balance = seen - *(int*)amount;
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void) {
    int amounts[] = {30, 50};
    pthread_t threads[2];
    for (int each = 0; each < 2; ++each) {
        pthread_create(&threads[each], NULL, withdraw, &amounts[each]);
    }
    for (int each = 0; each < 2; ++each) {
        pthread_join(threads[each], NULL);
    }
    assert(balance == 20);
    return 0;
}
