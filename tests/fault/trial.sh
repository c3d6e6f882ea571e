#!/usr/bin/env bash
# A trial (weir migrate --dry-run) writes nothing, not even a temporary directory: trial.sh WEIR SNAPSHOT...
# There is no place for temporary files, and strace, where there is one, sees no file made, written or removed.
set -euo pipefail
weir=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work/none
calls=trace=openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,symlink,symlinkat,truncate,ftruncate,fallocate,chmod,fchmod,write,writev,pwrite64,pwritev

traced=(strace -f -qq -o "$work/calls" -e "$calls")
if ! "${traced[@]}" true 2>"$work/why"; then
    echo "trial.sh: not looked at by strace: $(tail -1 "$work/why")"
    traced=()
fi

n=0
# try SNAPSHOT NAME STATEMENTS
try() {
    printf 'weir migration 1\n%s\n' "$3" >"$work/$2.weir"
    "${traced[@]}" "$weir" migrate -q -j 2 --dry-run "$1" "$work/$2.weir" || { echo "FAIL $1 $2: the trial fails" && exit 1; }
    # reports go to 1 and 2; what is not there stays so
    if [ "${#traced[@]}" -gt 0 ] && grep -vE ' = -1 | resumed>|O_RDONLY|write(v)?\([12],|^[0-9]+ +(\+\+\+|---)' "$work/calls"; then
        echo "FAIL $1 $2: the trial has written" && exit 1
    fi
    n=$((n + 1))
}

for snapshot; do
    before=$(find "$snapshot" -printf '%p %s %T@\n' | sort)
    for format in CANONICAL HASHMAP ROCKSDB; do
        try "$snapshot" "$format" "SET FORMAT $format; SET COMPRESSION ON;"
        try "$snapshot" "$format-groups" "SET FORMAT $format; SET MAX PARALLELISM 300; SET PARALLELISM 3;"
    done
    if [[ $snapshot = *basic* ]]; then
        try "$snapshot" rows "UPDATE 'states-by-long'.'value-string' SET value = SHA256(value);
            ALTER STATE 'states-by-string'.'ttl-MAP' DROP TTL; ALTER STATE 'states-by-long'.'list-long' ALTER VALUE TYPE STRING;"
    fi
    [ "$before" = "$(find "$snapshot" -printf '%p %s %T@\n' | sort)" ] || { echo "FAIL $snapshot is another" && exit 1; }
done
echo "$n trials, ${traced[0]:+looked at by strace, }nothing written"
