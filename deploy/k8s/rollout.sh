#!/usr/bin/env bash
# Brings a version into a cluster: what it stands on, then the migration, then api and workers. A migration that fails
# stops it before anything that serves is touched; api or workers that do not become ready are taken back.
#   deploy/k8s/rollout.sh staging|production IMAGE POSTGRES_IMAGE      (name@sha256:... or name:tag)
set -euo pipefail
cd "$(dirname "$0")"
if [ $# != 3 ] || [ ! -e "$1/kustomization.yaml" ]; then
    echo 'usage: rollout.sh staging|production IMAGE POSTGRES_IMAGE' >&2
    exit 2
fi
env=$1
namespace=medique-$env
: "${ROLLOUT_TIMEOUT:=10m}"

# Puts an image into the kustomization's form.
image() {
    local name=$1 reference=$2
    case $reference in
        *@sha256:*) printf '  - { name: %s, newName: "%s", digest: "%s" }\n' "$name" "${reference%@*}" "${reference#*@}" ;;
        *:*) printf '  - { name: %s, newName: "%s", newTag: "%s" }\n' "$name" "${reference%:*}" "${reference##*:}" ;;
        *) echo "error: $reference says no version" >&2; exit 2 ;;
    esac
}

work=$(mktemp -d ./.rollout.XXXXXX)
trap 'rm -rf "$work"' EXIT
{
    printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../%s]\nimages:\n' "$env"
    # The overlay has given them their names already.
    image ghcr.io/medique/medique "$2"
    image ghcr.io/medique/medique-postgres "$3"
} >"$work/kustomization.yaml"
kubectl kustomize "$work" >"$work/all.yaml"

apply() { kubectl apply --filename "$work/all.yaml" --selector "$1"; }

echo '==> what it stands on'
apply 'medique.example/step notin (migrate, serve)'

echo '==> migration'
kubectl --namespace "$namespace" delete job medique-migrate --ignore-not-found --wait
apply 'medique.example/step = migrate'
if ! kubectl --namespace "$namespace" wait --for=condition=complete job/medique-migrate --timeout "$ROLLOUT_TIMEOUT"; then
    kubectl --namespace "$namespace" logs job/medique-migrate --tail 50 || true
    echo 'error: the migration did not come to its end; api and workers were left as they are' >&2
    exit 1
fi

echo '==> api and workers'
apply 'medique.example/step = serve'
for deployment in medique-worker medique-api; do
    if ! kubectl --namespace "$namespace" rollout status "deployment/$deployment" --timeout "$ROLLOUT_TIMEOUT"; then
        echo "error: $deployment is not ready: taking both back" >&2
        kubectl --namespace "$namespace" rollout undo deployment/medique-worker
        kubectl --namespace "$namespace" rollout undo deployment/medique-api
        exit 1
    fi
done
