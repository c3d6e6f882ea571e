#!/usr/bin/env bash
# Reads s3:// from a real server on this machine, one that checks signatures, and compares with the local files.
#
#   run.sh PROBE WEIR TOOLS [SNAPSHOT...]
#
# TOOLS: a folder where the server is installed once. Of each SNAPSHOT (a directory), `weir dump` must print the same from both.
# Exit 77: no server could be had; why is said on stderr.
set -euo pipefail

probe=$(realpath "$1")
weir=$(realpath "$2")
mkdir -p "$3"
tools=$(realpath "$3")
snapshots=("${@:4}")
gateway=github.com/versity/versitygw/cmd/versitygw@v1.8.0

server=$(command -v versitygw || true)
[ -n "$server" ] || server=$tools/versitygw
if [ ! -x "$server" ]; then
    no_server() {
        echo "s3: skipped: no S3 server: $*" >&2
        exit 77
    }
    command -v curl >/dev/null || no_server "curl is not there to fill it"
    command -v go >/dev/null || no_server "go is not there to build versitygw"
    echo "s3: building versitygw" >&2
    GOBIN=$tools timeout 900 go install "$gateway" >"$tools/build.log" 2>&1 ||
        no_server "versitygw cannot be built: $(tail -1 "$tools/build.log")"
fi

work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT

# What is read: empty, small, more than one read-ahead, and a name with all that URLs find hard.
bucket=$work/served/bkt
odd='a+b&c=d ü;(1)*$@!,%41~[x]?#'
mkdir -p "$bucket/sp dir/sub" "$bucket/many"
: >"$bucket/sp dir/empty"
head -c 100 /dev/urandom >"$bucket/sp dir/small"
head -c 40000003 /dev/urandom >"$bucket/sp dir/big"
head -c 300000 /dev/urandom >"$bucket/sp dir/$odd"
echo x >"$bucket/sp dir/sub/x"
for i in "${!snapshots[@]}"; do
    mkdir -p "$bucket/snapshots/$i"
    cp -r "${snapshots[i]}/." "$bucket/snapshots/$i"
done
(cd "$bucket/many" && seq -f 'f%05g' 2500 | xargs touch) # three pages

for variable in $(compgen -e | grep -E '^(AWS_|.*_proxy$|.*_PROXY$)' || true); do
    unset "$variable"
done
export HOME=$work AWS_ACCESS_KEY_ID=weir-key AWS_SECRET_ACCESS_KEY=weir/secret+x
port=
for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 20000))
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done
export AWS_ENDPOINT_URL=http://127.0.0.1:$port
mkdir "$work/meta"
ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY timeout 300 \
    "$server" --port "127.0.0.1:$port" --keep-alive posix --sidecar "$work/meta" "$work/served" >"$work/log" 2>&1 &
pid=$!
for _ in $(seq 100); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    kill -0 "$pid" 2>/dev/null || {
        tail -5 "$work/log" >&2
        echo "s3: the server ended at once" >&2
        exit 1
    }
    sleep 0.1
done

passed=0 failed=0
is() { # is WHAT COMMAND...
    if "${@:2}"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "s3: $1: not so" >&2
    fi
}
same() { cmp <(timeout 60 "$probe" cat "$1" "${3:-0}") <(tail -c "+$((${3:-0} + 1))" "$2"); }
same_dump() {
    local status=0
    timeout 60 "$weir" dump "$1" >"$work/local" 2>&1 || status=$?
    says "$status" "" "$weir" dump "$2" && cmp "$work/local" "$work/out"
}
names() { cmp <(timeout 60 "$probe" list "$1") <(cd "$2" && LC_ALL=C ls -p); }
says() { # says STATUS WORDS COMMAND...
    local status=0
    timeout 60 "${@:3}" >"$work/out" 2>&1 || status=$?
    if [ "$status" -ne "$1" ] || ! grep -qF -- "$2" "$work/out"; then
        echo "status $status: $(cat "$work/out")" >&2
        return 1
    fi
}
with() { ( # with VARIABLE=VALUE COMMAND...
    export "${1?}"
    "${@:2}"
); }

# An object that came through the server has an ETag: its later ranges are asked for with If-Match.
head -c 30000000 /dev/urandom >"$work/put"
curl -sSf --aws-sigv4 aws:amz:us-east-1:s3 -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -T "$work/put" "$AWS_ENDPOINT_URL/bkt/put"

for name in empty small big "$odd"; do
    is "content of $name" same "s3://bkt/sp dir/$name" "$bucket/sp dir/$name"
done
is "content of an object that was put" same s3p://bkt/put "$work/put"
is "the end of a big object" same "s3a://bkt/sp dir/big" "$bucket/sp dir/big" 39999000
is "listing of a bucket" names s3://bkt "$bucket"
is "listing of a directory" names "s3://bkt/sp dir/" "$bucket/sp dir"
is "listing of three pages" names s3://bkt/many "$bucket/many"
is "a missing object" says 2 "there is no such object" "$probe" cat s3://bkt/none
is "a missing bucket" says 2 "there is no such bucket" "$probe" cat s3://no-such-bucket/none
is "a missing directory" says 2 "nothing below it" "$probe" list s3://bkt/none
is "a wrong secret" with AWS_SECRET_ACCESS_KEY=wrong says 4 "refuses access (SignatureDoesNotMatch" "$probe" cat s3://bkt/put
is "no credentials" with AWS_ACCESS_KEY_ID= says 4 "set AWS_ACCESS_KEY_ID" "$probe" cat s3://bkt/put
is "a token is sent" with AWS_SESSION_TOKEN=none says 4 "InvalidToken" "$probe" cat s3://bkt/put
is "a wrong region" with AWS_REGION=eu-north-1 says 4 "region" "$probe" cat s3://bkt/put
is "no server" with AWS_ENDPOINT_URL=http://127.0.0.1:1 says 4 "cannot be reached" "$probe" cat s3://bkt/put
for i in "${!snapshots[@]}"; do
    is "dump of ${snapshots[i]}" same_dump "$bucket/snapshots/$i" "s3://bkt/snapshots/$i"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
