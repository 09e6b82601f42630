#!/bin/sh
# Programs of the distribution that use threads do what they do without this library: byte for byte.
#
#   compressors.sh <cppvaldi> <libcppvaldi-preload.so> <file>
set -eu
command=$1 preloaded=$2 file=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tested=0

# same <compress> <expand>: commands that write to standard output, the second one from standard input.
same() {
    command -v "${1%% *}" >/dev/null || return 0
    # shellcheck disable=SC2086   # words of a command
    {
        $1 "$file" >"$scratch/wanted"
        env LD_PRELOAD="$preloaded" $1 "$file" >"$scratch/preloaded"
        cmp "$scratch/wanted" "$scratch/preloaded"
        env LD_PRELOAD="$preloaded" $2 <"$scratch/preloaded" | cmp "$file" -
        "$command" run --strategy pct --executions 3 $1 "$file" >"$scratch/explored"
        cmp "$scratch/wanted" "$scratch/explored"
    }
    tested=$((tested + 1))
}

same 'pigz -n -p 4 -b 128 -c' 'pigz -d -c'
same 'pbzip2 -p4 -b1 -c' 'pbzip2 -d -c'
[ "$tested" -gt 0 ] || exit 77
