"""Processes of one role each, several on one log and one database."""

import base64
import json
import os
import re
import secrets
import subprocess
from pathlib import Path
from typing import Any

import httpx
import psycopg

from support.client import PASSWORD, Client
from support.kafka import Kafka
from support.places import BINARY, free_port
from support.program import Program
from support.teamflow import Teamflow
from support.waiting import until

_NAMES = ["MASTER_KEY", "EMAIL_KEY", "JWT_SECRET", "INTERNAL_SECRET"]
_NO_RATE_LIMITS = ["--rate-limit.token", "0", "--rate-limit.auth", "0"]


class Role(Program):
    """`teamflow gateway` or `teamflow projector`. A gateway keeps its port over starts."""

    def __init__(self, name: str, command: list[str], keys: dict[str, str], output: Path) -> None:
        super().__init__(name, output)
        self.url = ""
        self._command = command
        if command[1] == "gateway":
            listen = f"127.0.0.1:{free_port()}"
            self.url = f"http://{listen}"
            self._command = [*command, "--listen", listen]
        self._keys = keys

    def launch(self) -> "Role":
        self._spawn(self._command, self._keys)
        return self

    def start(self, within: float = 60.0) -> "Role":
        """Returns when a gateway is ready; at once without one."""
        self.launch()
        if self.url:
            until(lambda: self.ready()["status"] == "ready", within, f"{self.name}; {self.tail()}")
        return self

    def ready(self) -> dict[str, Any]:
        """The answer of /health/ready; of status `silent` without one."""
        assert self.alive(), f"{self.name} ended:\n{self.tail()}"
        try:
            return httpx.get(self.url + "/health/ready", timeout=10.0).json()
        except httpx.TransportError:
            return {"status": "silent"}

    def owned(self) -> int:
        """How many partitions this gateway owns."""
        return len(owned_at(self.url))

    def close(self) -> None:
        if self.alive():
            self.kill9()


def owned_at(url: str) -> set[int]:
    """The partitions that a gateway owns."""
    text = httpx.get(url + "/metrics", timeout=10.0).text
    owned = re.findall(r'^teamflow_partition_owned{partition="(\d+)"} 1$', text, re.M)
    return {int(each) for each in owned}


def role_beside(server: Teamflow, kind: str = "gateway", *more: str) -> Role:
    """One more process on the log and the database of a server, with its secrets."""
    keys = {
        f"TEAMFLOW_{name.upper()}": text
        for name, text in json.loads((server.data / "secrets.json").read_text()).items()
    }
    if (group := server.environment.get("TEAMFLOW_GROUP_PREFIX")) is not None:
        keys["TEAMFLOW_GROUP_PREFIX"] = group
    command = [str(BINARY), kind, "--log", server.log, *server.log_options]
    command += ["--postgres-url", server.postgres_url, *more]
    if kind == "gateway":
        command += _NO_RATE_LIMITS
    name = f"{server.data.name}-{kind}-{secrets.token_hex(4)}"
    return Role(name, command, keys, server.data.with_name(f"{name}.log"))


class Cluster:
    """Gateways and projectors on a topic and a database of their own; `host` lends the PostgreSQL
    that it has for itself."""

    def __init__(self, directory: Path, host: Teamflow, broker: Kafka) -> None:
        self.roles: list[Role] = []
        self._directory = directory
        self._keys = {
            f"TEAMFLOW_{name}": base64.b64encode(secrets.token_bytes(32)).decode()
            for name in _NAMES
        }
        name = f"cluster_{secrets.token_hex(6)}"
        with host.database() as database:
            database.execute(f"create database {name}")
        self.postgres_url = psycopg.conninfo.make_conninfo(host.postgres_url, dbname=name)
        self.topic = f"teamflow.{name}"
        self._options = [
            "--log", "kafka", "--brokers", broker.bootstrap, "--topic", self.topic,
            "--postgres-url", self.postgres_url,
        ]
        self.migrate()

    def migrate(self) -> None:
        """Makes what is missing of the database and the topic."""
        self._run("migrate", *self._options, "--no-kafka-flush")

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [str(BINARY), *command], capture_output=True, text=True, timeout=120,
            env={**os.environ, **self._keys},
        )
        assert done.returncode == 0, done.stderr

    def gateway(self) -> Role:
        return self._role("gateway", *_NO_RATE_LIMITS, "--group-prefix", self.topic)

    def projector(self) -> Role:
        return self._role("projector", "--group-prefix", self.topic)

    def operator(self, gateway: Role) -> Client:
        """One who runs the instance, logged in."""
        email = f"operator-{secrets.token_hex(4)}@example.org"
        self._run("operator", "create", "--postgres-url", self.postgres_url,
                  "--email", email, "--password", PASSWORD)
        made = Client(gateway.url)
        made.login(email)
        return made

    def _role(self, kind: str, *more: str) -> Role:
        name = f"{kind}-{len(self.roles) + 1}"
        command = [str(BINARY), kind, *self._options, *more]
        self.roles.append(Role(name, command, self._keys, self._directory / f"{name}.log"))
        return self.roles[-1]

    def close(self) -> None:
        for role in self.roles:
            role.close()


def send_anywhere(
    user: Client, gateways: list[Role], method: str, path: str, body: Any, key: str
) -> httpx.Response:
    """A command with its key to one gateway after the other, until one knows the answer."""
    answers: list[str] = []

    def attempt() -> httpx.Response | None:
        for gateway in gateways:
            if user.url != gateway.url:
                user.move_to(gateway.url)
            try:
                answer = user.send(method, path, body, key=key)
            except httpx.TransportError as failure:
                answers.append(repr(failure))
                continue
            if answer.status_code != 503:
                return answer
            answers.append(answer.text)
        return None

    answer = until(attempt, 60, f"{method} {path} to be taken; {answers[-3:]}")
    assert answer is not None
    return answer
