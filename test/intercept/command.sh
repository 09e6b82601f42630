#!/bin/sh
# The command's options and exit statuses.
#
#   command.sh <cppvaldi>
set -u
command=$(cd "$(dirname "$1")" && pwd)/${1##*/}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
failed=0

# expect <status> <text> <arguments>...: that is how it ends, and this is among what it prints.
expect() {
    status=$1 text=$2
    shift 2
    printed=$("$command" "$@" 2>&1)
    was=$?
    case $printed in
        *"$text"*) [ "$was" -eq "$status" ] && return ;;
    esac
    printf 'cppvaldi %s: status %s, wanted %s and "%s"\n%s\n' "$*" "$was" "$status" "$text" "$printed"
    failed=1
}

cat >status.c <<'TEXT'
#include <stdio.h>
#include <stdlib.h>
int main(int count, char** arguments) {
    char word[8] = "";
    if (fgets(word, sizeof word, stdin) != NULL) {
        printf("read %s\n", word);
    }
    return count > 1 ? atoi(arguments[1]) : 0;
}
TEXT
cat >crash.c <<'TEXT'
#include <pthread.h>
#include <stddef.h>
static void* crash(void* at) { *(volatile int*)at = 1; return NULL; }
int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, crash, NULL);
    pthread_join(thread, NULL);
    return 0;
}
TEXT
cat >overflow.c <<'TEXT'
#include <pthread.h>
#include <stddef.h>
static int deep(volatile int* above) {
    volatile int room[1000];
    room[0] = above[0] + 1;
    return deep(room) + room[0];
}
static void* overflow(void* unused) { volatile int first[1] = {0}; return deep(first) == 0 ? NULL : unused; }
int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, overflow, NULL);
    pthread_join(thread, NULL);
    return 0;
}
TEXT
cat >lost.c <<'TEXT'
#include <assert.h>
#include <pthread.h>
#include <stddef.h>
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static int count;
static int exchange(int next) {
    pthread_mutex_lock(&door);
    int seen = count;
    count = next < 0 ? seen : next;
    pthread_mutex_unlock(&door);
    return seen;
}
static void* add(void* unused) { for (int i = 0; i < 5; i++) { exchange(exchange(-1) + 1); } return unused; }
int main(int many, char** arguments) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) { pthread_create(&threads[i], NULL, add, NULL); }
    for (int i = 0; i < 2; i++) { pthread_join(threads[i], NULL); }
    if (many > 1 && count != 10) { *(volatile char*)arguments[1][0] = 1; }
    assert(count == 10);
    return 0;
}
TEXT
cat >starts.c <<'TEXT'
#include <stdlib.h>
int main(void) { return system("test -z \"$CPPVALDI_RUN$CPPVALDI_REPLAY$LD_PRELOAD\"") == 0 ? 0 : 4; }
TEXT
cat >ends.c <<'TEXT'
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static void* leave(void* how) {
    if (strcmp(how, "quick_exit") == 0) { quick_exit(3); }
    if (strcmp(how, "_Exit") == 0) { _Exit(3); }
    if (strcmp(how, "_exit") == 0) { _exit(3); }
    if (strcmp(how, "exit") == 0) { exit(3); }
    if (strcmp(how, "system_call") == 0) { syscall(SYS_exit_group, 3); }
    if (strcmp(how, "exec") == 0) { execlp("sh", "sh", "-c", "exit 3", NULL); }
    return NULL;
}
int main(int count, char** arguments) {
    pthread_t thread;
    (void)count;
    pthread_create(&thread, NULL, leave, arguments[1]);
    pthread_join(thread, NULL);
    return 0;
}
TEXT
cat >spins.c <<'TEXT'
#include <pthread.h>
static volatile int never;
static void* spin(void* unused) { while (!never) {} return unused; }
int main(void) {
    pthread_t thread;
    pthread_create(&thread, 0, spin, 0);
    pthread_join(thread, 0);
    return 0;
}
TEXT
for program in spins ends status crash overflow lost starts; do cc -w -pthread $program.c -o $program || exit 1; done

expect 0 'usage: cppvaldi run' --help
expect 0 '--strategy NAME' run --help
expect 2 'usage: cppvaldi run'
expect 2 'is no command' walk
expect 2 'no program is given' run
expect 2 'there is no such option' run --colour red ./status
expect 2 'is not a whole number' run --executions many ./status
expect 2 'is not a whole number' run --executions 0 ./status
expect 2 'there is no such strategy' run --strategy best ./status
expect 2 'is neither none' run --accesses some ./status
expect 2 'is neither fork nor snapshot' run --mode spoon ./status
expect 0 '10 executions, nothing found' run --mode snapshot --executions 10 ./status
expect 0 '1 execution, nothing found' run --mode snapshot --executions 1 ./status
expect 0 'complete: 1 execution' run --mode snapshot --strategy exhaustive ./status
expect 1 'SIGSEGV' run --mode snapshot ./crash
expect 0 'nothing found' run --mode snapshot --time 50ms ./status
expect 0 'nothing found' run --accesses sampled:10 --executions 2 ./status
expect 2 'is no time' run --time 3parsecs ./status
expect 2 'No such file' run ./missing
expect 0 '10 executions, nothing found' run --executions 10 ./status
expect 0 'complete: 1 execution' run --strategy exhaustive ./status
expect 0 'complete: 1 execution' run --strategy=round_robin -- ./status
expect 0 'nothing found' run --time 50ms ./status
expect 1 'exit status: main returns 3' run ./status 3
expect 0 'nothing found' run --status 3 --executions 5 ./status 3
expect 1 'ended with status 0, not 3' run --status 3 ./status
expect 1 'SIGSEGV' run ./crash
expect 1 "starter 'thread-1' crashes" run ./crash
expect 1 'ran out of stack' run --stack 64 ./overflow
for mode in fork snapshot; do
    expect 0 '3 executions, nothing found' run --mode $mode --executions 3 ./starts # and what it starts is a program like others
done
# What cannot be run says so.
cc -w -pthread -static status.c -o static || exit 1
expect 2 'it is linked statically' run ./static
printf '#!/bin/sh\n./status\n' >script
printf 'no program' >text
chmod +x script text
expect 0 'is a script: its interpreter is run' run --executions 2 ./script
expect 2 'it is neither a program nor a script' run ./text
PATH=$PWD:$PATH expect 0 '2 executions, nothing found' run --executions 2 status
PATH=$PWD:$PATH expect 2 'it is linked statically' run static
for compiler in gcc clang; do
    if "$compiler" -w -fsanitize=address status.c -o sanitized 2>/dev/null; then
        expect 2 'it is linked with -fsanitize=address' run ./sanitized
    fi
    if "$compiler" -w -fsanitize=thread status.c -o sanitized 2>/dev/null; then
        expect 2 'this program is linked with -fsanitize=thread' run ./sanitized
    fi
done
# What comes to no scheduling point is ended after 5 seconds.
expect 1 "starter 'thread-1' has made no step for 5 seconds" run --shrink 0 ./spins
# However a program ends, it is seen.
for mode in fork snapshot; do
    for end in quick_exit _Exit _exit exit system_call; do
        expect 1 'exit status: exit(3) is called at' run --mode $mode ./ends $end
    done
    expect 1 'has left its execution with status 3' run --mode $mode ./ends exec
    expect 0 'nothing found' run --mode $mode --executions 5 ./ends nothing
done
"$command" run --report report ./status 3 2>printed
cmp -s report printed || { printf 'the report in the file is another one\n'; failed=1; }
# What is found is made shorter, which its report tells, and the token that it gives shows the same.
expect 1 'what happened, with 2 switches:' run ./lost
expect 1 'shrunk to 2 switches, from 11; 45 steps, from 45' run ./lost
expect 1 'signal: the program was ended by SIGSEGV' run ./lost wrong
expect 1 'shrunk to 2 switches, from 11; 45 steps, from 45' run ./lost wrong
"$command" run ./lost 2>printed
token=$(sed -n 's/^to see it again: CPPVALDI_REPLAY=//p' printed)
[ ${#token} -lt 16 ] || { printf 'the token is not short: %s\n' "$token"; failed=1; }
CPPVALDI_REPLAY=$token "$command" run ./lost 2>again
sed '/^failed assertion/,/^to see/!d' printed >wanted
sed '/^failed assertion/,/^to see/!d' again >shown
cmp -s wanted shown || { printf 'the token shows something else\n'; diff wanted shown; failed=1; }
"$command" run --shrink 0 ./lost 2>&1 | grep -q 'shrunk' && { printf 'it is made shorter against the wish\n'; failed=1; }
expect 2 'is not a whole number' run --shrink off ./lost
printf 'hello' >input
[ "$("$command" run --executions 3 ./status 2>&1 <input | grep -c 'read hello')" = 1 ] ||
    { printf 'standard input is not read, or what was read not passed on once\n'; failed=1; }
[ "$("$command" run --mode snapshot --executions 3 ./status 2>&1 <input | grep -c 'read hello')" = 1 ] ||
    { printf 'the first execution does not print, or others do\n'; failed=1; }
exit $failed
