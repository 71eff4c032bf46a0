#!/usr/bin/env bash
# Makes a data directory out of a base backup, ready to recover from the archive when Postgres
# starts: restore-postgres.sh BASE_FOLDER DATA_DIRECTORY [TARGET_TIME]
# Run it as the user who runs Postgres, and start Postgres with the environment of this script
# (MEDIQUE_BACKUP_DIR, MEDIQUE_BACKUP_KEY_FILE, medique-worker on PATH). TARGET_TIME such as
# '2026-11-22 07:30:00+00'; without it everything that was archived comes back.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
base=$1 data=$2 target=${3-}
if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then
    echo "restore-postgres.sh: $data is not empty" >&2
    exit 1
fi
mkdir -p -- "$data"
chmod 700 -- "$data"
medique-worker admin backup open --in "$base/base.tar.gz.mqv" | tar --extract --gzip --directory "$data"
pg_verifybackup --no-parse-wal --quiet "$data"
{
    echo "restore_command = '\"$here/restore-wal.sh\" \"%f\" \"%p\"'"
    echo "recovery_target_action = 'promote'"
    if [ -n "$target" ]; then echo "recovery_target_time = '$target'"; fi
} >>"$data/postgresql.auto.conf"
touch "$data/recovery.signal"
