/* A counter by the threads of C11: looked at and written in two critical sections, and a thread's own value in between. */
#include <assert.h>
#include <stddef.h>
#include <threads.h>

static mtx_t lock;
static cnd_t changed;
static tss_t own;
static once_flag begun = ONCE_FLAG_INIT;
static int count;
static int ended;

static void begin(void) {
    mtx_init(&lock, mtx_plain);
    cnd_init(&changed);
    tss_create(&own, NULL);
}

static int add(void* unused) {
    (void)unused;
    call_once(&begun, begin);
    mtx_lock(&lock);
    int seen = count;
    tss_set(own, &seen);
#ifndef MENDED
    mtx_unlock(&lock);
    thrd_yield();
    mtx_lock(&lock);
#endif
    count = *(int*)tss_get(own) + 1;
    ++ended;
    cnd_signal(&changed);
    mtx_unlock(&lock);
    thrd_exit(7);
}

int main(void) {
    call_once(&begun, begin);
    thrd_t threads[2];
    for (int each = 0; each < 2; ++each) {
        assert(thrd_create(&threads[each], add, NULL) == thrd_success);
    }
    mtx_lock(&lock);
    while (ended < 2) {
        cnd_wait(&changed, &lock);
    }
    mtx_unlock(&lock);
    for (int each = 0; each < 2; ++each) {
        int result = 0;
        assert(thrd_join(threads[each], &result) == thrd_success && result == 7);
    }
    assert(count == 2);
    return 0;
}
