"""TeamFlow on several processes: brokers, a PostgreSQL, gateways and projectors on loopback."""

import base64
import os
import secrets
import subprocess
from pathlib import Path
from typing import Mapping, Sequence

from support.kafka import Kafka
from support.places import BINARY, free_port

from chaos.brokers import Brokers
from chaos.postgres import Postgres
from chaos.processes import Gateway, Process, Projector
from chaos.proxy import Network
from chaos.volume import Volume

SECRETS = ["MASTER_KEY", "EMAIL_KEY", "JWT_SECRET", "INTERNAL_SECRET"]


class Cluster:
    """Everything that runs, in one directory. `database` names a PostgreSQL that is there already;
    else a `postgres` is started. With a `network` every hop of every process goes through a link:
    clients to <gateway>, other gateways to <gateway>-peers, a process to PostgreSQL by
    <process>-postgres and to a broker by <process>-broker-<n>. The gateways listen on `port` and
    those behind it; 0 is any. The data of brokers lie on `volumes`, by number. `broken` are rules
    that a test build is not to keep. Without `flush` a single broker is not made to flush."""

    def __init__(
        self,
        directory: Path,
        *,
        log: str = "kafka",
        gateways: int = 3,
        projectors: int = 2,
        brokers: int = 3,
        partitions: int = 12,
        topic: str = "teamflow.events",
        database: str = "",
        postgres: Postgres | None = None,
        network: Network | None = None,
        port: int = 0,
        volumes: Mapping[int, Volume] | None = None,
        broken: Sequence[str] = (),
        flush: bool = True,
    ) -> None:
        self.directory = directory
        self.log = log
        self.topic = topic
        self.postgres = postgres
        self.network = network
        self.brokers: Kafka | None = None
        self.gateways: list[Gateway] = []
        self.projectors: list[Projector] = []
        #: Where clients reach each gateway.
        self.urls: list[str] = []
        self._database = database
        self._partitions = partitions
        self._port = port
        self._broken = broken
        self._flush = flush
        self._names = [f"gateway-{n + 1}" for n in range(gateways)]
        self._names += [f"projector-{n + 1}" for n in range(projectors)]
        if log == "kafka":
            place = directory / "kafka"
            self.brokers = (
                Brokers(place, brokers, volumes or {}) if network else Kafka(place, brokers))

    @property
    def processes(self) -> list[Process]:
        return [*self.gateways, *self.projectors]

    @property
    def database_url(self) -> str:
        return self._database or (self.postgres.url if self.postgres else "")

    def start(self) -> "Cluster":
        """Returns when every process is ready."""
        logs = self.directory / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        if self.postgres is not None:
            self.postgres.start()
        if isinstance(self.brokers, Brokers) and self.network is not None:
            self.brokers.start_anew(self.network, self._names)
        elif self.brokers is not None:
            self.brokers.start()
        self.run("migrate", "--partitions", str(self._partitions),
                 *([] if self._flush else ["--no-kafka-flush"]))
        environment = self._keys()
        for name in self._names:
            self._declare(name, environment, logs)
        # Read models before those who serve them.
        for process in [*self.projectors, *self.gateways]:
            process.launch()
        for process in self.processes:
            process.wait_ready()
        return self

    def stop(self) -> None:
        """Ends everything that it started, those who write first."""
        for process in self.processes:
            process.stop()
        if self.brokers is not None:
            self.brokers.stop(force=True)
        if self.postgres is not None:
            self.postgres.stop()

    def _declare(self, name: str, environment: dict[str, str], logs: Path) -> None:
        arguments = self._log_options(name) + ["--postgres-url", self._database_of(name)]
        if name.startswith("projector"):
            self.projectors.append(Projector(name, arguments, environment, logs))
            return
        # Workloads are made by few users.
        limits = ["--rate-limit.token", "0", "--rate-limit.auth", "0"]
        port = self._port + len(self.gateways) if self._port else free_port()
        peers = self._link(f"{name}-peers", port)
        gateway = Gateway(name, port, [*arguments, *limits], environment, logs, peers)
        self.gateways.append(gateway)
        self.urls.append(f"http://127.0.0.1:{self._link(name, port)}")

    def _database_of(self, name: str) -> str:
        if self.network is None or self.postgres is None:
            return self.database_url
        return self.postgres.url_at(self._link(f"{name}-postgres", self.postgres.port))

    def _link(self, name: str, port: int) -> int:
        """The port that leads to this one."""
        if self.network is None:
            return port
        before = free_port()
        self.network.link(name, before, port)
        return before

    def _log_options(self, name: str) -> list[str]:
        if self.brokers is None:
            return ["--log", "postgres"]
        bootstrap = self.brokers.bootstrap
        if isinstance(self.brokers, Brokers):
            bootstrap = self.brokers.bootstrap_of(name) if name else bootstrap
        return ["--log", "kafka", "--brokers", bootstrap, "--topic", self.topic]

    def run(self, verb: str, *arguments: str) -> None:
        """A command of the program that does its work and ends."""
        command = [
            str(BINARY), verb, *arguments, *self._log_options(""),
            "--postgres-url", self.database_url,
        ]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
            env={**os.environ, **self._keys()},
        )
        if done.returncode != 0:
            raise RuntimeError(f"{verb}: exit {done.returncode}\n{done.stderr}")

    def _keys(self) -> dict[str, str]:
        """What the processes share and keep over all starts."""
        file = self.directory / "secrets"
        if not file.exists():
            made = [base64.b64encode(secrets.token_bytes(32)).decode() for _ in SECRETS]
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "w") as out:
                out.write("\n".join(made) + "\n")
        kept = file.read_text().split()
        named = {f"TEAMFLOW_{name}": value for name, value in zip(SECRETS, kept, strict=True)}
        return {**named, "BROKEN_RULES": ",".join(self._broken)}
