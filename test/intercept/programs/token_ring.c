/* A token goes round: each adds to what its predecessor has. It is passed without waiting for it. Mended: semaphores pass it. */

#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>

enum { members = 4 };

struct ring {
    sem_t turns[members];
    int tokens[members];
};

struct member {
    struct ring *of;
    int number;
};

static void *pass(void *of)
{
    struct member *mine = of;
    struct ring *ring = mine->of;
    int before = (mine->number + members - 1) % members;
#ifdef MENDED
    sem_wait(&ring->turns[mine->number]);
#endif
    ring->tokens[mine->number] = mine->number == 0 ? 1 : ring->tokens[before] + 1;
#ifdef MENDED
    sem_post(&ring->turns[(mine->number + 1) % members]);
#endif
    return 0;
}

int PROGRAM(void)
{
    struct ring shared;
    struct member all[members];
    pthread_t threads[members];
    int number;
    for (number = 0; number < members; ++number) {
        sem_init(&shared.turns[number], 0, number == 0);
        shared.tokens[number] = 0;
        all[number].of = &shared;
        all[number].number = number;
    }
    for (number = 0; number < members; ++number)
        pthread_create(&threads[number], 0, pass, &all[number]);
    for (number = 0; number < members; ++number)
        pthread_join(threads[number], 0);
    assert(shared.tokens[members - 1] == members);
    for (number = 0; number < members; ++number)
        sem_destroy(&shared.turns[number]);
    return 0;
}
