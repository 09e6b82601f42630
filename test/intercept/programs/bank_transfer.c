/* Two transfers in opposite directions lock the accounts in opposite orders. Mended: always the lower one first. */

#undef NDEBUG
#include <assert.h>
#include <pthread.h>

struct account {
    pthread_mutex_t door;
    int balance;
};

struct transfer {
    struct account *from, *to;
    int amount;
};

static void *carry_out(void *of)
{
    struct transfer *mine = of;
    struct account *first = mine->from, *second = mine->to;
#ifdef MENDED
    if (second < first) {
        struct account *other = first;
        first = second;
        second = other;
    }
#endif
    pthread_mutex_lock(&first->door);
    pthread_mutex_lock(&second->door);
    mine->from->balance -= mine->amount;
    mine->to->balance += mine->amount;
    pthread_mutex_unlock(&second->door);
    pthread_mutex_unlock(&first->door);
    return 0;
}

int PROGRAM(void)
{
    struct account accounts[2] = {{PTHREAD_MUTEX_INITIALIZER, 100}, {PTHREAD_MUTEX_INITIALIZER, 100}};
    struct transfer there = {&accounts[0], &accounts[1], 30}, back = {&accounts[1], &accounts[0], 50};
    pthread_t alice, bob;
    pthread_create(&alice, 0, carry_out, &there);
    pthread_create(&bob, 0, carry_out, &back);
    pthread_join(alice, 0);
    pthread_join(bob, 0);
    assert(accounts[0].balance == 120 && accounts[1].balance == 80);
    return 0;
}
