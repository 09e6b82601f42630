/* Two values under two locks, of which the second follows the first: who reads in between sees one without the other. */
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t first_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second_lock = PTHREAD_MUTEX_INITIALIZER;
static int first;
static int second;

static void* write_both(void* unused) {
    pthread_mutex_lock(&first_lock);
    first = 1;
#ifndef MENDED
    pthread_mutex_unlock(&first_lock);
#endif
    pthread_mutex_lock(&second_lock);
    second = first + 1;
    pthread_mutex_unlock(&second_lock);
#ifdef MENDED
    pthread_mutex_unlock(&first_lock);
#endif
    return unused;
}

static void* read_both(void* unused) {
    pthread_mutex_lock(&first_lock);
    int seen_first = first;
#ifndef MENDED
    pthread_mutex_unlock(&first_lock);
#endif
    pthread_mutex_lock(&second_lock);
    int seen_second = second;
    pthread_mutex_unlock(&second_lock);
#ifdef MENDED
    pthread_mutex_unlock(&first_lock);
#endif
    assert(seen_first == 0 || seen_second == seen_first + 1);
    return unused;
}

int main(void) {
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, write_both, NULL);
    pthread_create(&threads[1], NULL, read_both, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
