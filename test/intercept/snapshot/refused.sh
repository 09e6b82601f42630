#!/bin/sh
# What cannot be put back is seen, and named; fork is there for it. And what can be is.
#
#   refused.sh <cppvaldi> <unlike.c>
set -u
command=$(cd "$(dirname "$1")" && pwd)/${1##*/}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
cc -w -pthread "$2" -o "$scratch/unlike" || exit 1
cd "$scratch" || exit 1

# expect <status> <text> <options and arguments>...: that is how it ends, and this is among what it prints.
expect() {
    status=$1 text=$2
    shift 2
    printed=$("$command" run --executions 20 "$@" 2>&1)
    was=$?
    case $printed in
        *"$text"*) [ "$was" -eq "$status" ] && return ;;
    esac
    printf 'cppvaldi run %s: status %s, wanted %s and "%s"\n%s\n' "$*" "$was" "$status" "$text" "$printed"
    failed=1
}

expect 0 '20 executions, nothing found' --mode snapshot ./unlike
expect 2 'the program shares memory with others' --mode snapshot ./unlike shared
expect 2 'does not go the same way in a process of its own' --mode snapshot ./unlike file
rm -f executions
expect 2 'has left a child process behind' --mode snapshot ./unlike child
expect 2 'has unmapped or protected memory' --mode snapshot ./unlike unmapped
expect 2 'has closed descriptors that are not its own' --mode snapshot ./unlike closed
for what in shared file child unmapped closed; do
    expect 0 '20 executions, nothing found' --mode fork ./unlike $what
done
exit $failed
