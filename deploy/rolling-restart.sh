#!/usr/bin/env bash
# Replaces the replicas of workers and api one after another with the image and the settings of now: a new one is
# started and healthy before an old one is told to stop. Arguments go to compose, such as --file OTHER.yml.
#   deploy/rolling-restart.sh [--file docker-compose.yml --file other.yml]
set -euo pipefail
cd "$(dirname "$0")/.."
compose=(docker compose)
docker compose version >/dev/null 2>&1 || compose=(docker-compose)
compose+=("$@")
: "${ROLLING_TIMEOUT_S:=120}"

healthy() { [ "$(docker inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]; }

for service in worker api; do
    mapfile -t old < <("${compose[@]}" ps --quiet "$service")
    echo "==> $service: ${#old[@]} replicas"
    for container in "${old[@]}"; do
        "${compose[@]}" up --detach --no-recreate --no-deps --scale "$service=$((${#old[@]} + 1))" "$service"
        for ((second = 0; ; second++)); do
            ready=1
            for each in $("${compose[@]}" ps --quiet "$service"); do healthy "$each" || ready=0; done
            if [ "$ready" = 1 ]; then break; fi
            if [ "$second" -ge "$ROLLING_TIMEOUT_S" ]; then
                echo "error: the new $service is not healthy: nothing further is replaced" >&2
                exit 1
            fi
            sleep 1
        done
        # The signal, and as long as it needs (stop_grace_period); then it is gone for compose as well.
        docker stop --time 45 "$container" >/dev/null
        docker rm "$container" >/dev/null
        echo "    replaced ${container:0:12}"
    done
done
