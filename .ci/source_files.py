"""Which files the checks look at: what git tracks or would track, read from the work tree."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def source_files(*suffixes: str) -> list[str]:
    """Paths relative to the root with one of these suffixes (all files if none is given)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")
    return sorted(
        name for name in set(listed)
        if name and (not suffixes or name.endswith(suffixes)) and (ROOT / name).is_file()
    )
