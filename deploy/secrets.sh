#!/bin/sh
# Makes the secrets that docker-compose.yml mounts: random ones, in ./secrets, each readable by the one user whose
# container reads it. A secret that is there already is left alone; the URLs follow the passwords.
# Certificates come from an authority of this installation; one that ends within 30 days is made anew, with a new key.
#   sudo deploy/secrets.sh [folder]
set -eu
cd "$(dirname "$0")/.."
command -v openssl >/dev/null || { echo 'error: openssl is missing' >&2; exit 1; }
dir=${1:-secrets}
host=${MEDIQUE_HOST:-localhost}
# As the processes reach them; several names with spaces between.
database=${MEDIQUE_DATABASE_HOST:-postgres}
broker=${MEDIQUE_NATS_HOST:-nats}
days=${MEDIQUE_CERTIFICATE_DAYS:-90}
renew_days=30

umask 077
mkdir -p "$dir"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Numeric users of the containers (docker-compose.yml).
medique=65532
nats=65533
postgres=999
nginx=101
nobody=65534
telemetry=10001
grafana=472

# Writes standard input to the secret $1 unless it is there.
keep() {
    if [ -e "$dir/$1" ]; then cat >/dev/null; else cat >"$dir/$1"; fi
}
random() { openssl rand -hex 32; }

for name in link_secret identity_key operator_token grafana_password; do
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

# The authority. Whoever has its key is believed to be anybody: no container gets it.
ec='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
if [ ! -e "$dir/ca_key" ]; then
    printf '%s\n' '[req]' 'distinguished_name = name' 'x509_extensions = authority' '[name]' '[authority]' \
        'basicConstraints = critical, CA:TRUE, pathlen:0' 'keyUsage = critical, keyCertSign' \
        'subjectKeyIdentifier = hash' >"$work/authority"
    # shellcheck disable=SC2086 # several words on purpose
    openssl req -x509 $ec -days 3650 -config "$work/authority" -subj '/CN=MediQue' \
        -keyout "$dir/ca_key" -out "$dir/ca_certificate" 2>/dev/null
fi

# leaf FILES NAME USE NAMES: a certificate and its key, unless there is one that lasts.
leaf() {
    certificate=$dir/$1_certificate
    key=$dir/$1_key
    if [ -s "$certificate" ] && openssl verify -CAfile "$dir/ca_certificate" "$certificate" >/dev/null 2>&1 &&
        openssl x509 -in "$certificate" -noout -checkend "$((renew_days * 86400))" >/dev/null; then
        return
    fi
    # shellcheck disable=SC2086
    openssl req $ec -subj "/CN=$2" -keyout "$work/key" -out "$work/request" 2>/dev/null
    printf '%s\n' 'basicConstraints = critical, CA:FALSE' 'keyUsage = critical, digitalSignature' \
        "extendedKeyUsage = $3" "subjectAltName = $4" >"$work/extensions"
    openssl x509 -req -in "$work/request" -CA "$dir/ca_certificate" -CAkey "$dir/ca_key" -days "$days" \
        -set_serial "0x$(openssl rand -hex 16)" -extfile "$work/extensions" -out "$work/certificate" 2>/dev/null
    # Into the files that are there: they are what running containers have mounted.
    cat "$work/key" >"$key"
    cat "$work/certificate" >"$certificate"
    echo "$1_certificate: $days days"
}
# server NAME [HOST...]: for those who connect to it, and for itself.
server() {
    name=$1
    names=DNS:localhost,IP:127.0.0.1
    shift
    for each in "$@"; do names="$names,DNS:$each"; done
    leaf "${name}_server" "$1" "$use" "$names"
}
# The pattern in a list of hosts is a name, not one of files.
set -f
# Brokers of a cluster show theirs to each other, too.
use=serverAuth,clientAuth
# shellcheck disable=SC2086
server nats $broker
use=serverAuth
# shellcheck disable=SC2086
server postgres $database
set +f
for name in api worker collector tempo prometheus alertmanager grafana; do server "$name" "$name"; done
server node_exporter node-exporter
# By these names broker and database know who connects (deploy/nats/nats.conf, deploy/postgres/pg_ident.conf).
for name in api worker admin owner backup prometheus; do
    leaf "${name}_client" "medique-$name" clientAuth "DNS:medique-$name"
done
# On Kubernetes, instances of the database follow each other by it (deploy/k8s/base/postgres.yaml).
leaf streaming_client streaming_replica clientAuth DNS:streaming-replica
# The same for restoring, from a container of another user.
for part in certificate key; do cat "$dir/admin_client_$part" >"$dir/restore_client_$part"; done

# When each ends, that of browsers included, for the alert: node-exporter shows it.
for certificate in "$dir"/*_certificate; do
    end=$(openssl x509 -in "$certificate" -noout -enddate | cut -d= -f2)
    printf 'medique_certificate_end_timestamp_seconds{certificate="%s"} %s\n' \
        "$(basename "$certificate" _certificate)" "$(date -u -d "$end" +%s)"
done >"$work/ends"
cat "$work/ends" >"$dir/certificates.prom"

# Gives secrets to the user whose container reads them.
give() {
    owner=$1
    shift
    for name in "$@"; do chown "$owner:$owner" "$dir/$name"; done
}
# own USER NAME...: certificates and their keys.
own() {
    owner=$1
    shift
    for name in "$@"; do give "$owner" "${name}_certificate" "${name}_key"; done
}
chmod 700 "$dir"
chmod 600 "$dir"/*
# No secrets; every container reads the first.
chmod 644 "$dir/ca_certificate" "$dir/certificates.prom"
if [ "$(id -u)" = 0 ]; then
    give $medique master_key jwt_signing_key audit_signing_key link_secret identity_key operator_token
    own $medique api_server worker_server api_client worker_client admin_client owner_client
    give $postgres backup_key
    own $postgres postgres_server backup_client restore_client
    give $nats nats_encryption
    own $nats nats_server
    give $nginx tls_certificate tls_key
    give $nobody alert_mail_password alert_slack_url
    own $nobody prometheus_server prometheus_client alertmanager_server node_exporter_server
    own $telemetry collector_server tempo_server
    give $grafana grafana_password
    own $grafana grafana_server
elif [ "$(uname)" = Linux ]; then
    echo "error: run it as root: each secret must belong to the user of its container, and nobody else's" >&2
    exit 1
fi
echo "$dir is complete"
for name in alert_mail_password alert_slack_url; do
    [ -s "$dir/$name" ] || echo "$dir/$name is empty: alerts do not go that way until you write it"
done
