#!/usr/bin/env bash
# Postgres' archive_command: archive-wal.sh %p %f
# Compresses, seals and keeps one segment. It appears under its name whole and on the disk or not at
# all; another one of that name is never replaced, the same one is no error. Postgres repeats until 0.
set -euo pipefail
segment=$1 name=$2
gzip --no-name --stdout -- "$segment" |
    medique-worker admin backup seal --out "${MEDIQUE_BACKUP_DIR:?}/wal/$name.mqv" >/dev/null
