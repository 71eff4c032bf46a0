"""Whether every alert has tests and a page, and every alert and dashboard asks for metrics that exist.

What exists is what docs/operations/observability.md lists.
"""

import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "deploy/observability"
RUNBOOKS = ROOT / "docs/operations/runbooks"
DOCUMENT = ROOT / "docs/operations/observability.md"
# Of other programs, and what deploy/secrets.sh tells.
FOREIGN = re.compile(r"^(up|medique_certificate_end_timestamp_seconds|ALERTS|node_\w+|alertmanager_\w+|cnpg_\w+|target_info)$")
# What is left of an expression when strings, label matchers and grouping are taken away, and what is no metric in it.
NOISE = re.compile(r"""'[^']*'|"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(?:by|on|ignoring|without|group_left|group_right)\s*\([^)]*\)""")
WORD = re.compile(r"[a-zA-Z_:][\w:]*")
FUNCTION = re.compile(r"([a-zA-Z_]\w*)\s*\(")
KEYWORDS = {"and", "or", "unless", "by", "on", "ignoring", "without", "group_left", "group_right", "bool", "offset"}

problems = []


def metrics_of(expression):
    bare = NOISE.sub(" ", expression)
    words = set(WORD.findall(bare)) - KEYWORDS - set(FUNCTION.findall(bare))
    return {word for word in words if "_" in word or word == "up" or word == "ALERTS"}


def listed():
    if not DOCUMENT.exists():
        return None
    names = set(re.findall(r"`((?:medique|http)_[a-z_]+)", DOCUMENT.read_text()))
    return names | {name + end for name in names for end in ("_bucket", "_count", "_sum")}


def check_metrics(where, expression, known):
    for metric in sorted(metrics_of(expression)):
        if not FOREIGN.match(metric) and metric not in known:
            problems.append(f"{where}: {metric} is not in {DOCUMENT.relative_to(ROOT)}")


def check_alert(rule, tests, quiet):
    name = rule["alert"]
    if not re.search(rf'alertname="{name}"[^\n]*value: [1-9]|alertname: {name}\b', tests):
        problems.append(f"{name}: no test in which it fires")
    for metric in metrics_of(rule["expr"]):
        if metric not in quiet:
            problems.append(f"{name}: {metric} is not in the quiet hour of the tests")
    for field in ("summary", "description", "runbook_url"):
        if not rule["annotations"].get(field):
            problems.append(f"{name}: no {field}")
    page = RUNBOOKS / rule["annotations"].get("runbook_url", "").rsplit("/", 1)[-1]
    if not page.is_file():
        problems.append(f"{name}: there is no page {page.relative_to(ROOT)}")
    elif f"`{name}`" not in page.read_text() or "```sh" not in page.read_text():
        problems.append(f"{page.relative_to(ROOT)}: does not name {name}, or does not say what to type")


def expressions_of(panel):
    for target in panel.get("targets", []):
        yield target["expr"]
    for inner in panel.get("panels", []):
        yield from expressions_of(inner)


def main():
    known = listed()
    if known is None:
        print(f"!!! {DOCUMENT.relative_to(ROOT)} is not there: names of metrics are not compared")
    text = (HERE / "prometheus/tests/alerts.test.yml").read_text()
    quiet = {series["series"].split("{")[0] for series in yaml.safe_load(text)["tests"][0]["input_series"]}
    alerts = set()
    for file in sorted((HERE / "prometheus/rules").glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                alerts.add(rule["alert"])
                check_alert(rule, text, quiet)
                if known is not None:
                    check_metrics(rule["alert"], rule["expr"], known)
    for page in RUNBOOKS.glob("*.md"):
        for name in re.findall(r"`([A-Z][A-Za-z]+)`", page.read_text().split("\n## ", 1)[0]):
            if name not in alerts:
                problems.append(f"{page.relative_to(ROOT)}: there is no alert {name}")
    for file in sorted((HERE / "grafana/dashboards").glob("*.json")):
        dashboard = json.loads(file.read_text())
        for panel in dashboard["panels"]:
            for expression in expressions_of(panel):
                if known is not None:
                    check_metrics(f"{file.name}, {panel['title']}", expression, known)
    for problem in problems:
        print(problem)
    print(f"{len(alerts)} alerts")
    sys.exit(bool(problems))


main()
