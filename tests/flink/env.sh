# shellcheck shell=bash
# Sourced: finds real Flink by Maven, compiles our Java against it, runs it.
# Everything that it makes lies under build/ and is kept there.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# flink_resolve DIR POM [MAVEN-OPTION...]: DIR/classpath = the jars that POM names
flink_resolve() {
    local dir=$1 pom=$2
    shift 2
    [ -s "$dir/classpath" ] && return
    mkdir -p "$dir"
    dir=$(cd "$dir" && pwd)
    flock "$root/build" mvn -q -B -f "$pom" "$@" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath \
        -Dmdep.outputFile="$dir/classpath.new"
    mv "$dir/classpath.new" "$dir/classpath"
}

# flink_compile DIR SOURCE-DIR...: DIR/classes = the sources, unless nothing changed since
flink_compile() {
    local dir=$1 sources
    shift
    mapfile -t sources < <(find "$@" -name '*.java' | sort)
    if [ -f "$dir/classes/.done" ] && [ -z "$(find "${sources[@]}" -newer "$dir/classes/.done")" ]; then
        return
    fi
    rm -rf "$dir/classes"
    mkdir -p "$dir/classes"
    javac -nowarn -proc:none -Xlint:none -XDsuppressNotes -encoding UTF-8 -d "$dir/classes" -cp "$(cat "$dir/classpath")" "${sources[@]}"
    touch "$dir/classes/.done"
}

# flink_tmp: the script gets a place of its own for what lasts no longer than it does, so that two may run side by side
flink_tmp() {
    TMPDIR=$(mktemp -d)
    export TMPDIR
    trap 'rm -rf "$TMPDIR"' EXIT
}

# flink_java DIR JAVA-ARGUMENT...: sets the array flink_java to the command line
flink_java() {
    local dir=$1 package
    shift
    flink_java=(java)
    for package in lang lang.invoke lang.reflect io net nio math text time util util.concurrent util.concurrent.atomic; do
        flink_java+=("--add-opens=java.base/java.$package=ALL-UNNAMED")
    done
    flink_java+=("--add-opens=java.sql/java.sql=ALL-UNNAMED" -cp "$dir/classes:$(cat "$dir/classpath")" ${TMPDIR:+"-Djava.io.tmpdir=$TMPDIR"} "$@")
}

# flink_golden VERSION: resolves that Flink and compiles the makers of snapshots for it, into $root/build/flink/VERSION
flink_golden() {
    local version=$1 avro=$1 dstl=$1 shim=flink1 dir=$root/build/flink/$1
    # the nearest that Maven's repository serves
    case $version in
    1.15.4) avro=1.15.3 dstl=1.15.2 ;;
    1.20.[45]) avro=1.20.3 ;;
    2.0.[12]) avro=2.0.0 ;;
    2.1.[23]) avro=2.1.1 ;;
    2.*) ;;
    esac
    case $version in
    2.*) shim=flink2 ;;
    esac
    flink_resolve "$dir" "$root/tests/flink/pom.xml" \
        "-Dflink.version=$version" "-Dflink.avro.version=$avro" "-Dflink.dstl.version=$dstl"
    flink_compile "$dir" "$root/tests/flink/src" "$root/tests/flink/$shim"
}
