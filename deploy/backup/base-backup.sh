#!/usr/bin/env bash
# A base backup of the running cluster, sealed, read back, checked with pg_verifybackup, recorded.
# Connects as libpq's environment says (PGHOST, PGPORT, PGUSER, PGSSLCERT or PGPASSFILE): a role with REPLICATION.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
kept=${MEDIQUE_BACKUP_DIR:?}/base
started=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
name=$(date --utc +%Y%m%dT%H%M%SZ)
draft=$kept/.$name.part
mkdir -p -- "$kept"
mkdir -m 700 -- "$draft"

record() { medique-worker admin backup record --kind base --started-at "$started" "$@" >/dev/null || true; }
failed() {
    rm -rf -- "$draft"
    record --error 'see the log of base-backup.sh'
    echo "base-backup.sh: failed" >&2
}
trap failed ERR

# The log is archived beside it: without the segments from its beginning on it cannot be restored.
pg_basebackup --pgdata=- --format=tar --wal-method=none --checkpoint=fast --no-sync --no-password \
    --label="medique $name" |
    gzip -1 --no-name |
    medique-worker admin backup seal --json --out "$draft/base.tar.gz.mqv" >"$draft/content.json"
"$here/verify-base.sh" "$draft"
mv -T -- "$draft" "$kept/$name"
record --verified --bytes "$(stat --format=%s "$kept/$name/base.tar.gz.mqv")"
echo "$kept/$name"
