/* One condition for "not full" and "not empty": a signal may wake one who waits for the other. Mended: it wakes all. */

#undef NDEBUG
#include <assert.h>
#include <pthread.h>

struct buffer {
    pthread_mutex_t door;
    pthread_cond_t changed;
    int count, put, taken;
};

static void tell(struct buffer *of)
{
#ifdef MENDED
    pthread_cond_broadcast(&of->changed);
#else
    pthread_cond_signal(&of->changed);
#endif
}

static void *produce(void *of)
{
    struct buffer *shared = of;
    pthread_mutex_lock(&shared->door);
    while (shared->count == 1)
        pthread_cond_wait(&shared->changed, &shared->door);
    ++shared->count;
    ++shared->put;
    tell(shared);
    pthread_mutex_unlock(&shared->door);
    return 0;
}

static void *consume(void *of)
{
    struct buffer *shared = of;
    int round;
    for (round = 0; round < 2; ++round) {
        pthread_mutex_lock(&shared->door);
        while (shared->count == 0)
            pthread_cond_wait(&shared->changed, &shared->door);
        --shared->count;
        ++shared->taken;
        tell(shared);
        pthread_mutex_unlock(&shared->door);
    }
    return 0;
}

int PROGRAM(void)
{
    struct buffer shared = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0};
    pthread_t producers[4], consumers[2];
    int number;
    for (number = 0; number < 2; ++number)
        pthread_create(&consumers[number], 0, consume, &shared);
    for (number = 0; number < 4; ++number)
        pthread_create(&producers[number], 0, produce, &shared);
    for (number = 0; number < 4; ++number)
        pthread_join(producers[number], 0);
    for (number = 0; number < 2; ++number)
        pthread_join(consumers[number], 0);
    assert(shared.put == 4 && shared.taken == 4 && shared.count == 0);
    return 0;
}
