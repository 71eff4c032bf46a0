#!/usr/bin/env bash
# Runs `medique-worker admin ...` in a pod of its own, with the image that the workers run.
#   deploy/k8s/admin.sh NAMESPACE status --json
set -euo pipefail
if [ $# -lt 2 ]; then
    echo 'usage: admin.sh NAMESPACE COMMAND...' >&2
    exit 2
fi
namespace=$1
shift
image=$(kubectl --namespace "$namespace" get deployment medique-worker \
    --output 'jsonpath={.spec.template.spec.containers[0].image}')
overrides=$(python3 - "$image" "$@" <<'PY'
import json, sys
image, *arguments = sys.argv[1:]
directory = "/run/secrets/medique"
files = {"MEDIQUE_NATS_CA": "ca_certificate", "MEDIQUE_NATS_CERTIFICATE": "client_certificate",
         "MEDIQUE_NATS_CERTIFICATE_KEY": "client_key", "MEDIQUE_LINK_SECRET_FILE": "link_secret",
         "MEDIQUE_MASTER_KEY_FILE": "master_key"}
told = {name: f"{directory}/{file}" for name, file in files.items()} | {
    "MEDIQUE_NATS_URL": "tls://nats:4222",
    "MEDIQUE_DATABASE_URL": "postgres://medique@medique-postgres-rw:5432/medique?sslmode=verify-full"
                            f"&sslrootcert={directory}/ca_certificate&sslcert={directory}/client_certificate"
                            f"&sslkey={directory}/client_key"}
print(json.dumps({
    "metadata": {"labels": {"medique.example/postgres": "true", "medique.example/nats": "true"}},
    "spec": {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532,
                            "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{
            "name": "admin", "image": image, "stdin": True, "tty": sys.stdin.isatty(),
            "command": ["medique-worker", "admin", *arguments],
            "env": [{"name": name, "value": value} for name, value in told.items()],
            "volumeMounts": [{"name": "secrets", "mountPath": directory, "readOnly": True}],
            "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                "capabilities": {"drop": ["ALL"]}},
            "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        }],
        "volumes": [{"name": "secrets", "secret": {"secretName": "medique-admin", "defaultMode": 0o440}}],
    },
}))
PY
)
exec kubectl --namespace "$namespace" run "medique-admin-$$" --rm --stdin --quiet --restart=Never \
    --image "$image" --overrides "$overrides"
