#!/usr/bin/env bash
# Deletes what is not needed any more: base backups older than MEDIQUE_BACKUP_KEEP_DAYS (the two
# newest always stay), segments older than the oldest base that is kept, and all but the newest
# MEDIQUE_BACKUP_KEEP_BROKER snapshots of the broker.
set -euo pipefail
kept=${MEDIQUE_BACKUP_DIR:?}
days=${MEDIQUE_BACKUP_KEEP_DAYS:-14}
snapshots=${MEDIQUE_BACKUP_KEEP_BROKER:-24}
[[ $days =~ ^[1-9][0-9]*$ && $snapshots =~ ^[1-9][0-9]*$ ]] || {
    echo 'prune.sh: MEDIQUE_BACKUP_KEEP_DAYS and MEDIQUE_BACKUP_KEEP_BROKER must be positive numbers' >&2
    exit 1
}
folders() { find "$1" -mindepth 1 -maxdepth 1 -type d -not -name '.*' | sort; }

limit=$(date --utc --date "-$days days" +%Y%m%dT%H%M%SZ)
folders "$kept/base" | head -n -2 | while read -r base; do
    if [[ $(basename "$base") < $limit ]]; then
        rm -rf -- "$base"
        echo "base $(basename "$base") deleted"
    fi
done
oldest=$(folders "$kept/base" | head -n 1)
# Without a base nothing says which segments are needed: all stay.
if [ -n "$oldest" ]; then pg_archivecleanup -x .mqv "$kept/wal" "$(cat "$oldest/begins-at")"; fi
folders "$kept/broker" | head -n "-$snapshots" | while read -r snapshot; do
    rm -rf -- "$snapshot"
    echo "snapshot $(basename "$snapshot") deleted"
done
