"""Subcommands of the program that run to their end."""

import os
import subprocess

from support.places import BINARY


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Keywords are variables of the environment."""
    return subprocess.run(
        [str(BINARY), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=120, env={**os.environ, **environment},
    )


def teamflow(
    *arguments: str, expect: int = 0, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A run that must end with this code."""
    done = run(*arguments, **environment)
    assert done.returncode == expect, (arguments, done.returncode, done.stdout, done.stderr)
    return done
