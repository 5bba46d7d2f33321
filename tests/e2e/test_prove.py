"""A proof that is told to end takes with it what it started: its PostgreSQL, the check that runs,
its files."""

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.command_line import teamflow
from support.places import BINARY
from support.waiting import until

# What a proof looks for in an environment that is there. One check tells its database, and stays.
STAYS = """#!/bin/sh
echo "$$ $APP_DATABASE_URL" > "$TOLD.new"
mv "$TOLD.new" "$TOLD"
exec tail -f /dev/null
"""
PASSES = "#!/bin/sh\n"


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Below it the proof makes its files; PostgreSQL, another user, comes through it."""
    with tempfile.TemporaryDirectory(prefix="teamflow-proof-") as place:
        Path(place).chmod(0o755)
        yield Path(place)


def stand_in(directory: Path, **programs: str) -> None:
    directory.mkdir(parents=True)
    for name, text in programs.items():
        (directory / name).write_text(text)
        (directory / name).chmod(0o755)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_proof_that_is_ended_leaves_nothing(
    tmp_path: Path, scratch: Path, how: signal.Signals
) -> None:
    teamflow("generate", "simple_task_api", "--out", str(tmp_path / "app"))
    stand_in(tmp_path / "environment/bin", schemathesis=PASSES, alembic=STAYS)
    stand_in(
        tmp_path / "environment-linters/bin",
        **{"check-jsonschema": PASSES, "hadolint": PASSES},
    )
    told = tmp_path / "told"
    with subprocess.Popen(
        [BINARY, "prove", tmp_path / "app", "--environment", tmp_path / "environment"],
        env=os.environ | {"TMPDIR": str(scratch), "TOLD": str(told)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as proof:
        try:
            until(told.exists, 120, "the check that stays")
            pid, database = told.read_text().split()
            port = urlsplit(database).port
            assert port is not None and is_open(port)
            proof.send_signal(how)
            assert proof.wait(60) == 128 + how
        finally:
            proof.kill()
    assert not is_open(port)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
    assert list(scratch.iterdir()) == []
