/* A thread that leaves by pthread_exit while it has a lock; only its cleanup handler gives that back. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void give_back(void* held) { pthread_mutex_unlock(held); }

static void leave(void) { pthread_exit(NULL); }

static void* take_and_leave(void* unused) {
    pthread_mutex_lock(&lock);
#ifdef MENDED
    pthread_cleanup_push(give_back, &lock);
    leave();
    pthread_cleanup_pop(0);
#else
    (void)give_back;
    leave();
#endif
    return unused;
}

static void* take(void* unused) {
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, take_and_leave, NULL);
    pthread_create(&threads[1], NULL, take, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
