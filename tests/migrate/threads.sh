#!/usr/bin/env bash
# Migrations by several threads, which must give what one gives: threads.sh WEIR SNAPSHOT...
set -euo pipefail
weir=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# script NAME STATEMENTS
script() { printf 'weir migration 1\n%s\n' "$2" >"$work/$1.weir"; }

script canonical 'SET FORMAT CANONICAL; SET PARALLELISM 4;'
script groups 'SET MAX PARALLELISM 1000; SET PARALLELISM 7; SET COMPRESSION ON; SET FORMAT CANONICAL;'
script heap 'SET FORMAT HASHMAP; SET PARALLELISM 3;'
script database 'SET FORMAT ROCKSDB; SET MAX PARALLELISM 300;'
script rows "UPDATE 'states-by-long'.'value-string' SET value = SHA256(value); DELETE FROM 'states-by-long'.'list-long' WHERE value < 0;
  ALTER STATE 'states-by-long'.'ttl-MAP' DROP TTL; ALTER STATE 'states-by-string'.'value-string' CONVERT TO LIST; SET PARALLELISM 4;"
for snapshot; do
    for name in canonical groups heap database rows; do
        # rows of states that only one of the jobs has
        if [ "$name" = rows ] && [[ $snapshot != *basic* ]]; then
            continue
        fi
        "$weir" migrate -q -j 1 "$snapshot" "$work/$name.weir" --output "$work/one"
        "$weir" migrate -q -j 4 "$snapshot" "$work/$name.weir" --output "$work/many"
        "$weir" diff -q --data -j 4 "$work/one" "$work/many" >"$work/said" || { echo "FAIL $snapshot $name" && cat "$work/said" && exit 1; }
        "$weir" migrate -q -j 4 -n "$work/many" "$work/canonical.weir"
        rm -rf "$work/one" "$work/many"
    done
done
