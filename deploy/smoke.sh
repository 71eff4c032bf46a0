#!/usr/bin/env bash
# Whether an installation answers as it should, from outside and without a credential.
#   deploy/smoke.sh https://medique.example [--cacert FILE]
set -euo pipefail
if [ $# -lt 1 ]; then
    echo 'usage: smoke.sh URL [curl options]' >&2
    exit 2
fi
url=${1%/}
shift
failed=0
body=$(mktemp)
trap 'rm -f "$body"' EXIT

# check WHAT STATUS PATH [CURL OPTIONS]: the status of an answer; its body is kept.
check() {
    local what=$1 expected=$2 path=$3 status
    shift 3
    status=$(curl --silent --show-error --max-time 15 --output "$body" --dump-header "$body.head" \
        --write-out '%{http_code}' "$@" "$url$path") || status=none
    if [ "$status" = "$expected" ]; then
        echo "ok      $what"
    else
        echo "FAILED  $what: $status instead of $expected"
        failed=1
    fi
}
options=("$@")
check 'ready' 200 /api/health "${options[@]}"
check 'the description' 200 /openapi.json "${options[@]}"
check 'no credential, no data' 401 /api/v1/departments "${options[@]}"
if ! grep -qi '"code"' "$body"; then
    echo 'FAILED  a refusal is a problem with a code'
    failed=1
fi
if ! grep -qi '^strict-transport-security:' "$body.head"; then
    echo 'FAILED  answers ask for HTTPS'
    failed=1
fi
check 'an unknown page' 404 /api/v1/no-such-page "${options[@]}"
check 'health in detail is not for strangers' 404 /health/detail "${options[@]}"
rm -f "$body.head"
exit "$failed"
