/* A value and its copy are updated under two locks, one after the other, and a reader comes between. Mended: under both. */

#undef NDEBUG
#include <assert.h>
#include <pthread.h>

struct stages {
    pthread_mutex_t first_door, second_door;
    int first, second;
};

static void *update(void *of)
{
    struct stages *shared = of;
    pthread_mutex_lock(&shared->first_door);
    shared->first = 1;
#ifndef MENDED
    pthread_mutex_unlock(&shared->first_door);
#endif
    pthread_mutex_lock(&shared->second_door);
    shared->second = shared->first + 1;
    pthread_mutex_unlock(&shared->second_door);
#ifdef MENDED
    pthread_mutex_unlock(&shared->first_door);
#endif
    return 0;
}

static void *look(void *of)
{
    struct stages *shared = of;
    int first, second;
    pthread_mutex_lock(&shared->first_door);
    first = shared->first;
#ifndef MENDED
    pthread_mutex_unlock(&shared->first_door);
#endif
    pthread_mutex_lock(&shared->second_door);
    second = shared->second;
    pthread_mutex_unlock(&shared->second_door);
#ifdef MENDED
    pthread_mutex_unlock(&shared->first_door);
#endif
    assert(first == 0 || second == first + 1);
    return 0;
}

int PROGRAM(void)
{
    struct stages shared = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, 0, 0};
    pthread_t updating, looking;
    pthread_create(&updating, 0, update, &shared);
    pthread_create(&looking, 0, look, &shared);
    pthread_join(updating, 0);
    pthread_join(looking, 0);
    return 0;
}
