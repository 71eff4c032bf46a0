#!/bin/sh
# Talks to nginx as nginx.conf sets it up, on loopback: a TLS scanner (sslyze, $SSLYZE or from the path) holds
# it against Mozilla's intermediate profile, and openssl asks what the profile does not: which suite comes
# first, whether the revocation state is stapled, what happens to strangers and to plain HTTP, and which api it believes.
# Needs nginx, openssl, curl and sslyze. An authority with a revocation responder is made up for the scan.
set -eu
cd "$(dirname "$0")"
# shellcheck disable=SC1091 # beside this file
. ./prepare.sh
work=$(mktemp -d)
http=${SCAN_HTTP_PORT:-18080} https=${SCAN_HTTPS_PORT:-18443} ocsp=${SCAN_OCSP_PORT:-18081}
api=${SCAN_API_PORT:-18082}
sslyze=${SSLYZE:-sslyze}
started=
finish() {
    for pid in $started; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT
fail() {
    echo "error: $*" >&2
    exit 1
}

ec='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
# shellcheck disable=SC2086 # several words on purpose
openssl req -x509 $ec -days 30 -subj '/CN=scan authority' -keyout "$work/ca_key" -out "$work/ca" 2>/dev/null
# shellcheck disable=SC2086
openssl req $ec -subj /CN=localhost -keyout "$work/tls_key" -out "$work/request" 2>/dev/null
printf 'subjectAltName=DNS:localhost\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:%s\n' "$ocsp" >"$work/extensions"
openssl x509 -req -in "$work/request" -CA "$work/ca" -CAkey "$work/ca_key" -set_serial 0x1001 -days 30 \
    -extfile "$work/extensions" -out "$work/leaf" 2>/dev/null
cat "$work/leaf" "$work/ca" >"$work/tls_certificate"
cp "$work/ca" "$work/ca_certificate"
printf 'V\t491231235959Z\t\t1001\tunknown\t/CN=localhost\n' >"$work/index"
openssl ocsp -port "$ocsp" -index "$work/index" -CA "$work/ca" -rsigner "$work/ca" -rkey "$work/ca_key" \
    -ndays 1 >"$work/ocsp.log" 2>&1 &
started="$started $!"

prepare "$work" -e "s|https://127.0.0.1:9|https://127.0.0.1:$api|" -e "s|listen 8080|listen 127.0.0.1:$http|" -e "s|listen 8443|listen 127.0.0.1:$https|"
nginx -c "$work/nginx.conf" -g 'daemon off;' >"$work/nginx.log" 2>&1 &
started="$started $!"

# Prints what openssl says of a handshake.
handshake() { openssl s_client -connect "127.0.0.1:$https" -CAfile "$work/ca" "$@" </dev/null 2>&1 || true; }
ours() { handshake -servername localhost "$@"; }

waited=0
until ours | grep -q 'Verify return code: 0'; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || fail "nginx does not answer: $(cat "$work/nginx.log")"
    sleep 0.1
done

# Nobody trusts the authority of a scan; the scanner says so, and must say nothing else.
"$sslyze" --mozilla_config=intermediate "localhost:$https" >"$work/report" 2>&1 || true
verdict=$(sed -n '/^ COMPLIANCE AGAINST/,$p' "$work/report")
echo "$verdict" | grep -q "localhost:$https: " || fail "the scanner says nothing: $(cat "$work/report")"
objections=$(echo "$verdict" | grep '^ *\* ' | grep -v '\* certificate_path_validation: ' || true)
[ -z "$objections" ] || fail "the scanner objects: $objections"

# The server decides, and for the strongest: the client's own order is the other way round.
weak_first=ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384
ours -tls1_2 -cipher "$weak_first" | grep -q 'Cipher *: ECDHE-ECDSA-AES256-GCM-SHA384' ||
    fail 'the strongest suite is not preferred'

# The first handshake makes nginx ask the responder; a later one has its word.
waited=0
until ours -status | grep -q 'Cert Status: good'; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || fail 'no revocation state is stapled'
    sleep 0.1
done

handshake -servername stranger.example | grep -q 'unrecognized name' || fail 'strangers get a certificate'
ours -tls1_1 -cipher 'ALL@SECLEVEL=0' | grep -q 'Cipher *: 0000\|no protocols available\|alert protocol version' ||
    fail 'TLS 1.1 is spoken'
to=$(curl -s -o /dev/null -w '%{http_code} %{redirect_url}' -H 'Host: localhost' "http://127.0.0.1:$http/x?y")
[ "$to" = '308 https://localhost/x?y' ] || fail "plain HTTP gets $to"
# api NAME AUTHORITY STATUS: a server that shows a certificate for this name; what nginx makes of it.
api() {
    # shellcheck disable=SC2086
    openssl req $ec -subj "/CN=$1" -keyout "$work/api_key" -out "$work/request" 2>/dev/null
    printf 'subjectAltName=DNS:%s\n' "$1" >"$work/extensions"
    openssl x509 -req -in "$work/request" -CA "$work/$2" -CAkey "$work/$2_key" -set_serial 7 -days 1 \
        -extfile "$work/extensions" -out "$work/api" 2>/dev/null
    openssl s_server -accept "127.0.0.1:$api" -cert "$work/api" -key "$work/api_key" -www >"$work/api.log" 2>&1 &
    server=$!
    started="$started $server"
    waited=0
    until openssl s_client -connect "127.0.0.1:$api" </dev/null 2>/dev/null | grep -q BEGIN; do
        waited=$((waited + 1))
        [ "$waited" -lt 100 ] || fail "the stand-in for the api does not answer: $(cat "$work/api.log")"
        sleep 0.1
    done
    status=$(curl -s -o /dev/null -w '%{http_code}' --cacert "$work/ca" --resolve "localhost:$https:127.0.0.1" \
        "https://localhost:$https/api/health")
    [ "$status" = "$3" ] || fail "an api that is $1, as $2 says, is answered with $status"
    kill "$server"
    wait "$server" 2>/dev/null || true
}
# shellcheck disable=SC2086
openssl req -x509 $ec -days 30 -subj '/CN=scan authority' -keyout "$work/other_key" -out "$work/other" 2>/dev/null
api api ca 200
api worker ca 503
api api other 503
echo 'nginx.conf: the scanner finds nothing; strongest suite first; revocation state stapled; the right api is believed'
