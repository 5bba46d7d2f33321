"""Where the programs are and where files go."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TEAMFLOW_BUILD", ROOT / "build" / "bench"))
DEV = Path(os.environ.get("TEAMFLOW_DEV", ROOT / "dev"))


def run_tool(name: str, *arguments: Any, within: float = 120) -> dict[str, Any]:
    """Runs a program of tests/bench whose last line of output is its result as JSON."""
    done = subprocess.run(
        [str(BUILD / name), *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name} {arguments}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])
