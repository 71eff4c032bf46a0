#!/bin/sh
# Checks the proxy's configuration with nginx itself. Needs nginx and openssl; certificate and paths
# are made up for the check.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost \
    -keyout "$work/tls_key" -out "$work/tls_certificate" 2>/dev/null
sed -e "s|/tmp/|$work/|g" \
    -e "s|/run/secrets/|$work/|g" \
    -e "s|/etc/nginx/medique-headers.conf|$PWD/headers.conf|g" \
    -e 's|${MEDIQUE_HOST}|localhost|g' nginx.conf >"$work/nginx.conf"
nginx -t -q -c "$work/nginx.conf"
echo 'nginx.conf: nginx accepts it'
