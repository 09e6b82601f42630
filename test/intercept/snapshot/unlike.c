/* What cannot be put back between two executions, one thing for each argument. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char page_for_all[1 << 16];
static volatile int* shared;

static void* nothing(void* unused) { return unused; }

/* Before main, as a library may do. */
__attribute__((constructor)) static void begin(int count, char** arguments) {
    if (count > 1 && strcmp(arguments[1], "shared") == 0) {
        shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    }
}

static int run_so_often(int times) {
    for (int each = 0; each < times; ++each) {
        pthread_t thread;
        pthread_create(&thread, NULL, nothing, NULL);
        pthread_join(thread, NULL);
    }
    return 0;
}

int main(int count, char** arguments) {
    const char* what = count > 1 ? arguments[1] : "";
    if (strcmp(what, "file") == 0) { /* one thread more in each execution */
        FILE* file = fopen("executions", "a+");
        fputc('x', file);
        long times = ftell(file);
        fclose(file);
        return run_so_often((int)times);
    }
    if (strcmp(what, "child") == 0 && fork() == 0) {
        sleep(10);
        _exit(0);
    }
    if (strcmp(what, "unmapped") == 0) {
        char* page = page_for_all + 4096 - (size_t)page_for_all % 4096;
        munmap(page, 4096);
    }
    if (strcmp(what, "closed") == 0) {
        for (int each = 3; each < 1024; ++each) {
            close(each);
        }
    }
    return run_so_often(2);
}
