#!/usr/bin/env bash
# A real Flink session cluster on this machine's loopback, from the Python package apache-flink-libraries, for weir to be judged by:
#
#   cluster.sh up VERSION [KEY=VALUE...]   starts a JobManager and CLUSTER_TMS (2) task managers, prints the REST address
#   cluster.sh sql FILE...                 runs each file as one job; prints "ID NAME" of each
#   cluster.sh kill jobmanager             as the kernel kills; and starts it again, at the same address
#   cluster.sh start jobmanager
#   cluster.sh gateway                     starts a SQL gateway beside it, prints its address (1.16 on; its jars come from Maven)
#   cluster.sh down                        stops them; logs stay
#   cluster.sh fetch VERSION               only downloads
#
# Needs a JDK (17), python3 with pip and curl. All that it makes lies below build/cluster; CLUSTER names the run below that (run),
# so that two can stand side by side. No process lives longer than CLUSTER_LIFE seconds (3600).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
base=$(cd "$here/../.." && pwd)/build/cluster
run=$base/${CLUSTER:-run}
slots=${CLUSTER_SLOTS:-8}

die() {
    echo "cluster.sh: $*" >&2
    exit 1
}

# fetch VERSION: $base/dist/VERSION has lib and plugins of that Flink
fetch() {
    local version=$1 dist=$base/dist/$1 new file
    [ ! -d "$dist/lib" ] || return 0
    mkdir -p "$base/download" "$base/dist"
    file=$(find "$base/download" -name "apache[-_]flink[-_]libraries-${version}[.-]*" -print -quit)
    if [ -z "$file" ]; then
        # of a source package pip wants to know too much after it has it, so what counts is the file
        timeout 900 python3 -m pip download -q --no-deps -d "$base/download" "apache-flink-libraries==$version" >&2 || true
        file=$(find "$base/download" -name "apache[-_]flink[-_]libraries-${version}[.-]*" -print -quit)
        [ -n "$file" ] || die "pip gives no apache-flink-libraries $version"
    fi
    new=$(mktemp -d "$base/dist/.new.XXXXXX")
    case $file in
    *.whl) python3 -m zipfile -e "$file" "$new" ;;
    *) tar xzf "$file" -C "$new" --strip-components=1 ;;
    esac
    mv -T "$(find "$new" -maxdepth 2 -name lib -printf '%h\n' -quit)" "$dist"
    rm -rf "$new"
}

jars() { # VERSION: as a class path, with what is ours
    local jar path=$run/classes
    for jar in "$base/dist/$1"/lib/*.jar "$base/gateway/$1"/*.jar; do
        [ -e "$jar" ] || continue
        path+=:$jar
    done
    echo "$path"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# The options of Java that Flink's own scripts pass, so that releases before 1.18 run on 17 as well.
java_options() {
    local p
    options=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto)
    for p in lang lang.invoke lang.reflect io net nio math text time util util.concurrent util.concurrent.atomic \
        util.concurrent.locks util.regex; do
        options+=("--add-opens=java.base/java.$p=ALL-UNNAMED")
    done
    for p in java.base/sun.net.util java.base/sun.security.util java.management/sun.management java.rmi/sun.rmi.registry \
        java.security.jgss/sun.security.krb5 jdk.compiler/com.sun.tools.javac.api jdk.compiler/com.sun.tools.javac.util; do
        options+=("--add-exports=$p=ALL-UNNAMED")
    done
    options+=("--add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
}

# configure VERSION KEY=VALUE...: what stands in the configuration; the last of a key wins
configure() {
    local version=$1 file=$run/conf/config.yaml pair
    case $version in
    1.1[0-8].*) file=$run/conf/flink-conf.yaml ;;
    esac
    shift
    local -A conf=(
        [jobmanager.rpc.address]=127.0.0.1
        [jobmanager.rpc.port]=$(free_port)
        [jobmanager.bind-host]=127.0.0.1
        [rest.address]=127.0.0.1
        [rest.bind-address]=127.0.0.1
        [rest.port]=$(free_port)
        [rest.flamegraph.enabled]=true
        [rest.profiling.enabled]=true
        [taskmanager.host]=127.0.0.1
        [taskmanager.bind-host]=127.0.0.1
        [taskmanager.numberOfTaskSlots]=$slots
        [web.refresh-interval]=1000
        [web.checkpoints.history]=20
        [metrics.fetcher.update-interval]=1000
        [heartbeat.interval]=2000
        [heartbeat.timeout]=30000
        [slot.request.timeout]=3600000
        [io.tmp.dirs]=$run/tmp
        [web.tmpdir]=$run/tmp
        [state.checkpoints.dir]=file://$run/checkpoints
        [execution.checkpointing.dir]=file://$run/checkpoints
        [state.savepoints.dir]=file://$run/savepoints
        [execution.checkpointing.savepoint-dir]=file://$run/savepoints
        [s3.secret-key]=not-to-be-seen
    )
    for pair; do
        conf[${pair%%=*}]=${pair#*=}
    done
    conf[rest.bind-port]=${conf[rest.port]}
    for pair in "${!conf[@]}"; do
        printf '%s: %s\n' "$pair" "${conf[$pair]}"
    done | sort >"$file"
    printf 'VERSION=%q\nPORT=%q\n' "$version" "${conf[rest.port]}" >"$run/env"
    cat >"$run/conf/log4j.properties" <<'CONF'
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
appender.file.name = File
appender.file.type = File
appender.file.fileName = ${sys:log.file}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n
CONF
    sed 's/INFO/WARN/; s/fileName = .*/target = SYSTEM_ERR/; s/type = File/type = Console/' \
        "$run/conf/log4j.properties" >"$run/conf/log4j-client.properties"
}

# run NAME MAIN JAVA-OPTION... -- ARGUMENT...: one process of the cluster, in a group of its own
run() {
    local name=$1 main=$2 own=()
    shift 2
    while [ "$1" != -- ]; do
        own+=("$1")
        shift
    done
    shift
    FLINK_CONF_DIR=${conf_dir:-$run/conf} FLINK_PLUGINS_DIR=$base/dist/$VERSION/plugins MALLOC_ARENA_MAX=2 \
        setsid timeout -k 10 "${CLUSTER_LIFE:-3600}" java "${options[@]}" "${own[@]}" -Dlog.file="$run/log/$name.log" \
        -Dlog4j.configurationFile="file:$run/conf/log4j.properties" -cp "$(jars "$VERSION")" "$main" \
        "$@" >"$run/log/$name.out" 2>&1 </dev/null &
    echo $! >"$run/pids/$name"
    # a moment it is still this shell
    while kill -0 $! 2>/dev/null && ! running "$run/pids/$name"; do
        sleep 0.05
    done
}

start_jobmanager() {
    # shellcheck source=/dev/null
    . "$run/env"
    run jobmanager org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint \
        -Xmx320m -XX:MaxMetaspaceSize=224m -XX:MaxDirectMemorySize=128m -- --configDir "$run/conf" --executionMode cluster
}

start() {
    [ "${1:-}" = jobmanager ] || die "start: only jobmanager"
    start_jobmanager
}

kill_one() { # NAME
    if ! [ -e "$run/pids/$1" ] || ! running "$run/pids/$1"; then die "there is no $1 in $run"; fi
    kill -KILL -- "-$(cat "$run/pids/$1")"
    rm -f "$run/pids/$1"
}

running() { # PIDFILE: is it that process still, and not another with its number?
    tr '\0' ' ' 2>/dev/null <"/proc/$(cat "$1")/cmdline" | grep -qF -- "$run/conf"
}

up() {
    [ $# -gt 0 ] || die "up: which version?"
    VERSION=$1
    shift
    local tms=${CLUSTER_TMS:-2} i seen=0
    for i in "$run"/pids/*; do
        if [ -e "$i" ] && running "$i"; then die "there is one already in $run"; fi
    done
    fetch "$VERSION"
    rm -rf "$run"
    mkdir -p "$run"/{conf,log,tmp,checkpoints,savepoints,pids,classes}
    javac -nowarn -Xlint:none -XDsuppressNotes -d "$run/classes" -cp "$(jars "$VERSION")" "$here"/*.java
    configure "$VERSION" "$@"
    trap down EXIT # unless it comes up
    start_jobmanager
    for ((i = 1; i <= tms; i++)); do
        # what Flink's scripts compute from taskmanager.memory.process.size
        run "taskmanager-$i" org.apache.flink.runtime.taskexecutor.TaskManagerRunner \
            -Xmx320m -XX:MaxMetaspaceSize=192m -XX:MaxDirectMemorySize=192m -- \
            --configDir "$run/conf" -D taskmanager.cpu.cores="$slots.0" -D taskmanager.resource-id="tm-$i:weir" \
            -D taskmanager.memory.framework.heap.size=96m -D taskmanager.memory.task.heap.size=224m \
            -D taskmanager.memory.framework.off-heap.size=64m -D taskmanager.memory.task.off-heap.size=0m \
            -D taskmanager.memory.network.min=96m -D taskmanager.memory.network.max=96m \
            -D taskmanager.memory.managed.size=128m -D taskmanager.memory.jvm-metaspace.size=192m \
            -D taskmanager.memory.jvm-overhead.min=96m -D taskmanager.memory.jvm-overhead.max=96m
    done
    for ((i = 0; i < 600; i++)); do
        running "$run/pids/jobmanager" || break
        # shellcheck disable=SC2153 # of the cluster that runs
        seen=$(curl -sf -m 5 "http://127.0.0.1:$PORT/overview" | sed -n 's/.*"taskmanagers":\([0-9]*\).*/\1/p') || true
        [ "${seen:-0}" -lt "$tms" ] || break
        sleep 0.2
    done
    if [ "${seen:-0}" -lt "$tms" ]; then
        tail -n 5 "$run"/log/* >&2
        die "Flink $VERSION did not come up"
    fi
    trap - EXIT
    echo "http://127.0.0.1:$PORT"
}

sql() {
    [ -e "$run/env" ] || die "no cluster in $run"
    # shellcheck source=/dev/null
    . "$run/env"
    FLINK_CONF_DIR=$run/conf timeout 300 java "${options[@]}" -Xmx384m -Djava.io.tmpdir="$run/tmp" \
        -Dlog4j.configurationFile="file:$run/conf/log4j-client.properties" -cp "$(jars "$VERSION")" RunSql "$PORT" "$@"
}

# The package has no gateway.
gateway() {
    local jar file port conf_dir=$run/gateway i
    [ -e "$run/env" ] || die "no cluster in $run"
    # shellcheck source=/dev/null
    . "$run/env"
    mkdir -p "$conf_dir" "$base/gateway/$VERSION"
    for jar in flink-sql-gateway flink-sql-gateway-api; do
        [ -e "$base/gateway/$VERSION/$jar-$VERSION.jar" ] ||
            mvn -q -B -Dstyle.color=never org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dartifact="org.apache.flink:$jar:$VERSION" \
                -DoutputDirectory="$base/gateway/$VERSION" >&2 || die "Maven gives no $jar $VERSION"
    done
    port=$(free_port)
    for file in "$run"/conf/*.yaml; do
        {
            grep -v '^rest.bind-port' "$file"
            for jar in address bind-address; do
                echo "sql-gateway.endpoint.rest.$jar: 127.0.0.1"
            done
            printf 'sql-gateway.endpoint.rest.port: %s\nsql-gateway.endpoint.rest.bind-port: "%s"\nexecution.target: remote\n' "$port" "$port"
        } >"$conf_dir/${file##*/}"
    done
    run gateway org.apache.flink.table.gateway.SqlGateway -Xmx256m --
    for ((i = 0; i < 600; i++)); do
        running "$run/pids/gateway" || break
        if curl -sf -m 5 "http://127.0.0.1:$port/v1/info" >/dev/null; then
            echo "http://127.0.0.1:$port"
            return
        fi
        sleep 0.2
    done
    tail -n 5 "$run"/log/gateway.* >&2
    die "the gateway of Flink $VERSION did not come up"
}

down() {
    local pid i left=1
    for ((i = 0; i < 100 && left; i++)); do
        left=
        for pid in "$run"/pids/*; do
            [ -e "$pid" ] || continue
            if ! running "$pid"; then
                rm -f "$pid"
                continue
            fi
            left=1
            case $i in
            0) kill -TERM -- "-$(cat "$pid")" 2>/dev/null || true ;;
            50) kill -KILL -- "-$(cat "$pid")" 2>/dev/null || true ;;
            esac
        done
        [ -z "$left" ] || sleep 0.2
    done
    rm -rf "$run/tmp"
}

java_options
case ${1:-} in
up | sql | start | gateway | fetch | down) "$@" ;;
kill) kill_one "${2:?which?}" ;;
*) die "up VERSION [KEY=VALUE...] | sql FILE... | kill NAME | start jobmanager | gateway | down | fetch VERSION" ;;
esac
