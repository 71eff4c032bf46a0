#!/usr/bin/env bash
# Puts what deploy/secrets.sh made into a cluster, each secret for those who need it. For a cluster without a secret
# store of its own; with one, give it the same names (deploy/k8s/README.md).
#   deploy/k8s/make-secrets.sh medique-staging FOLDER
set -euo pipefail
if [ $# != 2 ]; then
    echo 'usage: make-secrets.sh NAMESPACE FOLDER' >&2
    exit 2
fi
namespace=$1
dir=$2

# put NAME FILE...: a secret of files; KEY=FILE gives another key.
put() {
    local name=$1 file
    local arguments=()
    shift
    for file in "$@"; do
        case $file in
            *=*) arguments+=(--from-file="${file%%=*}=$dir/${file#*=}") ;;
            *) arguments+=(--from-file="$file=$dir/$file") ;;
        esac
    done
    kubectl create secret generic "$name" --dry-run=client --output yaml "${arguments[@]}" |
        kubectl --namespace "$namespace" apply --filename -
}
# pair NAME FILES: a certificate and its key, as Kubernetes names them.
pair() {
    kubectl create secret tls "$1" --dry-run=client --output yaml --cert="$dir/$2_certificate" --key="$dir/$2_key" |
        kubectl --namespace "$namespace" apply --filename -
}
# What a process shows to whom it connects to, and to who connects to it.
client() { echo "ca_certificate client_certificate=$1_client_certificate client_key=$1_client_key"; }
server() { echo "server_certificate=$1_server_certificate server_key=$1_server_key"; }

# shellcheck disable=SC2046 # several words on purpose
{
    put medique-api $(client api) $(server api) jwt_signing_key link_secret master_key identity_key operator_token
    put medique-worker $(client worker) $(server worker) audit_signing_key master_key operator_token smtp_url
    put medique-owner $(client owner)
    put medique-admin $(client admin) master_key link_secret
    put medique-backup $(client backup) backup_key
    put nats-server ca_certificate $(server nats) encryption.conf=nats_encryption
}
put medique-ca ca.crt=ca_certificate
pair medique-postgres-server postgres_server
pair medique-postgres-streaming streaming_client
pair medique-prometheus prometheus_client
# CloudNativePG takes new ones by itself from secrets that say so.
kubectl --namespace "$namespace" label secret --overwrite medique-ca medique-postgres-server medique-postgres-streaming \
    cnpg.io/reload=
kubectl create secret tls medique-tls --dry-run=client --output yaml \
    --cert="$dir/tls_certificate" --key="$dir/tls_key" | kubectl --namespace "$namespace" apply --filename -
