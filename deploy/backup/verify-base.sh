#!/usr/bin/env bash
# Opens a base backup into a scratch folder, holds every file against its manifest, and writes down
# the segment that it begins at. verify-base.sh FOLDER
set -euo pipefail
base=$1
scratch=$(mktemp --directory)
trap 'rm -rf -- "$scratch"' EXIT
medique-worker admin backup open --in "$base/base.tar.gz.mqv" | tar --extract --gzip --directory "$scratch"
# The log stands elsewhere: verify.sh looks after it.
pg_verifybackup --no-parse-wal --quiet "$scratch"
sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]\{24\}\))$/\1/p' "$scratch/backup_label" >"$base/begins-at"
[ -s "$base/begins-at" ]
