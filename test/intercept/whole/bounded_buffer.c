/* A buffer with one condition for both directions, which is signalled: the one that is woken may be of the wrong side. */
#include <pthread.h>
#include <stddef.h>

enum { room = 1, items = 2 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int held;

static void tell(void) {
#ifdef MENDED
    pthread_cond_broadcast(&changed);
#else
    pthread_cond_signal(&changed);
#endif
}

static void* produce(void* unused) {
    for (int item = 0; item < items; ++item) {
        pthread_mutex_lock(&lock);
        while (held == room) {
            pthread_cond_wait(&changed, &lock);
        }
        ++held;
        tell();
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static void* consume(void* unused) {
    for (int item = 0; item < items; ++item) {
        pthread_mutex_lock(&lock);
        while (held == 0) {
            pthread_cond_wait(&changed, &lock);
        }
        --held;
        tell();
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

int main(void) {
    pthread_t threads[4];
    for (int each = 0; each < 4; ++each) {
        pthread_create(&threads[each], NULL, each % 2 == 0 ? produce : consume, NULL);
    }
    for (int each = 0; each < 4; ++each) {
        pthread_join(threads[each], NULL);
    }
    return held;
}
