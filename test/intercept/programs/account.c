/* Two withdrawals: each reads the balance and writes it back, and one is lost. Mended: under a mutex. */

#undef NDEBUG
#include <assert.h>
#include <pthread.h>

struct account {
    pthread_mutex_t door;
    int balance;
};

static void *withdraw(void *of)
{
    struct account *mine = of;
#ifdef MENDED
    pthread_mutex_lock(&mine->door);
#endif
    mine->balance -= 10;
#ifdef MENDED
    pthread_mutex_unlock(&mine->door);
#endif
    return 0;
}

int PROGRAM(void)
{
    struct account shared = {PTHREAD_MUTEX_INITIALIZER, 100};
    pthread_t alice, bob;
    pthread_create(&alice, 0, withdraw, &shared);
    pthread_create(&bob, 0, withdraw, &shared);
    pthread_join(alice, 0);
    pthread_join(bob, 0);
    assert(shared.balance == 80);
    return 0;
}
