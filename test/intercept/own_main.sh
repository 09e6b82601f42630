#!/bin/sh
# The example of docs/your-code-unchanged.md that searches a program's own main: it is built as it is written there, and prints that.
#
#   own_main.sh <source root> <libcppvaldi-intercept.a> <compiler>...
set -eu
root=$1 library=$(cd "$(dirname "$2")" && pwd)
shift 2
command -v objcopy >/dev/null || { echo 'without objcopy, which is not here'; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# Prints the block with this heading.
block() { awk -v heading="\`\`\`$1" '$0 == heading { on = 1; next } on && /^```/ { exit } on' "$root/docs/your-code-unchanged.md"; }

block 'c counter.c' >counter.c
block 'c++ counter_test.cpp' >counter_test.cpp
block 'text counter_test.txt' >wanted
block 'sh own_main' >commands
[ -s counter.c ] && [ -s counter_test.cpp ] && [ -s wanted ] && [ -s commands ] || { echo 'the blocks are not there'; exit 1; }

c_plus_plus="$* -I$root/include -L$library"
sed -i "s|^c++|$c_plus_plus|" commands
sh -e commands
./counter_test >printed
diff -u wanted printed
