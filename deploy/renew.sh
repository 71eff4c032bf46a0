#!/usr/bin/env bash
# Makes certificates of ours anew that end within 30 days, and tells those who do not look at their files by themselves,
# whoever made them. For root's cron, once a week. Nothing is interrupted but the trace store.
# Arguments go to compose.
#   deploy/renew.sh [--file docker-compose.yml --file other.yml]
set -euo pipefail
cd "$(dirname "$0")/.."
compose=(docker compose)
docker compose version >/dev/null 2>&1 || compose=(docker-compose)
compose+=("$@")

deploy/secrets.sh
# They read them again and keep their connections.
for service in postgres nats proxy; do "${compose[@]}" kill -s HUP "$service"; done
"${compose[@]}" restart tempo
