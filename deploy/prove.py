#!/usr/bin/env python3
"""Proves a fresh installation by docker-compose.yml: a visit plays through over TLS; then, under load, workers are
scaled to four, processes are killed, and every replica is replaced, and nothing that was accepted is lost.

    sudo deploy/prove.py --url https://localhost --cacert secrets/tls_certificate -- docker compose

Behind `--` stands compose as it was used to start. It makes a facility of its own and needs an installation that
nobody depends on: it kills. Runs on the host itself, as root.
"""

import argparse
import base64
import hashlib
import hmac
import json
import secrets
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

PASSWORD = "Umbrella-7 under the gravel"
GIVE_UP_S = 120


class Client:
    """HTTP as a careful client speaks it: what may have been lost is sent again with the same key."""

    def __init__(self, url, cacert):
        self.url = url.rstrip("/")
        self.context = ssl.create_default_context(cafile=cacert)
        self.retried = 0

    def once(self, method, path, body=None, token=None, headers=None, timeout=20):
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        data = None if body is None else json.dumps(body).encode()
        try:
            answer = urllib.request.urlopen(request, data, timeout=timeout, context=self.context)
        except urllib.error.HTTPError as error:
            answer = error
        text = answer.read().decode()
        kind = answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if text and "json" in kind else text

    def ask(self, method, path, body=None, token=None, headers=None):
        """Until there is an answer that is about the request, not about a server that is away."""
        until = time.monotonic() + GIVE_UP_S
        while True:
            try:
                status, answer = self.once(method, path, body, token, headers)
                if status not in (429, 502, 503, 504):
                    return status, answer
            except OSError as error:
                status, answer = 0, str(error)
            if time.monotonic() > until:
                raise RuntimeError(f"{method} {path}: {status} {answer}")
            self.retried += 1
            time.sleep(0.3)

    def command(self, token, path, body, key=None):
        headers = {"Idempotency-Key": key or secrets.token_hex(16), "Prefer": "wait=10"}
        return self.ask("POST", "/api/v1" + path, body, token, headers)

    def done(self, token, path, body):
        status, answer = self.command(token, path, body)
        if status not in (200, 201):
            raise RuntimeError(f"{path}: {status} {answer}")
        return answer


def totp(secret):
    padded = secret + "=" * (-len(secret) % 8)
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(padded), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def sign_in(client, email, password):
    """Through all the steps that an installation may ask for."""
    for _ in range(4):
        status, answer = client.ask("POST", "/api/v1/auth/login", {"email": email, "password": password})
        if status == 200:
            return answer["access_token"]
        challenge = {"challenge_token": answer.get("challenge_token")}
        if answer.get("code") == "password_change_required":
            body = {"token": challenge["challenge_token"], "password": PASSWORD}
            status, answer = client.ask("POST", "/api/v1/auth/password/reset", body)
            if status != 204:
                raise RuntimeError(f"a new password: {status} {answer}")
            password = PASSWORD
        elif challenge["challenge_token"]:
            _, setup = client.ask("POST", "/api/v1/auth/login/second-factor/enrol", challenge)
            body = challenge | {"code": totp(setup["secret"])}
            status, answer = client.ask("POST", "/api/v1/auth/login/second-factor", body)
            if status == 200:
                return answer["access_token"]
            raise RuntimeError(f"second factor: {status} {answer}")
        else:
            break
    raise RuntimeError(f"signing in as {email}: {status} {answer}")


class Screen(threading.Thread):
    """A live stream that comes back by itself, as a board does."""

    def __init__(self, client, token, department):
        super().__init__(daemon=True)
        self.client, self.token = client, token
        self.path = f"/api/v1/departments/{department}/events"
        self.last, self.seen, self.connections, self.stopped = None, [], 0, False

    def run(self):
        while not self.stopped:
            try:
                self.follow()
            except OSError:
                pass
            time.sleep(0.2)

    def follow(self):
        request = urllib.request.Request(self.client.url + self.path)
        request.add_header("Authorization", f"Bearer {self.token}")
        if self.last:
            request.add_header("Last-Event-ID", self.last)
        with urllib.request.urlopen(request, timeout=30, context=self.client.context) as stream:
            self.connections += 1
            for line in stream:
                line = line.decode().rstrip("\n")
                if line.startswith("id:"):
                    self.last = line[3:].strip()
                elif line.startswith("event:"):
                    self.seen.append(line[6:].strip())


class Installation:
    """What compose runs."""

    def __init__(self, compose):
        self.compose = compose

    def run(self, *arguments, text=None):
        done = subprocess.run([*self.compose, *arguments], input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def admin(self, *arguments):
        printed = self.run("run", "--rm", "-T", "admin", *arguments, "--json")
        return json.loads(next(line for line in printed.splitlines() if line.startswith("{")))

    def containers(self, service):
        return self.run("ps", "-q", service).split()

    def value(self, query):
        command = ["psql", "--username", "medique", "--dbname", "medique", "--tuples-only", "--no-align", "--command"]
        return self.run("exec", "-T", "postgres", *command, query).strip()

    def kill(self, service):
        """As a crash does: the engine starts it again, or does not."""
        victim = self.containers(service)[0]
        pid = subprocess.check_output(["docker", "inspect", "--format", "{{.State.Pid}}", victim], text=True).strip()
        subprocess.run(["kill", "-9", pid], check=True)
        return victim[:12]

    def is_healthy(self, *services):
        for service in services:
            for container in self.containers(service):
                look = ["docker", "inspect", "--format", "{{.State.Health.Status}}", container]
                if subprocess.run(look, capture_output=True, text=True, check=False).stdout.strip() != "healthy":
                    return False
        return True

    def await_healthy(self, *services):
        until = time.monotonic() + GIVE_UP_S
        while not self.is_healthy(*services):
            if time.monotonic() > until:
                raise RuntimeError(f"not healthy: {self.run('ps')}")
            time.sleep(1)


class Load:
    """Patients who check in, one after the other, in several hands, until it is told to stop."""

    def __init__(self, client, token, department, hands=4):
        self.client, self.token, self.department = client, token, department
        self.stopped, self.asked, self.answers, self.failures = threading.Event(), [], {}, []
        self.hands = [threading.Thread(target=self.check_in_all, args=(hand,)) for hand in range(hands)]
        for hand in self.hands:
            hand.start()

    def check_in_all(self, hand):
        number = 0
        while not self.stopped.is_set():
            number += 1
            key = f"prove-{hand}-{number}-{secrets.token_hex(4)}"
            body = {"department_id": self.department, "patient": {"name": f"Trial {hand} {number}", "age_years": 40},
                    "complaint": "ankle sprain", "symptoms": []}
            self.asked.append(key)
            try:
                self.answers[key] = self.client.command(self.token, "/visits", body, key)
            except (RuntimeError, OSError) as error:
                self.failures.append(f"{key}: {error}")
            self.stopped.wait(0.1)

    def stop(self):
        self.stopped.set()
        for hand in self.hands:
            hand.join()


def say(text):
    print(f"==> {text}", flush=True)


def one_visit(client, reception, doctor, department, screen):
    body = {"department_id": department, "patient": {"name": "Ada Example", "age_years": 36},
            "complaint": "ankle sprain", "symptoms": []}
    visit = client.done(reception, "/visits", body)["visit_id"]
    client.done(doctor, f"/departments/{department}/call-next", {})
    client.done(doctor, f"/visits/{visit}/start", {})
    client.done(doctor, f"/visits/{visit}/complete", {"notes": "no fracture", "prescription": "rest, ice"})
    _, shown = client.ask("GET", f"/api/v1/visits/{visit}", token=doctor)
    if shown["state"] != "COMPLETED":
        raise RuntimeError(f"the visit ended as {shown}")
    until = time.monotonic() + 10
    while len(screen.seen) < 4 and time.monotonic() < until:
        time.sleep(0.05)
    print(f"    {shown['token']} is {shown['state']}; the live stream showed {screen.seen}")
    if len(screen.seen) < 4:
        raise RuntimeError("the live stream missed events")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="https://localhost")
    parser.add_argument("--cacert")
    parser.add_argument("compose", nargs="+")
    arguments = parser.parse_args()
    client, here = Client(arguments.url, arguments.cacert), Installation(arguments.compose)

    say("everything is healthy")
    here.await_healthy("postgres", "nats", "api", "worker", "proxy")
    code = "P" + secrets.token_hex(2).upper()
    facility = here.admin("create-facility", "--code", code, "--name", "Proving Ground", "--timezone", "Etc/UTC",
                          "--cutover-hour", str((time.gmtime().tm_hour + 12) % 24))["facility_id"]

    def person(role):
        email = f"{role.lower()}.{code.lower()}@prove.example"
        made = here.admin("create-user", "--facility-id", facility, "--email", email, "--role", role,
                          "--all-departments", "--generate-password")
        return sign_in(client, email, made["password"])

    admin = person("ADMIN")
    client.done(admin, "/departments", {"code": "GM", "name": "General Medicine", "exempt_from_day_close": True})
    department = client.ask("GET", "/api/v1/departments", token=admin)[1]["items"][0]["department_id"]
    client.done(admin, "/rooms", {"department_id": department, "code": "GM1", "name": "Room 1"})
    reception, doctor = person("RECEPTION"), person("DOCTOR")

    say("a visit over TLS")
    screen = Screen(client, doctor, department)
    screen.start()
    time.sleep(1)
    one_visit(client, reception, doctor, department, screen)

    say("under load: workers to four")
    load = Load(client, reception, department)
    here.run("up", "-d", "--no-recreate", "--no-deps", "--scale", "worker=4", "worker")
    here.await_healthy("worker")
    print(f"    {len(here.containers('worker'))} workers are healthy")

    say("under load: kill -9 of a worker, an api, the broker, the database")
    for service in ("worker", "api", "nats", "postgres"):
        victim = here.kill(service)
        time.sleep(4)
        here.await_healthy("postgres", "nats", "api", "worker")
        print(f"    {service} {victim} was killed and is back")

    say("under load: every replica is replaced")
    files = [argument for argument in arguments.compose[1:] if argument != "compose"]
    replaced = subprocess.run(["deploy/rolling-restart.sh", *files], check=False, capture_output=True, text=True)
    print("    " + replaced.stdout.strip().replace("\n", "\n    "))
    if replaced.returncode:
        raise RuntimeError(replaced.stderr)

    load.stop()
    say("what became of it")
    if load.failures:
        raise RuntimeError("\n".join(load.failures[:5]))
    undecided = [answer for status, answer in load.answers.values() if status == 202]
    until = time.monotonic() + 60
    for answer in undecided:
        while True:
            status, command = client.ask("GET", f"/api/v1/commands/{answer['command_id']}", token=reception)
            if status == 200 and command["status"] != "accepted":
                break
            if time.monotonic() > until:
                raise RuntimeError(f"never decided: {answer}")
            time.sleep(0.2)
    refused = [answer for status, answer in load.answers.values() if status not in (201, 202)]
    visits = {answer["visit_id"] for status, answer in load.answers.values() if status in (201, 202)}
    stored = int(here.value(f"SELECT count(*) FROM visit WHERE facility_id = '{facility}'"))
    tokens = int(here.value(f"SELECT count(DISTINCT token_number) FROM visit WHERE facility_id = '{facility}'"))
    print(f"    {len(load.asked)} asked, {len(load.answers)} answered, {client.retried} repeated with their key, "
          f"{len(undecided)} decided after the answer, {len(refused)} refused")
    print(f"    {len(visits)} accepted and 1 before; {stored} visits and {tokens} tokens in the database; "
          f"the screen connected {screen.connections} times")
    screen.stopped = True
    good = not refused and len(visits) == len(load.asked) and stored == len(visits) + 1 and tokens == stored
    parked = int(here.value("SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL"))
    print(f"    {parked} parked")
    print("PROVED: nothing was lost, nothing happened twice" if good and not parked else "NOT PROVED")
    sys.exit(not (good and not parked))


main()
