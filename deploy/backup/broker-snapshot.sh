#!/usr/bin/env bash
# A sealed copy of the broker's streams, read back and recorded. The system goes on meanwhile.
set -euo pipefail
kept=${MEDIQUE_BACKUP_DIR:?}/broker
started=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
name=$(date --utc +%Y%m%dT%H%M%S.%3NZ)
mkdir -p -- "$kept"
record() { medique-worker admin backup record --kind broker --started-at "$started" "$@" >/dev/null || true; }
if ! medique-worker admin broker snapshot --dir "$kept/$name" >&2; then
    record --error 'see the log of broker-snapshot.sh'
    exit 1
fi
record --verified --bytes "$(du --bytes --summarize "$kept/$name" | cut -f1)"
echo "$kept/$name"
