#!/usr/bin/env bash
# Whether nats-server reads its configurations: of one host, and of Kubernetes.
#   nats.sh PROGRAM FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
dir=$2
for config in nats/nats.conf k8s/base/nats.conf; do
    mkdir -p "$dir"
    cp "$config" nats/permissions.conf "$dir/"
    for user in api worker admin backup; do echo "${user}_password: \"x\""; done >"$dir/auth.conf"
    echo 'key: "x"' >"$dir/encryption.conf"
    POD_NAME=nats-0 "$program" -t -c "$dir/nats.conf"
    rm -r "$dir"
done
