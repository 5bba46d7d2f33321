"""The short form of ./dev test-chaos: faults on a cluster of real processes under load. Another
seed by TEAMFLOW_CHAOS_SEED."""

import os
import random
import subprocess
import urllib.request
from pathlib import Path

import pytest

from chaos import summary
from chaos.run import Options, Run
from support.places import BINARY, ROOT
from support.waiting import until

SEED = int(os.environ.get("TEAMFLOW_CHAOS_SEED", str(random.randrange(1 << 30))))


@pytest.mark.timeout(600)
def test_a_cluster_keeps_its_promises_under_faults(log: str, tmp_path: Path) -> None:
    print(f"TEAMFLOW_CHAOS_SEED={SEED}")
    options = Options(seed=SEED, log=log, faults=14, minutes=0.6, organizations=2)
    result = Run(options, tmp_path / "run").perform()
    print(summary.text(result))
    assert not result["violations"], summary.text(result)


def test_the_cluster_of_dev_serves_and_stops(tmp_path: Path) -> None:
    """`./dev cluster`, without its build."""
    paths = f"{ROOT / 'tests'}:{ROOT / 'tests' / 'e2e'}"
    process = subprocess.Popen(
        ["python3", "-m", "chaos.run_cluster", "--dir", str(tmp_path / "cluster"), "--log",
         "postgres", "--projectors", "1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": paths, "TEAMFLOW_BINARY": str(BINARY)},
    )
    try:
        assert process.stdout is not None
        told = dict(process.stdout.readline().split()[n].split("=", 1) for n in (0, 1))
        with urllib.request.urlopen(told["gateway-1"] + "/health/health", timeout=10) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        code = process.wait(60)
    assert code == 0
    until(lambda: not Path(f"/proc/{told['pid']}").exists(), 10, "the gateway to be gone")
