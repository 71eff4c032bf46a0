#!/bin/sh
# Checks the proxy's configuration with nginx itself. Needs nginx and openssl; certificate and paths
# are made up for the check.
set -eu
cd "$(dirname "$0")"
# shellcheck disable=SC1091 # beside this file
. ./prepare.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost \
    -keyout "$work/tls_key" -out "$work/tls_certificate" 2>/dev/null
cp "$work/tls_certificate" "$work/ca_certificate"
prepare "$work"
nginx -t -q -c "$work/nginx.conf"
echo 'nginx.conf: nginx accepts it'
