#!/usr/bin/env bash
# Fetches Flink's own test jars and unpacks the snapshots they hold.
#
#   fetch.sh DIRECTORY
#
# jars.txt names the jars. DIRECTORY/jars keeps what was fetched, and
# DIRECTORY/tree/<artifact>-<version>/ what is worth reading in each; a jar that is
# there already is left alone, so a second run does nothing and needs no network.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: fetch.sh DIRECTORY}
mkdir -p "$out/jars" "$out/tree"
out=$(cd "$out" && pwd)

for tool in mvn unzip; do
    command -v "$tool" >/dev/null || {
        echo "fetch.sh: needs $tool (Debian: apt-get install maven unzip)" >&2
        exit 2
    }
done

jar_of() { printf '%s/jars/%s-%s-tests.jar' "$out" "$1" "$2"; }

# One Maven run for all that is missing: starting it costs more than a jar.
pom=$out/pom.xml
missing=0
{
    cat <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>weir</groupId>
  <artifactId>conformance</artifactId>
  <version>0</version>
  <packaging>pom</packaging>
  <build><plugins><plugin>
    <groupId>org.apache.maven.plugins</groupId>
    <artifactId>maven-dependency-plugin</artifactId>
    <configuration><artifactItems>
XML
    while read -r artifact version _; do
        case $artifact in '' | '#'*) continue ;; esac
        [ -s "$(jar_of "$artifact" "$version")" ] && continue
        missing=$((missing + 1))
        printf '      <artifactItem><groupId>org.apache.flink</groupId><artifactId>%s</artifactId>' "$artifact"
        printf '<version>%s</version><classifier>tests</classifier></artifactItem>\n' "$version"
    done <"$here/jars.txt"
    cat <<'XML'
    </artifactItems></configuration>
  </plugin></plugins></build>
</project>
XML
} >"$pom"

if [ "$missing" -gt 0 ]; then
    echo "fetching $missing jars" >&2
    mvn -B -q -f "$pom" dependency:copy -DoutputDirectory="$out/jars" >&2
fi

# Classes, sources and logging set-ups hold no state; all else is kept, so that the
# driver sees whatever new shape a later Flink puts there.
while read -r artifact version _; do
    case $artifact in '' | '#'*) continue ;; esac
    jar=$(jar_of "$artifact" "$version")
    tree=$out/tree/$artifact-$version
    [ -d "$tree" ] && [ ! "$jar" -nt "$tree" ] && continue
    rm -rf "$tree" "$tree.part"
    mkdir "$tree.part"
    unzip -q -o "$jar" -d "$tree.part" -x '*.class' 'META-INF/*' || {
        echo "fetch.sh: cannot unpack $jar" >&2
        exit 2
    }
    find "$tree.part" -type f \( -name '*.xml' -o -name '*.java' -o -name '*.scala' -o -name '*.properties' -o -name '*.out' \) -delete
    find "$tree.part" -type d -empty -delete
    mkdir -p "$tree.part"
    mv "$tree.part" "$tree"
    touch "$tree"
done <"$here/jars.txt"
