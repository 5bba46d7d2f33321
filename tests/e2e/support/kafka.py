"""A real Kafka cluster on loopback, through ./dev kafka."""

import os
import signal
import subprocess
from pathlib import Path

from support.places import DEV


class Kafka:
    """Lives in one directory, keeps ports and data over stops and kills. Brokers count from 1."""

    def __init__(self, directory: Path, nodes: int = 1) -> None:
        self.directory = directory
        self.nodes = nodes
        self.bootstrap = ""

    def __enter__(self) -> "Kafka":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop(force=True)

    def start(self, node: int | None = None) -> "Kafka":
        """Starts what does not run, and returns when it serves."""
        options = ["--port", "0"] if not self.bootstrap else []
        if node is None:
            options += ["--nodes", str(self.nodes)]
        self.bootstrap = self._dev("start", *options, node=node).strip().removeprefix("bootstrap=")
        return self

    def stop(self, node: int | None = None, force: bool = False) -> None:
        self._dev("stop", *(["--force"] if force else []), node=node)

    def kill9(self, node: int = 1) -> None:
        self.stop(node, force=True)

    def pause(self, node: int = 1) -> None:
        os.kill(self.pid(node), signal.SIGSTOP)

    def resume(self, node: int = 1) -> None:
        os.kill(self.pid(node), signal.SIGCONT)

    def pid(self, node: int = 1) -> int:
        return int((self.directory / f"node-{node}" / "pid").read_text())

    def running(self) -> set[int]:
        """The brokers whose process is there."""
        lines = self._dev("status", check=False).splitlines()[1:]
        return {int(line.split()[1].rstrip(":")) for line in lines if "running" in line}

    def _dev(self, action: str, *options: str, node: int | None = None, check: bool = True) -> str:
        command = [str(DEV), "kafka", action, "--dir", str(self.directory), *options]
        if node is not None:
            command += ["--node", str(node)]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"{command}: exit {done.returncode}\n{done.stderr}")
        return done.stdout
