#!/bin/sh
# Makes the secrets that docker-compose.yml mounts: random ones, in ./secrets, each readable by the one user whose
# container reads it. A secret that is there already is left alone; the URLs follow the passwords.
#   sudo deploy/secrets.sh [folder]
set -eu
cd "$(dirname "$0")/.."
command -v openssl >/dev/null || { echo 'error: openssl is missing' >&2; exit 1; }
dir=${1:-secrets}
host=${MEDIQUE_HOST:-localhost}
# As the processes reach them.
database=${MEDIQUE_DATABASE_HOST:-postgres}
broker=${MEDIQUE_NATS_HOST:-nats}

umask 077
mkdir -p "$dir"

# Numeric users of the containers (docker-compose.yml).
medique=65532
nats=65533
postgres=999
nginx=101
alertmanager=65534
grafana=472

# Writes standard input to the secret $1 unless it is there.
keep() {
    if [ -e "$dir/$1" ]; then cat >/dev/null; else cat >"$dir/$1"; fi
}
random() { openssl rand -hex 32; }
value() { cat "$dir/$1"; }

for name in database_owner_password database_api_password database_worker_password database_replication_password \
    nats_api_password nats_worker_password nats_admin_password nats_backup_password \
    link_secret identity_key operator_token grafana_password; do
    random | tr -d '\n' | keep "$name"
done
# master_key wraps the keys of personal data: whoever loses it has erased every person. backup_key opens the
# backups. Keep copies of both, and not beside the backups.
for name in master_key backup_key; do
    openssl rand -base64 32 | tr -d '\n' | keep "$name"
done
openssl genpkey -algorithm ed25519 | keep jwt_signing_key
openssl genpkey -algorithm ed25519 | keep audit_signing_key
printf 'key: "%s"\n' "$(random)" | keep nats_encryption
# Until there is a real certificate: put it and its key into these two files.
if [ ! -e "$dir/tls_certificate" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 \
        -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
        -keyout "$dir/tls_key" -out "$dir/tls_certificate" 2>/dev/null
fi
# Only people know these: empty until somebody writes them in.
: | keep alert_mail_password
: | keep alert_slack_url

# The rest follows from the passwords, so it is written every time.
for user in api worker admin backup; do
    printf '%s_password: "%s"\n' "$user" "$(value "nats_${user}_password")"
done >"$dir/nats_auth"
for user in api worker admin backup; do
    printf 'nats://medique-%s:%s@%s:4222' "$user" "$(value "nats_${user}_password")" "$broker" >"$dir/nats_${user}_url"
done
owner="medique:$(value database_owner_password)"
printf 'postgres://%s@%s:5432/medique' "$owner" "$database" >"$dir/database_owner_url"
# The same for restoring, from a container of another user.
cp "$dir/database_owner_url" "$dir/database_restore_url"
cp "$dir/nats_admin_url" "$dir/nats_restore_url"
printf '*:*:*:medique_replication:%s' "$(value database_replication_password)" >"$dir/database_replication_pgpass"
for side in api worker; do
    printf 'postgres://medique_%s_login:%s@%s:5432/medique' \
        "$side" "$(value "database_${side}_password")" "$database" >"$dir/database_${side}_url"
done
# Backups are recorded with the rights of a worker.
cp "$dir/database_worker_url" "$dir/database_backup_url"

# Gives secrets to the user whose container reads them.
give() {
    owner=$1
    shift
    for name in "$@"; do chown "$owner:$owner" "$dir/$name"; done
}
chmod 700 "$dir"
chmod 600 "$dir"/*
if [ "$(id -u)" = 0 ]; then
    give $medique database_owner_url database_api_url database_worker_url nats_api_url nats_worker_url nats_admin_url \
        master_key jwt_signing_key audit_signing_key link_secret identity_key operator_token
    give $postgres database_owner_password database_api_password database_worker_password \
        database_replication_password backup_key database_backup_url database_restore_url \
        database_replication_pgpass nats_backup_url nats_restore_url
    give $nats nats_auth nats_encryption
    give $nginx tls_certificate tls_key
    give $alertmanager alert_mail_password alert_slack_url
    give $grafana grafana_password
elif [ "$(uname)" = Linux ]; then
    echo "error: run it as root: each secret must belong to the user of its container, and nobody else's" >&2
    exit 1
fi
echo "$dir is complete"
for name in alert_mail_password alert_slack_url; do
    [ -s "$dir/$name" ] || echo "$dir/$name is empty: alerts do not go that way until you write it"
done
