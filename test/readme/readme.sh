#!/bin/sh
# The programs of the README and of the pages in docs do what they say: each block that is headed `cpp NAME.cpp` is built and run, and
# has to print what the block `text NAME.txt` shows. `text demo.txt` is the beginning of what the demo prints.
#
#   readme.sh <source root> <static library> <compiler>...
set -eu
root=$1 library=$(cd "$(dirname "$2")" && pwd)/${2##*/}
shift 2
compiler=$*

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints the block with this heading.
block() { cat "$root/README.md" "$root"/docs/*.md | awk -v heading="\`\`\`$1" '$0 == heading { on = 1; next } on && /^```/ { exit } on'; }

failed=0
for name in $(cat "$root/README.md" "$root"/docs/*.md | sed -n 's/^```cpp \(.*\)\.cpp$/\1/p'); do
    block "cpp $name.cpp" >"$scratch/$name.cpp"
    block "text $name.txt" >"$scratch/$name.txt"
    # shellcheck disable=SC2086   # flags are words
    (cd "$scratch" && $compiler -std=c++20 -I"$root/include" "$name.cpp" -o "$name" "$library" -lboost_context $SANITIZER_FLAGS)
    (cd "$scratch" && "./$name" >printed)
    if diff -u "$scratch/$name.txt" "$scratch/printed"; then echo "$name: as it is written"; else failed=1; fi
done

block 'text demo.txt' >"$scratch/demo.txt"
lines=$(wc -l <"$scratch/demo.txt")
head -n "$lines" "$root/test/demo/two_tellers.txt" | diff -u "$scratch/demo.txt" - || failed=1

if [ "$lines" -eq 0 ] || ! [ -e "$scratch/lost" ] || ! [ -e "$scratch/found" ] || ! [ -e "$scratch/kept" ]; then
    echo "the blocks are not where they are looked for"
    failed=1
fi
exit "$failed"
