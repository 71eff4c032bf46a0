#!/usr/bin/env bash
# Whether nats-server reads its configurations: of one host, and of Kubernetes.
#   nats.sh PROGRAM FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
dir=$2
for config in nats/nats.conf k8s/base/nats.conf; do
    mkdir -p "$dir"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=nats \
        -keyout "$dir/server_key" -out "$dir/server_certificate" 2>/dev/null
    cp "$dir/server_certificate" "$dir/ca_certificate"
    cp nats/permissions.conf "$dir/"
    for file in "$config" nats/access.conf; do
        sed "s|/run/secrets/|$dir/|" "$file" >"$dir/$(basename "$file")"
    done
    echo 'key: "x"' >"$dir/encryption.conf"
    POD_NAME=nats-0 "$program" -t -c "$dir/nats.conf"
    rm -r "$dir"
done
