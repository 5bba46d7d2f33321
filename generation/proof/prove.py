#!/usr/bin/env python3
"""Proves a generated application: installs, checks, migrates, tests, starts and fuzzes it.

usage: prove.py DIRECTORY [--json FILE] [--python PROGRAM] [--environment DIRECTORY] [--quick]

Each check is a child process with a limit of time. A tool or privilege that is missing is told as
`skipped: reason` and counts neither as passed nor as failed. The exit code is 0 when no check
failed.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

PYTHONS = ("python3.13", "python3.12", "python3.11", "python3")
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
SEEDS = (1, 2, 3)
LEAST_COVERAGE = 98.0
OUTPUT_LINES = 40


def runs(python: str) -> bool:
    """Whether there is such an interpreter: version managers leave names behind that start none."""
    return shutil.which(python) is not None and subprocess.run(
        [python, "--version"], capture_output=True, check=False
    ).returncode == 0


class Skipped(Exception):
    """A check that cannot run here; the text says why."""


class Failed(Exception):
    """A check that found something; the text is what it said."""


@dataclass
class Result:
    check: str
    outcome: str
    seconds: float
    detail: str


def run(
    *command: str | Path, cwd: Path, timeout: float, environment: dict[str, str] | None = None
) -> str:
    """The output of a command that succeeds; it and its children end with the limit of time."""
    process = subprocess.Popen(
        [str(word) for word in command], cwd=cwd, env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True, text=True, errors="replace",
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        name = Path(command[0]).name
        raise Failed(f"{name} did not end within {timeout:.0f} s\n{output}") from None
    if process.returncode != 0:
        raise Failed(output)
    return output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def private_postgres() -> Iterator[str]:
    """A PostgreSQL of its own on a free port of loopback, as the user postgres if this is root."""
    if not POSTGRES:
        raise Skipped("no PostgreSQL is installed in /usr/lib/postgresql")
    with tempfile.TemporaryDirectory(prefix="teamflow-prove-") as name:
        place, port = Path(name), free_port()
        prefix: list[str] = []
        if os.geteuid() == 0:
            prefix = ["runuser", "-u", "postgres", "--"]
            shutil.chown(place, "postgres")
        data, bin_ = place / "data", POSTGRES[0]
        options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
        run(*prefix, bin_ / "initdb", "-D", data, "-A", "trust", "-U", "postgres",
            cwd=place, timeout=120)
        run(*prefix, bin_ / "pg_ctl", "-D", data, "-o", options, "-l", place / "log", "-w", "start",
            cwd=place, timeout=60)
        try:
            yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres"
        finally:
            run(*prefix, bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop",
                cwd=place, timeout=60)


class Proof:
    def __init__(self, application: Path, python: str, environment: Path, *, quick: bool) -> None:
        self.application = application
        self.python = python
        self.bin = environment / "bin"
        self.environment = environment
        self.quick = quick
        self.database = ""
        self.results: list[Result] = []

    def tool(self, *command: str | Path, timeout: float, **environment: str) -> str:
        program = self.bin / str(command[0])
        if not program.exists():
            raise Skipped(f"{command[0]} is not installed")
        settings = {"APP_DATABASE_URL": self.database, "TEST_DATABASE_URL": self.database}
        settings = {name: value for name, value in settings.items() if value}
        return run(program, *command[1:], cwd=self.application, timeout=timeout,
                   environment=settings | environment)

    def check(self, name: str, work: Callable[[], str]) -> None:
        began = time.monotonic()
        try:
            outcome, detail = "passed", work()
        except Skipped as why:
            outcome, detail = "skipped", str(why)
        except Failed as what:
            outcome, detail = "failed", "\n".join(str(what).strip().splitlines()[-OUTPUT_LINES:])
        result = Result(name, outcome, round(time.monotonic() - began, 1), detail.strip())
        self.results.append(result)
        print(f"{result.outcome:8} {result.seconds:6.1f} s  {name}", file=sys.stderr, flush=True)

    def install(self) -> str:
        if (self.bin / "schemathesis").exists():
            return "was there"
        run(self.python, "-m", "venv", self.environment, cwd=self.application, timeout=120)
        run(self.bin / "pip", "install", "-q", "--disable-pip-version-check",
            "-r", "requirements-dev.lock", cwd=self.application, timeout=900)
        return run(self.bin / "pip", "check", cwd=self.application, timeout=60)

    def static_checks(self) -> None:
        self.check("ruff check", lambda: self.tool("ruff", "check", "--no-cache", ".", timeout=60))
        self.check("ruff format", lambda: self.tool(
            "ruff", "format", "--no-cache", "--check", ".", timeout=60))
        self.check("mypy --strict", lambda: self.tool(
            "mypy", "--cache-dir", os.devnull, timeout=600))
        self.check("bandit", lambda: self.tool(
            "bandit", "-q", "-c", "pyproject.toml", "-r", "src", timeout=120))

    def alembic(self) -> str:
        up, down = ("upgrade", "head"), ("downgrade", "base")
        for command in (up, ("check",), down, up):
            self.tool("alembic", *command, timeout=120)
        return "upgrade, check, downgrade, upgrade"

    def tests(self) -> str:
        output = self.tool("pytest", "-p", "no:cacheprovider", "--cov", "--cov-report=term",
                           "-o", "faulthandler_timeout=120", timeout=600)
        covered = re.search(r"Total coverage: ([\d.]+)%", output)
        if covered is None or float(covered[1]) < LEAST_COVERAGE:
            raise Failed(f"{output}\ncoverage is below {LEAST_COVERAGE} %")
        passed = re.search(r"\d+ passed.*", output)
        return f"{passed[0] if passed else ''}; coverage {covered[1]} %"

    @contextlib.contextmanager
    def server(self, log: Path) -> Iterator[tuple[str, float]]:
        """The application at work: its address and how long the start took."""
        port, began = free_port(), time.monotonic()
        settings = {"APP_DATABASE_URL": self.database, "APP_RATE_LIMIT_ENABLED": "false"}
        with log.open("w") as output, subprocess.Popen(
            [self.bin / "uvicorn", "src.main:create_app", "--factory", "--port", str(port)],
            cwd=self.application, env=os.environ | settings, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT,
        ) as process:
            try:
                address = f"http://127.0.0.1:{port}"
                while time.monotonic() - began < 60 and process.poll() is None:
                    with contextlib.suppress(OSError):
                        urllib.request.urlopen(f"{address}/health/ready", timeout=5).close()
                        yield address, time.monotonic() - began
                        return
                    time.sleep(0.05)
                raise Failed(f"it did not become ready\n{log.read_text()}")
            finally:
                process.terminate()
                process.wait(30)

    def fuzz(self) -> None:
        with tempfile.TemporaryDirectory(prefix="teamflow-prove-") as name:
            place = Path(name)
            try:
                with self.server(place / "server.log") as (address, seconds):
                    self.check("start", lambda: f"ready after {seconds:.1f} s")
                    for seed in SEEDS[:1] if self.quick else SEEDS:
                        self.check(f"schemathesis, seed {seed}", lambda seed=seed: self.tool(
                            "schemathesis", "run", f"{address}/openapi.json", "--seed", str(seed),
                            "--generation-database", "none", timeout=900).splitlines()[-1])
            except Failed as why:
                text = str(why)
                self.check("start", lambda: fail(text))

    def run(self) -> list[Result]:
        self.check("install", self.install)
        if self.results[0].outcome != "passed":
            return self.results
        self.static_checks()
        try:
            with private_postgres() as self.database:
                self.check("alembic", self.alembic)
                self.check("pytest", self.tests)
                self.fuzz()
        except (Skipped, Failed) as why:
            reason, kind = str(why), type(why)
            self.check("PostgreSQL", lambda: fail(reason, kind))
        return self.results


def fail(why: str, kind: type[Exception] = Failed) -> str:
    raise kind(why)


def table(results: list[Result]) -> str:
    lines = [f"{'check':24} {'outcome':8} {'time':>8}  detail"]
    for each in results:
        first = each.detail.splitlines()[-1] if each.detail else ""
        lines.append(f"{each.check:24} {each.outcome:8} {each.seconds:6.1f} s  {first[:90]}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="teamflow prove")
    parser.add_argument("directory", type=Path, help="a generated application")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the report as JSON, too")
    parser.add_argument("--python", help="the Python to install with [newest of 3.13 to 3.11]")
    parser.add_argument("--environment", type=Path, metavar="DIRECTORY",
                        help="a virtual environment to make, or to use if it is there")
    parser.add_argument("--quick", action="store_true", help="one seed of schemathesis, not three")
    options = parser.parse_args()
    if not (options.directory / "pyproject.toml").exists():
        print(f"teamflow: {options.directory} is no generated application", file=sys.stderr)
        return 1
    found = next((name for name in PYTHONS if runs(name)), sys.executable)
    python = options.python or found
    with tempfile.TemporaryDirectory(prefix="teamflow-prove-") as scratch:
        environment = (options.environment or Path(scratch) / "venv").resolve()
        proof = Proof(options.directory.resolve(), python, environment, quick=options.quick)
        results = proof.run()
    if options.json:
        report = {"application": options.directory.name, "python": python,
                  "checks": [asdict(result) for result in results]}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(table(results))
    failed = [result for result in results if result.outcome == "failed"]
    for result in failed:
        print(f"\n{result.check}:\n{result.detail}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
