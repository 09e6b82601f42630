/* What ends a process, in some interleavings only: one way for each argument. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char* block;
static const char* way;

static int deep(volatile int* above) {
    volatile int room[1000];
    room[0] = above[0] + 1;
    return deep(room) + room[0];
}

static void end_badly(void) {
    if (strcmp(way, "segmentation") == 0) {
        *(volatile char*)8 = 1;
    } else if (strcmp(way, "twice") == 0) {
        char* other = malloc(40);
        free(other);
        free(other);
    } else if (strcmp(way, "overflow") == 0) {
        volatile int first[1] = {0};
        exit(deep(first));
    } else if (strcmp(way, "exit") == 0) {
        exit(7);
    } else {
        __builtin_trap();
    }
}

static void* give_back(void* unused) {
    pthread_mutex_lock(&lock);
    free(block);
    block = NULL;
    pthread_mutex_unlock(&lock);
    return unused;
}

static void* use(void* unused) {
#ifndef MENDED
    pthread_mutex_lock(&lock);
    int there = block != NULL;
    pthread_mutex_unlock(&lock);
    for (int each = 0; each < 3; ++each) {
        pthread_mutex_lock(&lock);
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_lock(&lock);
    if (there && block == NULL) {
        end_badly();
    }
    pthread_mutex_unlock(&lock);
#else
    (void)end_badly;
#endif
    return unused;
}

int main(int count, char** arguments) {
    way = count > 1 ? arguments[1] : "trap";
    block = malloc(100);
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, give_back, NULL);
    pthread_create(&threads[1], NULL, use, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    return 0;
}
