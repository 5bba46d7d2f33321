"""A PostgreSQL of its own on loopback, with a password, that can be broken in its ways."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from support.places import free_port
from support.waiting import until

ACCOUNT = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1", "fsync": "on", "shared_buffers": "128MB",
    "max_connections": "150", "max_wal_size": "512MB", "jit": "off", "timezone": "UTC",
}


class Postgres:
    """Its data outlive stops; so do port and password. They lie in `directory`, the data elsewhere
    if `data` says so, which must not be there yet. Run by root it works as user postgres, who must
    be able to reach both."""

    def __init__(self, directory: Path, data: Path | None = None) -> None:
        self.directory = directory
        self.data = data or directory / "data"
        self.port = 0
        self._password = ""
        self._programs = _programs()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.url_at(self.port)

    def url_at(self, port: int, database: str = "teamflow") -> str:
        """The same server behind a proxy that listens on `port`."""
        return f"postgresql://teamflow:{self._password}@127.0.0.1:{port}/{database}"

    def start(self) -> "Postgres":
        """Returns when it serves."""
        fresh = not self.data.exists()
        if fresh:
            self._make()
        self._place()
        # Left by a crash; its number may belong to somebody else by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.launch()
        until(self._serves_or_ended, 60, "PostgreSQL to be ready")
        if not self.alive():
            raise RuntimeError(f"PostgreSQL ended while starting:\n{self.tail()}")
        if fresh:
            self._psql("create database teamflow")
        return self

    def launch(self) -> None:
        command = [str(self._programs / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        for name, value in {**SETTINGS, "unix_socket_directories": ""}.items():
            command += ["-c", f"{name}={value}"]
        with (self.directory / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_account(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd="/",
            )

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def crash(self) -> None:
        """Ends it at once, as pg_ctl stop -m immediate does."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        self._end(signal.SIGINT)

    def terminate_backends(self) -> None:
        """Ends every connection of the program; the server lives on."""
        self._psql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = 'teamflow' and pid <> pg_backend_pid()"
        )

    def tail(self, lines: int = 30) -> str:
        text = (self.directory / "postgres.log").read_text(errors="replace").splitlines()
        return "\n".join(text[-lines:])

    def _make(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._hand_over(self.directory)
        self._hand_over(self.data.parent)
        self._password = secrets.token_urlsafe(24)
        place = self.directory / "place"
        place.touch(0o600)
        place.write_text(f"{free_port()} {self._password}\n")
        self._hand_over(place)
        password = self.directory / "password"
        password.touch(0o600)
        password.write_text(self._password)
        self._hand_over(password)
        done = subprocess.run(
            self._as_account([
                str(self._programs / "initdb"), "--pgdata", str(self.data), "--encoding=UTF8",
                "--locale=C.UTF-8", "--username=teamflow", "--auth=scram-sha-256",
                f"--pwfile={password}",
            ]),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, cwd="/",
        )
        password.unlink()
        if done.returncode != 0:
            raise RuntimeError(f"initdb failed: {done.stderr}")

    def _place(self) -> None:
        port, self._password = (self.directory / "place").read_text().split()
        self.port = int(port)

    def _serves_or_ended(self) -> bool:
        ready = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return not self.alive() or subprocess.run(ready, timeout=20).returncode == 0

    def _psql(self, statement: str) -> None:
        database = "postgres" if statement.startswith("create database") else "teamflow"
        done = subprocess.run(
            ["psql", "-X", "-q", self.url_at(self.port, database), "-c", statement],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{statement}: {done.stderr}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self.alive():
            os.kill(self._process.pid, how)
            self._process.wait(60)

    def _as_account(self, command: list[str]) -> list[str]:
        if os.geteuid() != 0:
            return command
        as_user = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups", "--"]
        return as_user + command

    def _hand_over(self, path: Path) -> None:
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(path, account.pw_uid, account.pw_gid)


def _programs() -> Path:
    """Debian keeps them out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    assert initdb is not None, "PostgreSQL is not installed"
    return Path(initdb).parent
