/* Two threads guard one counter, each by a lock of its own. Mended: by the same. */

#undef NDEBUG
#include <assert.h>
#include <pthread.h>

struct counted {
    pthread_mutex_t doors[2];
    int count;
};

struct user {
    struct counted *of;
    int door;
};

static void *add(void *of)
{
    struct user *mine = of;
    int round;
    for (round = 0; round < 2; ++round) {
        pthread_mutex_lock(&mine->of->doors[mine->door]);
        ++mine->of->count;
        pthread_mutex_unlock(&mine->of->doors[mine->door]);
    }
    return 0;
}

int PROGRAM(void)
{
    struct counted shared = {{PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER}, 0};
#ifdef MENDED
    struct user one = {&shared, 0}, other = {&shared, 0};
#else
    struct user one = {&shared, 0}, other = {&shared, 1};
#endif
    pthread_t alice, bob;
    pthread_create(&alice, 0, add, &one);
    pthread_create(&bob, 0, add, &other);
    pthread_join(alice, 0);
    pthread_join(bob, 0);
    assert(shared.count == 4);
    return 0;
}
