"""Holds rendered manifests against Kubernetes' own schemas and against our rules: nothing runs as root, writes its root
file system, gains rights, or goes without limits; what serves has probes, and every name that is referred to is there.
"""

import sys

import kubernetes_validate
import yaml

VERSION = "1.33"
# Of operators; their schemas are theirs.
CUSTOM = ("postgresql.cnpg.io/", "keda.sh/", "monitoring.coreos.com/")
SERVES = ("Deployment", "StatefulSet")

problems = []


def pod_of(manifest):
    spec = manifest.get("spec", {})
    if manifest["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec.get("template", {}).get("spec") if manifest["kind"] in SERVES + ("Job", "CronJob") else None


def require(where, condition, what):
    if not condition:
        problems.append(f"{where}: {what}")


def check_pod(where, kind, pod):
    security = pod.get("securityContext", {})
    require(where, security.get("runAsNonRoot") is True, "runAsNonRoot is not true")
    require(where, isinstance(security.get("runAsUser"), int) and security["runAsUser"] > 0, "no numeric user but root")
    require(where, security.get("seccompProfile", {}).get("type") == "RuntimeDefault", "no seccomp profile")
    require(where, pod.get("automountServiceAccountToken") is False, "holds a token for Kubernetes")
    if kind in SERVES:
        require(where, pod.get("topologySpreadConstraints"), "is not spread")
        require(where, pod.get("terminationGracePeriodSeconds", 0) > 20, "has no time to drain")
    for container in pod["containers"] + pod.get("initContainers", []):
        name = f"{where}/{container['name']}"
        security = container.get("securityContext", {})
        require(name, security.get("readOnlyRootFilesystem") is True, "may write its root file system")
        require(name, security.get("allowPrivilegeEscalation") is False, "may gain rights")
        require(name, security.get("capabilities", {}).get("drop") == ["ALL"], "keeps capabilities")
        resources = container.get("resources", {})
        require(name, resources.get("limits", {}).get("memory"), "no memory limit")
        require(name, {"cpu", "memory"} <= resources.get("requests", {}).keys(), "asks for no cpu or memory")
        image = container["image"]
        require(name, "@sha256:" in image or ":" in image.rsplit("/", 1)[-1], f"{image} says no version")
        require(name, not image.endswith(":latest"), "latest is no version")
        for variable in container.get("env", []):
            secret = "secretKeyRef" in variable.get("valueFrom", {})
            spelled = any(word in variable["name"] for word in ("PASSWORD", "KEY", "SECRET", "TOKEN"))
            # A path says where a secret is, and is none.
            path = str(variable.get("value", "")).startswith("/run/secrets/")
            require(name, secret or path or not spelled, f"{variable['name']} in clear")
        if kind in SERVES:
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                require(name, container.get(probe), f"no {probe}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        manifests = [manifest for manifest in yaml.safe_load_all(file) if manifest]
    validated = 0
    for manifest in manifests:
        where = f"{manifest['kind']} {manifest['metadata']['name']}"
        require(where, manifest["kind"] != "Secret", "secrets are referred to, never held")
        if not manifest["apiVersion"].startswith(CUSTOM):
            try:
                kubernetes_validate.validate(manifest, VERSION, strict=True)
                validated += 1
            except kubernetes_validate.ValidationError as error:
                path = ".".join(str(part) for part in error.path)
                problems.append(f"{where}: {path}: {error.message}")
        pod = pod_of(manifest)
        if pod:
            check_pod(where, manifest["kind"], pod)

    named = {(m["kind"], m["metadata"]["name"]) for m in manifests}
    budgets = [m["spec"]["selector"]["matchLabels"] for m in manifests if m["kind"] == "PodDisruptionBudget"]
    for manifest in manifests:
        if manifest["kind"] in SERVES:
            labels = manifest["spec"]["template"]["metadata"]["labels"]
            guarded = any(budget.items() <= labels.items() for budget in budgets)
            require(manifest["metadata"]["name"], guarded, "no PodDisruptionBudget")
        pod = pod_of(manifest)
        for container in pod["containers"] if pod else []:
            for source in container.get("envFrom", []):
                name = source["configMapRef"]["name"]
                require(manifest["metadata"]["name"], ("ConfigMap", name) in named, f"there is no ConfigMap {name}")
        if manifest["kind"] in ("ScaledObject", "HorizontalPodAutoscaler"):
            target = manifest["spec"]["scaleTargetRef"]
            known = (target.get("kind", "Deployment"), target["name"]) in named
            require(manifest["metadata"]["name"], known, "scales nothing that is here")
    scaled = [m for m in manifests if m["kind"] == "ScaledObject"]
    require("workers", scaled and all(m["spec"]["maxReplicaCount"] <= 16 for m in scaled), "more than 16 partitions need")
    deny = [m for m in manifests if m["kind"] == "NetworkPolicy" and m["spec"]["podSelector"] == {}
            and set(m["spec"]["policyTypes"]) == {"Ingress", "Egress"} and "ingress" not in m["spec"]]
    require("network", deny, "nothing is denied by default")

    for problem in problems:
        print(problem)
    print(f"{len(manifests)} manifests, {validated} held against the schemas of Kubernetes {VERSION}")
    sys.exit(bool(problems))


main()
