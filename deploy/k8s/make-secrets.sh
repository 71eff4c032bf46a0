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
# login NAME USER PASSWORD_FILE: as CloudNativePG reads it.
login() {
    kubectl create secret generic "$1" --type kubernetes.io/basic-auth --dry-run=client --output yaml \
        --from-literal=username="$2" --from-file=password="$dir/$3" |
        kubectl --namespace "$namespace" apply --filename -
}

put medique-api database_api_url nats_api_url jwt_signing_key link_secret master_key identity_key operator_token
put medique-worker database_worker_url nats_worker_url audit_signing_key master_key operator_token smtp_url
put medique-owner database_owner_url
put medique-admin database_owner_url nats_admin_url master_key link_secret
put medique-backup backup_key database_backup_url nats_backup_url
put nats-auth auth.conf=nats_auth encryption.conf=nats_encryption
login medique-postgres-owner medique database_owner_password
login medique-postgres-api medique_api_login database_api_password
login medique-postgres-worker medique_worker_login database_worker_password
login medique-postgres-replication medique_replication database_replication_password
kubectl create secret tls medique-tls --dry-run=client --output yaml \
    --cert="$dir/tls_certificate" --key="$dir/tls_key" | kubectl --namespace "$namespace" apply --filename -
