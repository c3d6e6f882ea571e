#!/usr/bin/env bash
# Looks for what machines see better than people, and says how to mend it.
#
#   tidy.sh WEIR
set -euo pipefail

weir=$(realpath "$1")
cd "$(dirname "$0")/../.."
found=0
finding() {
    printf '%s\n' "$*"
    found=$((found + 1))
}

# 1. The direction of dependency (ARCHITECTURE.md): a room includes itself and the rooms behind its name.
declare -A below=(
    [base]='' [jar]='base' [live]='base' [savepoint]='base' [sql]='savepoint base' [inspect]='sql savepoint jar base'
    [migrate]='inspect sql savepoint base' [runtime]='sql savepoint base' [serve]='runtime live base' [tui]='live inspect base'
    [cli]='base jar live savepoint sql inspect migrate runtime serve tui'
)
for room in "${!below[@]}"; do
    [ -d "$room" ] || continue
    while IFS=: read -r file line text; do
        from=${text#*\"}
        from=${from%%/*}
        case " $room ${below[$room]} " in
        *" $from "*) ;;
        *) finding "$file:$line: $room may not look into $from; move what both need into a room below both" ;;
        esac
    done < <(grep -rnE '^#include "' "$room" --include='*.[ch]' || true)
done

# 2. A foreign library is known to one file (a row: header, files).
while read -r header files; do
    while IFS=: read -r file line _; do
        case " $files " in
        *" $file "*) ;;
        *) finding "$file:$line: only $files may include <$header>; go through it" ;;
        esac
    done < <(grep -rnE "^#include <$header" "${!below[@]}" --include='*.[ch]' 2>/dev/null || true)
done <tests/tidy/foreign.txt

# 3. Every header says all that it needs.
for header in $(git ls-files '*.h'); do
    [ -f "$header" ] || continue
    gcc -std=c17 -D_GNU_SOURCE -I. -fsyntax-only -x c "$header" 2>/dev/null ||
        finding "$header: does not compile alone; include in it what it uses"
done

# 4. Every command has its page, and the page its options.
while read -r verb; do
    page=man/weir-$verb.1
    if [ ! -f "$page" ]; then
        finding "cli/commands.def: '$verb' has no $page"
        continue
    fi
    while read -r option; do
        grep -qE "^\.It .*Fl -$option( |\$)" "$page" ||
            finding "$page: says nothing about --$option (.It Fl -$option)"
    done < <("$weir" help "$verb" | sed -nE 's/^  (-., |    )--([a-z-]+).*/\2/p')
    while read -r option; do
        "$weir" help "$verb" | grep -qE -- "--$option( |\$)" ||
            finding "$page: has --$option, which the command does not know"
    done < <(sed -nE 's/^\.It .*Fl -([a-z-]+).*/\1/p' "$page")
done < <(sed -nE 's/^COMMAND\("([a-z-]+)".*/\1/p' cli/commands.def)

if [ "$found" -gt 0 ]; then
    echo "tidy: $found findings"
    exit 1
fi
