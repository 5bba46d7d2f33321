"""The program under measurement: all roles in one process, on a data directory of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Callable

from places import BUILD, DEV

PASSWORD = "correct horse battery staple"


def wait_for(condition: Callable[[], Any], within: float, what: str) -> Any:
    """The first truthy result of `condition`."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.005)
    raise TimeoutError(f"{what}: not within {within} s")


class Api:
    """A gateway as its clients see it."""

    def __init__(self, url: str = "") -> None:
        self.url = url

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}", method=method, headers=headers,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def metrics(self, name: str) -> list[float]:
        """The values of a metric, one for each set of labels."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        return [float(each) for each in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M)]

    def metric(self, name: str) -> float:
        """The largest of them."""
        return max(self.metrics(name), default=0.0)


class Subject(Api):
    """`teamflow dev`, started with no rate limits."""

    def __init__(self, data: Path, log: str = "postgres", brokers: str = "", flush: bool = False,
                 topic: str = "") -> None:
        super().__init__()
        self.data = data
        self.postgres_url = ""
        self.start_seconds = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._postmaster: Path | None = None
        self._options = ["--log", log, "--log-level", "warn",
                         "--rate-limit.token", "0", "--rate-limit.auth", "0"]
        if brokers:
            flag = "--kafka-flush" if flush else "--no-kafka-flush"
            self._options += ["--brokers", brokers, "--topic", topic, flag]

    def __enter__(self) -> "Subject":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> float:
        """Seconds from the start of the process until it says that it is ready."""
        self.data.mkdir(parents=True, exist_ok=True)
        command = [str(BUILD / "teamflow"), "dev", "--data", str(self.data),
                   "--listen", "127.0.0.1:0", *self._options]
        begin = time.monotonic()
        with self.data.with_suffix(".log").open("ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )
        run = wait_for(self._run_file, 60, "the program's run.json")
        self.start_seconds = time.monotonic() - begin
        self.url = run["url"].rstrip("/")
        self.postgres_url = run["postgres_url"]
        return self.start_seconds

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)

    def close(self) -> None:
        try:
            self.stop()
        finally:
            if self._process is not None and self._process.poll() is None:
                self._process.kill()
            shutil.rmtree(self.data, ignore_errors=True)

    def _run_file(self) -> dict[str, Any] | None:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"teamflow ended; see {self.data.with_suffix('.log')}")
        try:
            run = json.loads((self.data / "run.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return run if run["pid"] == self._process.pid else None

    def resident_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def drain_seconds(self, within: float = 60) -> float:
        """Until every projection has read the log to its end."""
        begin = time.monotonic()
        wait_for(lambda: self.metric("teamflow_projection_lag_events") == 0, within, "lag 0")
        return time.monotonic() - begin


class Organization:
    """An organization with one owner and one project."""

    def __init__(self, subject: Api, number: int) -> None:
        answer = subject.call("POST", "/auth/register", {
            "organization_name": f"Organization {number}", "email": f"owner-{number}@example.org",
            "name": f"Owner {number}", "password": PASSWORD,
        })
        self.token = answer["access_token"]
        self.project = subject.call("POST", "/projects", {"name": "Project"}, self.token)["id"]


class Broker:
    """A Kafka broker on loopback with its default settings."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.bootstrap = ""

    def __enter__(self) -> "Broker":
        self.bootstrap = self._dev("start", "--port", "0").strip().removeprefix("bootstrap=")
        return self

    def __exit__(self, *_: object) -> None:
        self._dev("stop", "--force")
        shutil.rmtree(self.directory, ignore_errors=True)

    def _dev(self, action: str, *options: str) -> str:
        done = subprocess.run(
            [str(DEV), "kafka", action, "--dir", str(self.directory), *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180,
            env={**os.environ},
        )
        if done.returncode != 0:
            raise RuntimeError(f"./dev kafka {action}: {done.stderr}")
        return done.stdout
