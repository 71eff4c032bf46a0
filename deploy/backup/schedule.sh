#!/usr/bin/env bash
# Runs the backups where nothing else schedules them (compose). Each failure is recorded, and heard of
# through the alert on the age of the last good backup; the next turn tries again.
set -uo pipefail
here=$(dirname "$(readlink -f "$0")")
broker_every=${MEDIQUE_BACKUP_BROKER_MINUTES:-5}
base_every=$((${MEDIQUE_BACKUP_BASE_HOURS:-24} * 60))
trap 'exit 0' TERM INT
for ((minute = 0; ; minute++)); do
    if ((minute % base_every == 0)); then
        "$here/base-backup.sh" && "$here/prune.sh"
    fi
    if ((minute % broker_every == 0)); then "$here/broker-snapshot.sh"; fi
    # A new base and a new snapshot are read back as they are made; the archive once a day.
    if ((minute % base_every == base_every / 2)); then "$here/verify.sh"; fi
    medique-worker admin backup record --kind wal
    sleep 60 &
    wait $!
done
