#!/bin/sh
# Runs each program where the loader puts it, there once more among other surroundings, and without address randomisation,
# and compares all that it prints, byte for byte, with what the first one printed.
#
#   compare.sh <program>...
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# capture <file> <command>...: keeps what the command prints on both channels, and how it ends.
capture() {
    file=$1
    shift
    status=0
    "$@" >"$file" 2>&1 || status=$?
    printf 'exit status %s\n' "$status" >>"$file"
}

# compare <how> <command>...
compare() {
    how=$1
    shift
    capture "$scratch/printed" "$@"
    if ! cmp -s "$scratch/first" "$scratch/printed"; then
        printf '\n%s prints something else than %s, %s:\n' "$program" "$first" "$how"
        diff "$scratch/first" "$scratch/printed" || true
        exit 1
    fi
}

first=$1
capture "$scratch/first" "$first"
cat "$scratch/first"
if [ "$(tail -n 1 "$scratch/first")" != 'exit status 0' ]; then exit 1; fi

# A container may forbid it; then the addresses of two runs still differ.
if setarch -R true 2>/dev/null; then fixed='setarch -R'; else fixed=; fi

for program; do
    compare 'at an address of the loader'\''s choice' "$program"
    # Other addresses of the stack, another language and time zone, and memory that is not zero where nobody wrote to it.
    compare 'among other surroundings' env LC_ALL=C.UTF-8 LANG=tr_TR.UTF-8 TZ=Asia/Kathmandu MALLOC_PERTURB_=85 \
        MALLOC_TOP_PAD_=123456 CPPVALDI_PADDING="$PATH$PATH$PATH" "$program"
    # shellcheck disable=SC2086   # a command and its option
    compare "without address randomisation${fixed:+ ($fixed)}" $fixed "$program"
done
printf '\n%s programs agree%s\n' "$#" "${fixed:+, with and without address randomisation}"
