/* Each takes the fork at the left first, and all may do so at once. Mended: the last one begins at the right. */

#undef NDEBUG
#include <assert.h>
#include <pthread.h>

enum { philosophers = 3 };

struct table {
    pthread_mutex_t forks[philosophers];
    int meals;
};

struct seat {
    struct table *at;
    int number;
};

static void *dine(void *of)
{
    struct seat *mine = of;
    int first = mine->number, second = (mine->number + 1) % philosophers;
#ifdef MENDED
    if (second < first) {
        first = second;
        second = mine->number;
    }
#endif
    pthread_mutex_lock(&mine->at->forks[first]);
    pthread_mutex_lock(&mine->at->forks[second]);
    __atomic_fetch_add(&mine->at->meals, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&mine->at->forks[second]);
    pthread_mutex_unlock(&mine->at->forks[first]);
    return 0;
}

int PROGRAM(void)
{
    struct table shared;
    struct seat seats[philosophers];
    pthread_t threads[philosophers];
    int number;
    shared.meals = 0;
    for (number = 0; number < philosophers; ++number) {
        pthread_mutex_init(&shared.forks[number], 0);
        seats[number].at = &shared;
        seats[number].number = number;
    }
    for (number = 0; number < philosophers; ++number)
        pthread_create(&threads[number], 0, dine, &seats[number]);
    for (number = 0; number < philosophers; ++number)
        pthread_join(threads[number], 0);
    assert(shared.meals == philosophers);
    for (number = 0; number < philosophers; ++number)
        pthread_mutex_destroy(&shared.forks[number]);
    return 0;
}
