/* Threads that pass a token round by semaphores; one hands it on before it has used it. */
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

enum { members = 3 };

static sem_t turns[members];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int order[members];
static int used;

static void use(int member) {
    pthread_mutex_lock(&lock);
    order[used++] = member;
    pthread_mutex_unlock(&lock);
}

static void* take_part(void* number) {
    int member = *(int*)number;
    sem_wait(&turns[member]);
#ifdef MENDED
    use(member);
    sem_post(&turns[(member + 1) % members]);
#else
    sem_post(&turns[(member + 1) % members]);
    use(member);
#endif
    return NULL;
}

int main(void) {
    int numbers[members];
    pthread_t threads[members];
    for (int each = 0; each < members; ++each) {
        sem_init(&turns[each], 0, each == 0);
    }
    for (int each = 0; each < members; ++each) {
        numbers[each] = each;
        pthread_create(&threads[each], NULL, take_part, &numbers[each]);
    }
    for (int each = 0; each < members; ++each) {
        pthread_join(threads[each], NULL);
    }
    for (int each = 0; each < members; ++each) {
        assert(order[each] == each);
    }
    return 0;
}
