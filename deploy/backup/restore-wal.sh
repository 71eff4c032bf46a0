#!/usr/bin/env bash
# Postgres' restore_command: restore-wal.sh %f %p
# 1: there is no such segment, which ends the recovery. 126: there is one and it cannot be read, which
# aborts it: to take a broken segment for the end of the log would lose everything behind it.
set -uo pipefail
name=$1 path=$2
sealed=${MEDIQUE_BACKUP_DIR:?}/wal/$name.mqv
[ -e "$sealed" ] || exit 1
if ! medique-worker admin backup open --in "$sealed" | gzip --decompress --stdout >"$path"; then
    rm -f -- "$path"
    exit 126
fi
