/* Setters write one variable, then another, and a checker sees the second without the first: from 3 threads on. Mended: under a mutex. */

#undef NDEBUG
#include <assert.h>
#include <pthread.h>

#ifndef THREADS
#define THREADS 3
#endif

struct pair {
    pthread_mutex_t door;
    int first, second;
};

static void enter(struct pair *of)
{
#ifdef MENDED
    pthread_mutex_lock(&of->door);
#else
    (void)of;
#endif
}

static void leave(struct pair *of)
{
#ifdef MENDED
    pthread_mutex_unlock(&of->door);
#else
    (void)of;
#endif
}

static void *set(void *of)
{
    struct pair *shared = of;
    enter(shared);
    __atomic_store_n(&shared->first, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&shared->second, -1, __ATOMIC_SEQ_CST);
    leave(shared);
    return 0;
}

static void *check(void *of)
{
    struct pair *shared = of;
    int first, second;
    enter(shared);
    first = __atomic_load_n(&shared->first, __ATOMIC_SEQ_CST);
    second = __atomic_load_n(&shared->second, __ATOMIC_SEQ_CST);
    leave(shared);
    assert((first == 0 && second == 0) || (first == 1 && second == -1));
    return 0;
}

int PROGRAM(void)
{
    struct pair shared = {PTHREAD_MUTEX_INITIALIZER, 0, 0};
    pthread_t setters[THREADS - 1], checker;
    int number;
    for (number = 0; number < THREADS - 1; ++number)
        pthread_create(&setters[number], 0, set, &shared);
    pthread_create(&checker, 0, check, &shared);
    for (number = 0; number < THREADS - 1; ++number)
        pthread_join(setters[number], 0);
    pthread_join(checker, 0);
    return 0;
}
