#!/usr/bin/env bash
# Reads back what a restore would need: the newest base backup, every segment since without a gap,
# and the newest snapshot of the broker.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
kept=${MEDIQUE_BACKUP_DIR:?}
newest() { find "$1" -mindepth 1 -maxdepth 1 -type d -not -name '.*' | sort | tail -n 1; }

base=$(newest "$kept/base")
[ -n "$base" ] || { echo 'verify.sh: there is no base backup' >&2; exit 1; }
"$here/verify-base.sh" "$base"

# 24 digits: timeline, log, segment (256 of 16 MB to a log). A new timeline begins where the old one ended.
next_of() { printf '%s%08X%08X' "${1:0:8}" $((0x${1:8:8} + (0x${1:16:8} + 1) / 256)) $(((0x${1:16:8} + 1) % 256)); }
expected=$(cat "$base/begins-at")
count=0
for sealed in "$kept"/wal/*.mqv; do
    name=$(basename "$sealed" .mqv)
    if [[ ! $name =~ ^[0-9A-F]{24}$ || $name < $expected ]]; then continue; fi
    if [ "$name" != "$expected" ] && [ "${name:0:8}" = "${expected:0:8}" ]; then
        echo "verify.sh: segment $expected is missing, $name is there" >&2
        exit 1
    fi
    medique-worker admin backup verify "$sealed" >/dev/null
    expected=$(next_of "$name")
    count=$((count + 1))
done
[ "$count" -gt 0 ] || { echo "verify.sh: no segment since $expected" >&2; exit 1; }

snapshot=$(newest "$kept/broker")
[ -n "$snapshot" ] || { echo 'verify.sh: there is no snapshot of the broker' >&2; exit 1; }
medique-worker admin backup verify "$snapshot"/*.mqv >/dev/null
echo "base $(basename "$base") and $count segments since, broker $(basename "$snapshot"): whole"
