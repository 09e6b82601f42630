#!/bin/sh
# The examples of docs/your-code-unchanged.md that stop at functions and that search a program's own main: they are built as it is written
# there, and print that.
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

block 'c++ save.cpp' >save.cpp
block 'text save.txt' >wanted_of_save
block 'sh functions' >commands_of_save
[ -s save.cpp ] && [ -s wanted_of_save ] && [ -s commands_of_save ] || { echo 'the blocks about functions are not there'; exit 1; }

c_plus_plus="$* -I$root/include -L$library"
sed -i "s|^c++|$c_plus_plus|" commands commands_of_save
case $("$@" --version) in
    *clang*) sed -i 's|-finstrument-functions|-O0 -finstrument-functions-after-inlining|' commands_of_save ;;
esac
sh -e commands_of_save
./save >printed_by_save
diff -u wanted_of_save printed_by_save
sh -e commands
./counter_test >printed
diff -u wanted printed
