#!/bin/sh
# Checks what a script can check of the house's style. Prints `file:line: why` and the line, for each that breaks a rule.
#
#   house.sh <source root>
#
# shellcheck disable=SC2046,SC2086   # lists of files are split into words on purpose
#
# Words that the rules ban are written here with a bracket in them, so that this file does not break them itself.
set -eu
cd "$1"
export LC_ALL=C

code=$(find lib include test bench -name '*.[ch]pp' | sort)
library=$(printf '%s\n' "$code" | grep -E '^(lib|include)/' || true)
headers=$(printf '%s\n' "$library" | grep '\.hpp$' || true)
all_text=$(find . \( -name .git -o -path ./build -o -path ./subprojects -o -path ./.cache \) -prune -o -type f -print |
    sed 's,^\./,,' | sort)

# Prints the complaint for each `file:line:text` on its input.
complain() {
    sed -E "s|^([^:]*):([0-9]*):[[:space:]]*(.*)|\1:\2: $1\n        \3|"
}

# ban <why> <pattern> <files to skip, as a pattern> <files...>: no line of code matches; what a comment says is free.
ban() {
    why=$1 pattern=$2 but=$3
    shift 3
    WHY=$why PATTERN=$pattern BUT=$but awk '
        FNR == 1 { skipped = FILENAME ~ ENVIRON["BUT"] }
        skipped { next }
        {
            line = $0
            sub(/\/\/.*/, "")
            if ($0 ~ ENVIRON["PATTERN"]) print FILENAME ":" FNR ": " ENVIRON["WHY"] "\n        " line
        }
    ' "$@" /dev/null
}

who_includes_what() {
    include='^[[:space:]]*#[[:space:]]*include[[:space:]]*'
    ban 'only lib/fiber/ includes Boost.Context, only boost_test.hpp includes Boost.Test, and nobody any other Boost' \
        "$include<boost/" '^lib/fiber/|/boost_test\.hpp$|/detail/boost_test_[a-z]*\.hpp$' $library
    ban 'only lib/fiber/ includes Boost.Context' "$include<boost/context" '^(lib|include|bench)/' $code
    ban 'only sqlite.hpp includes SQLite' "$include<sqlite3" '/sqlite\.hpp$|/detail/sqlite_[a-z]*\.hpp$' $library
    ban 'a public header includes public headers only, as <cppvaldi/...>' "$include\"" '^lib/' $library
}

# Includes point downwards: see `floors`.
downwards() {
    awk '
        function floor_of(path,    entry, best) {
            best = ""
            for (entry in level)
                if (index(path, entry) == 1 && length(entry) > length(best)) best = entry
            return best == "" ? 0 : level[best]
        }
        FILENAME ~ /house\/floors$/ {
            if ($0 ~ /^#/ || NF == 0) next
            if ($1 != name[levels]) name[++levels] = $1
            for (field = 2; field <= NF; ++field) level[$field] = levels
            next
        }
        FNR == 1 {
            mine = floor_of(FILENAME)
            if (mine == 0) print FILENAME ":1: is on no floor: add it to test/house/floors"
        }
        /^[ \t]*#[ \t]*include/ && mine > 0 {
            split($0, part, /[<">]/)
            path = part[2]
            theirs = floor_of(path ~ /^cppvaldi\// ? "include/" path : "lib/" path)
            if (theirs > mine)
                print FILENAME ":" FNR ": includes point downwards: " name[mine] " includes " name[theirs] "\n        " $0
        }
    ' test/house/floors $library
}

# too_long <limit> <what> <files...>
too_long() {
    limit=$1 what=$2
    shift 2
    for file; do
        lines=$(wc -l <"$file")
        if [ "$lines" -gt "$limit" ]; then printf '%s:%s: %s stays under %s lines\n' "$file" "$lines" "$what" "$limit"; fi
    done
}

sizes() {
    {
        too_long 200 'a public header' $(printf '%s\n' $headers | grep '^include/' || true)
        too_long 500 'a source' $code
    }
}

determinism() {
    tested=$(printf '%s\n' "$code" | grep -v '^bench/' || true)
    {
        ban 'differs from run to run' '[r]andom_device|[^_[:alnum:]]s?[r]and\(' '^(lib|test)/intercept/' $tested
        ban 'differs between standard libraries' '[u]niform_(int|real)_distribution|std::[s]huffle|[r]andom_shuffle' '^$' $tested
        ban 'the real clock is read for the time limit only (lib/explore/time_limit.cpp)' \
            'std::(chrono::)?(system|steady|high_resolution)_clock::now|clock_[g]ettime|gettime[o]fday' \
            '^(lib/explore/time_limit\.cpp$|lib/intercept/|test/)' $tested
        ban 'no test sleeps' 'std::this_thread::[s]leep|[u]sleep\(|[n]anosleep\(' '^(lib|test)/intercept/' $tested
        ban 'no pointer is printed or hashed' '"[^"]*%[p]|std::[h]ash<[^>]*\*' '^$' $tested
        ban 'thread-locals are the current execution, a thread'\''s signal stack and its spare sessions' 'thread_local' \
            '^(lib/kernel/execution\.cpp|lib/fiber/stack_guard\.cpp|lib/runner/session\.cpp|include/cppvaldi/detail/current\.hpp)$' $library
        ban 'no floating point in a strategy' '(^|[^_[:alnum:]])(float|double)([^_[:alnum:]]|$)' '^(include|bench|test)/|^lib/[^s]' $library
        ban 'the environment is read in explore/environment.cpp, and in reading/colours.cpp for how things look' '[^_[:alnum:]](secure_)?[g]etenv\(' \
            '^(lib/explore/environment\.cpp$|lib/reading/colours\.cpp$|test/)' $tested
    }
}

layout() {
    for header in $(printf '%s\n' "$code" | grep '\.hpp$' || true); do
        first=$(grep -nvE '^[[:space:]]*(//.*)?$' "$header" | head -n 1)
        case $first in
            *:"#pragma once") ;;
            *) printf '%s:%s: a header begins with #pragma once\n' "$header" "${first%%:*}" ;;
        esac
    done
    for source in $(printf '%s\n' "$library" | grep '\.cpp$' || true); do
        own=${source#lib/} public=cppvaldi/$(basename "$source" .cpp).hpp
        own=${own%.cpp}.hpp
        first=$(grep -nE '^#include' "$source" | head -n 1)
        if [ -e "lib/$own" ]; then wanted=$own; elif [ -e "include/$public" ]; then wanted=$public; else continue; fi
        case $first in
            *[\<\"]"$wanted"[\>\"]*) ;;
            *) printf '%s:%s: a source includes its own header first: %s\n' "$source" "${first%%:*}" "$wanted" ;;
        esac
    done
}

left_behind() {
    {
        grep -nE '[F]IXME|[X]XX|^[[:space:]]*#[[:space:]]*if 0' $all_text | complain 'nothing is left for later on main'
        grep -nE '(^|[^[:alnum:]_.~-])/([t]mp|[h]ome|[r]oot|[w]ork)/' $all_text | complain 'a path of somebody'\''s machine'
        grep -nE '[[:space:]]$' $(printf '%s\n' $all_text | grep -v '/golden/') | complain 'white space at the end of a line'
    } || true
}

# Every header, source, test and benchmark is named in a meson.build.
listed() {
    for file in $headers; do
        folder=${file%%/*}
        grep -qF "'${file#*/}'" "$folder/meson.build" || printf '%s:1: is not listed in %s\n' "$file" "$folder/meson.build"
    done
    for file in $(printf '%s\n' "$code" | grep '^lib/.*\.cpp$' || true); do
        grep -qF "'${file#lib/}'" lib/meson.build || printf '%s:1: is not listed in lib/meson.build\n' "$file"
    done
    for file in $(printf '%s\n' "$code" | grep -E '^(test|bench)/.*\.cpp$' || true); do
        folder=${file%%/*}
        find "$folder" -name meson.build -exec grep -qE "(^|['/])$(basename "$file" .cpp)(\.cpp)?'" {} \; -print | grep -q . ||
            printf '%s:1: is not listed in a meson.build of %s/\n' "$file" "$folder"
    done
}

complaints=$(who_includes_what && downwards && sizes && determinism && layout && left_behind && listed)
if [ -n "$complaints" ]; then
    printf '%s\n' "$complaints"
    exit 1
fi
