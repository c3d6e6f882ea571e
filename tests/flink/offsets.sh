#!/usr/bin/env bash
# SET OFFSETS: a job that reads files and has splits of Kafka goes on from where weir has set it:
#   tests/flink/offsets.sh [VERSION...]
# WEIR is the program (default build/weir).
set -euo pipefail
# shellcheck source=tests/flink/env.sh
. "$(dirname "$0")/env.sh"
flink_tmp
weir=${WEIR:-$root/build/weir}
[ $# -gt 0 ] || set -- 1.20.5 2.3.0
failed=0

# copy NAME SCRIPT: what weir makes of the savepoint
copy() {
    printf 'weir migration 1\n%s\n' "$2" >"$out/$1.weir"
    "$weir" migrate -q "$out/before" "$out/$1.weir" --output "$out/copies/$1"
}

# expect NAME: the lines on standard input are what the job has read, in any order
expect() {
    # one version of the connector has quotation marks around names
    if sort | diff - <(tr -d "'" <"$out/copies/$1.lines" | sort); then
        good=$((good + 1))
    else
        echo "FAIL $version $1"
        failed=1
    fi
}

# lines NAME N: of a file, without the first N
lines() { tail -n +$(($2 + 1)) "$out/in/$1.txt"; }

held() {
    echo "[Partition: orders-0, StartingOffset: $1, StoppingOffset: -9223372036854775808]"
    echo "[Partition: orders-1, StartingOffset: $2, StoppingOffset: -9223372036854775808]"
    echo "[Partition: bills-0, StartingOffset: $3, StoppingOffset: -9223372036854775808]"
    echo "DynamicKafkaSourceSplit{kafkaClusterId=east, kafkaPartitionSplit=[Partition: orders-0, StartingOffset: $4, StoppingOffset: -9223372036854775808]}"
    echo "DynamicKafkaSourceSplit{kafkaClusterId=west, kafkaPartitionSplit=[Partition: orders-1, StartingOffset: $5, StoppingOffset: -9223372036854775808]}"
}

for version; do
    dir=$root/build/flink/sources/$version out=$root/build/flink/sources/$version/out kafka=3.4.0-1.20 good=0
    case $version in
    2.*) kafka=4.0.1-2.0 ;;
    esac
    flink_resolve "$dir" "$root/tests/flink/sources/pom.xml" "-Dflink.version=$version" "-Dflink.kafka.version=$kafka"
    flink_compile "$dir" "$root/tests/flink/sources/src"
    rm -rf "$out"
    mkdir -p "$out/in" "$out/copies"
    for name in a b c; do
        seq -f "$name %g" 200 >"$out/in/$name.txt"
    done
    flink_java "$dir" -Xmx800m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 sources.Sources
    "${flink_java[@]}" make "$out"
    # one file is being read, the others wait with the coordinator: which is which is Flink's affair
    copy records "SET OFFSETS OF files FILE 'a.txt' TO RECORD 10; SET OFFSETS OF files FILE 'in/b.txt' TO RECORD 150;
                  SET OFFSETS OF files FILE 'c.txt' TO RECORD 0; SET OFFSETS OF kafka TOPIC orders TO 100;
                  SET OFFSETS OF kafka TOPIC orders PARTITION 1 TO 101; SET OFFSETS OF clusters TO 0;"
    copy bytes "SET OFFSETS OF files TO $(head -n 120 "$out/in/a.txt" | wc -c); SET OFFSETS OF kafka TO 9223372036854775807;
                SET OFFSETS OF clusters TOPIC orders PARTITION 1 TO 3;"
    copy moved "SET PARALLELISM 1; SET OFFSETS OF files TO RECORD 199; SET OFFSETS OF files FILE 'c.txt' TO RECORD 200;"
    "${flink_java[@]}" read "$out"
    expect records < <(lines a 10 && lines b 150 && lines c 0 && held 100 101 7 0 0)
    expect bytes < <(lines a 120 && lines b 120 && lines c 120 && held 9223372036854775807 9223372036854775807 9223372036854775807 8 3)
    expect moved < <(lines a 199 && lines b 199 && held 5 6 7 8 9)
    echo "$version: $good of 3 jobs read on from the offsets that were set"
done
exit "$failed"
