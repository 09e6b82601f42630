/* The same in C. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int count;
static int begun;
static _Thread_local int own = 5;
static char* block;
static char* text;
static char line[64];
static char all_words[] = "one,two,three";

static void begin(void) {
    ++begun;
    pthread_key_create(&key, free);
}

static void at_end(void) { ++count; }

static void want(int holds, const char* what) {
    if (!holds) {
        fprintf(stderr, "not as in the first execution: %s\n", what);
        exit(3);
    }
}

static void* add(void* unused) {
    pthread_once(&once, begin);
    pthread_setspecific(key, malloc(100));
    ++own;
    pthread_mutex_lock(&lock);
    count += own;
    block = realloc(block, (size_t)count * 1000);
    memset(block, count, (size_t)count * 1000);
    pthread_mutex_unlock(&lock);
    return unused;
}

int main(void) {
    want(count == 0 && begun == 0 && own == 5 && block == NULL && text == NULL && line[0] == 0, "variables");
    want(rand() == 1804289383, "rand");
    want(errno == 0, "errno");
    want(strchr(all_words, ',') != NULL, "words");
    want(localtime(&(time_t){0})->tm_year == 70, "localtime");
    own = 8;
    text = strdup("some text");
    strcpy(line, "a line");
    want(strcmp(strtok(all_words, ","), "one") == 0, "the first word"); /* two are left over */
    setvbuf(stdout, NULL, _IOFBF, 100);
    printf("not flushed");
    atexit(at_end);
    signal(SIGALRM, SIG_IGN);
    FILE* const left_open = fopen("/dev/null", "w");
    fprintf(left_open, "and not flushed");
    sigset_t stopped;
    sigemptyset(&stopped);
    sigaddset(&stopped, SIGTERM);
    sigprocmask(SIG_BLOCK, &stopped, NULL);
    raise(SIGTERM); /* and it stays pending */
    errno = EDOM;
    pthread_t threads[2];
    for (int each = 0; each < 2; ++each) {
        pthread_create(&threads[each], NULL, add, NULL);
    }
    pthread_mutex_lock(&lock);
    free(text);
    pthread_mutex_unlock(&lock);
    for (int each = 0; each < 2; ++each) {
        pthread_join(threads[each], NULL);
    }
    want(count == 12 && begun == 1, "what threads have done");
    return 0;
}
