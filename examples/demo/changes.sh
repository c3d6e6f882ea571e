#!/usr/bin/env bash
# Makes changes-1.jsonl and changes-2.jsonl of the history of this repository: an object a line for each area of the source that a commit
# changed, with the lines that it added and deleted. COMMITS (400) are taken, from the first one on, the last 100 of them into the second file.
set -euo pipefail
cd "$(dirname "$0")"
commits=${COMMITS:-400}
TZ=UTC git log --reverse --first-parent --date=format-local:'%Y-%m-%d %H:%M:%S' --format='commit %h %cd' --numstat |
    awk -v commits="$commits" '
        function flush(area) {
            for (area in added)
                printf "{\"commit_id\":\"%s\",\"at\":\"%s\",\"area\":\"%s\",\"added\":%d,\"deleted\":%d}\n", id, at, area, added[area], deleted[area] >file
            split("", added)
            split("", deleted)
        }
        $1 == "commit" {
            flush()
            if (++n > commits)
                exit
            id = substr($2, 1, 7)
            at = $3 " " $4
            file = n > commits - 100 ? "changes-2.jsonl" : "changes-1.jsonl"
        }
        NF == 3 && $1 != "commit" && $1 != "-" {
            area = $3 ~ /\// ? $3 : "top"
            sub(/\/.*/, "", area)
            sub(/^{/, "", area)
            added[area] += $1
            deleted[area] += $2
        }
        END { flush() }'
