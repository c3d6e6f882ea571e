#!/usr/bin/env bash
# What kill.py kills, as a program that copies: migrate.sh SNAPSHOT TARGET. WEIR is the program. Every key goes to another key group, and
# values become others.
set -euo pipefail
exec "$WEIR" migrate -q "$1" "$(dirname "$0")/migrate.weir" --output "$2"
