#!/usr/bin/env bash
# What changes from run to run in what weir says of a job, replaced: times, spans, shares, memory, the address.
set -euo pipefail
exec sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/TIME/g; s/[0-9.:]+ (ms|s|min|h)( ago)?\b/SPAN/g; s/[0-9]+%/N%/g; s/[▓░█]+/BAR/g; s|[0-9.,]+k?/s|N/s|g; s| wm lag [0-9a-z]+ | wm lag N |g
    s/[0-9.]+ ([KMG]i)?B/SIZE/g; s/127\.0\.0\.1:[0-9]+/HOST/g; s/  +/  /g; s/ +$//'
