"""The real program as a process that tests start, kill and start again."""

import json
import os
import shlex
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Mapping, Sequence

import psycopg

from support.places import BINARY
from support.program import Program
from support.waiting import until


class Teamflow(Program):
    """`teamflow dev` on a data directory. The first start picks a free port and later starts keep
    it, as an operator's --listen would. The private PostgreSQL lives on after kill9()."""

    def __init__(
        self,
        data: Path,
        *,
        log: str = "postgres",
        brokers: str = "",
        topic: str = "",
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__("teamflow", data.with_name(data.name + ".log"))
        self.data = data
        self.url = ""
        self.postgres_url = ""
        # Servers on other topics of the same broker are no gateways of this log.
        group = {"TEAMFLOW_GROUP_PREFIX": topic} if topic else {}
        self.environment = {**group, **(environment or {})}
        self.log = log
        self._options = ["--log", log, *arguments]
        if brokers:
            self._options += ["--brokers", brokers]
        if topic:
            self._options += ["--topic", topic]
        #: What names this server's log to other subcommands.
        self.log_options = list(self._options[2 + len(arguments) :])
        self._postgres_data: Path | None = None

    def __enter__(self) -> "Teamflow":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def launch(self, **environment: str) -> None:
        """Starts the process and does not wait. Keywords are variables for this start alone, such
        as FAILPOINT="before_commit:3"."""
        self.data.mkdir(parents=True, exist_ok=True)
        listen = self.url.removeprefix("http://") or "127.0.0.1:0"
        command = [str(BINARY), "dev", "--data", str(self.data), "--listen", listen]
        self._spawn(command + self._options, {**self.environment, **environment})

    def start(self, within: float = 60.0, **environment: str) -> "Teamflow":
        """Starts the process and returns when it is ready."""
        self.launch(**environment)
        self.wait_ready(within)
        return self

    def wait_ready(self, within: float = 60.0) -> None:
        run = until(self._ready_file, within, f"{self.data}/run.json; {self.tail()}")
        self.url = run["url"].rstrip("/")
        self.postgres_url = run["postgres_url"]
        with psycopg.connect(self.postgres_url) as connection:
            row = connection.execute("show data_directory").fetchone()
            assert row is not None
            self._postgres_data = Path(row[0])

    def serves(self) -> bool:
        """Whether this process is ready."""
        return self.alive() and self._run_file() is not None

    def restart(self, **environment: str) -> "Teamflow":
        self.stop()
        return self.start(**environment)

    def crash_postgres(self) -> None:
        """Ends the private PostgreSQL at once. It comes back with the next start."""
        assert self._postgres_data is not None, "not started"
        lock = self._postgres_data / "postmaster.pid"
        os.kill(int(lock.read_text().split()[0]), signal.SIGQUIT)
        until(lambda: not lock.exists(), 20, "the private PostgreSQL to stop")

    def revive_postgres(self) -> None:
        """Starts the private PostgreSQL as it was, beside a program that lives on."""
        assert self._postgres_data is not None, "not started"
        command = shlex.split((self._postgres_data / "postmaster.opts").read_text())
        owner = self._postgres_data.owner() if os.geteuid() == 0 else None
        subprocess.Popen(
            command, user=owner, start_new_session=True, cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        until(self._postgres_answers, 60, "the private PostgreSQL to be back")

    def _postgres_answers(self) -> bool:
        try:
            self.database().close()
        except psycopg.OperationalError:
            return False
        return True

    def database(self) -> psycopg.Connection:
        """A connection of its own, each statement a transaction."""
        return psycopg.connect(self.postgres_url, autocommit=True)

    def close(self) -> None:
        """Leaves nothing running and nothing outside the test's directory."""
        try:
            if self.alive():
                self.resume()
                self.stop()
        finally:
            if self.alive():
                self.kill9()
            self._end_postgres()

    def _ready_file(self) -> dict[str, str] | None:
        if not self.alive():
            code = self._process.poll() if self._process else None
            raise RuntimeError(f"teamflow ended with {code}:\n{self.tail()}")
        return self._run_file()

    def _run_file(self) -> dict[str, str] | None:
        try:
            run = json.loads((self.data / "run.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        # A file that a killed predecessor left names another process.
        return run if run["pid"] == self.pid else None

    def _end_postgres(self) -> None:
        """A private PostgreSQL outlives kill -9 of its program, and as root it may keep its data
        where user postgres can reach it."""
        if self._postgres_data is None:
            return
        lock = self._postgres_data / "postmaster.pid"
        try:
            postmaster = int(lock.read_text().split()[0])
            os.kill(postmaster, signal.SIGINT)
            until(lambda: not _lives(postmaster), 20, "the private PostgreSQL to stop")
        except (FileNotFoundError, ProcessLookupError):
            pass
        if not self._postgres_data.is_relative_to(self.data):
            shutil.rmtree(self._postgres_data, ignore_errors=True)


def _lives(process: int) -> bool:
    """False also for one that only waits to be reaped."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"
