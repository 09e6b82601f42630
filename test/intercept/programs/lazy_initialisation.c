/* Whoever needs it first makes it, and two may be first. Mended: pthread_once. */

#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

static int made;
static int *instance;
static pthread_once_t once;

static void make(void)
{
    int *fresh = malloc(sizeof *fresh);
    *fresh = 42;
    ++made;
    instance = fresh;
}

static void *use(void *unused)
{
    (void)unused;
#ifdef MENDED
    pthread_once(&once, make);
#else
    if (!instance)
        make();
#endif
    assert(*instance == 42);
    return 0;
}

int PROGRAM(void)
{
    const pthread_once_t fresh = PTHREAD_ONCE_INIT;
    pthread_t alice, bob;
    made = 0;
    instance = 0;
    once = fresh;
    pthread_create(&alice, 0, use, 0);
    pthread_create(&bob, 0, use, 0);
    pthread_join(alice, 0);
    pthread_join(bob, 0);
    free(instance);
    assert(made == 1);
    return 0;
}
