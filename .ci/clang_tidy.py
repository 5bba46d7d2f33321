#!/usr/bin/env python3
"""Runs clang-tidy over every translation unit of a build, and remembers what was clean.

A unit is remembered under a hash of its command, the checks, and the contents of all files that it
read when it was built (Ninja's dependency log), so only what changed is checked again. Headers of
the system are taken by path, size and time. A unit that was never built is always checked.

usage: clang_tidy.py BUILD_DIR [--cache DIR] [--jobs N] [FILE...]
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

from source_files import ROOT

# From .ci/requirements.txt. docs/decisions/0002-compiler.md says why it is newer than the compiler.
CLANG_TIDY = str(ROOT / ".venv" / "bin" / "clang-tidy")
# The compiler's own warnings are errors of the build already.
EXTRA = ["--quiet", "--extra-arg=-Wno-everything", "--extra-arg=-Wno-unknown-warning-option"]


@functools.cache
def fingerprint(path: str) -> str:
    """Contents for our own files; path, size and time for the system's."""
    try:
        if Path(path).is_relative_to(ROOT):
            return hashlib.sha256(Path(path).read_bytes()).hexdigest()
        status = os.stat(path)
        return f"{path} {status.st_size} {status.st_mtime_ns}"
    except FileNotFoundError:
        return "gone"


def dependencies(build: Path) -> dict[str, list[str]]:
    """What each object was made from, by the name Ninja gives the object."""
    dump = subprocess.run(
        ["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True, text=True
    ).stdout
    result: dict[str, list[str]] = {}
    files: list[str] = []
    for line in dump.split("\n"):
        if line.startswith("    "):
            files.append(str((build / line.strip()).resolve()))
        elif ": #deps" in line:
            name, state = line.split(": #deps", 1)
            files = []
            if "(VALID)" in state:
                result[name] = files
    return result


def without_precompiled(command: str) -> str:
    """A unit as it stands: it has to include what it uses, and matching is no faster with one."""
    return re.sub(r" -Xclang -include(-pch)? -Xclang \S+", "", command)


def standing_alone(build: Path) -> tuple[Path, list[dict]]:
    """The units without precompiled headers, and the folder with their compile_commands.json."""
    units = json.loads((build / "compile_commands.json").read_text())
    for unit in units:
        unit["command"] = without_precompiled(unit["command"])
    folder = build / "tidy"
    folder.mkdir(exist_ok=True)
    (folder / "compile_commands.json").write_text(json.dumps(units))
    return folder, units


def key(unit: dict, read: list[str], common: str) -> str:
    digest = hashlib.sha256(f"{common}\0{unit['command']}\0".encode())
    for path in read:
        digest.update(f"{fingerprint(path)}\0".encode())
    return digest.hexdigest()


def check(name: str, commands: Path) -> tuple[bool, str, float]:
    began = time.monotonic()
    done = subprocess.run(
        [CLANG_TIDY, *EXTRA, "-p", str(commands), name], capture_output=True, text=True, cwd=ROOT
    )
    words = done.stdout if done.returncode == 0 else done.stdout + done.stderr
    return done.returncode == 0, words, time.monotonic() - began


def object_of(command: str) -> str:
    words = shlex.split(command)
    return words[words.index("-o") + 1]


def pending(
    build: Path, units: list[dict], cache: Path, only: set[str]
) -> tuple[list[tuple[str, Path | None]], int]:
    """The units to check, each with the file that will say it was clean; and how many are known."""
    version = subprocess.run([CLANG_TIDY, "--version"], check=True, capture_output=True, text=True)
    common = version.stdout + (ROOT / ".clang-tidy").read_text()
    made_from = dependencies(build)
    work, known = [], 0
    for unit in units:
        name = os.path.relpath(unit["file"], ROOT)
        if name.startswith("..") or name.startswith("build/") or (only and name not in only):
            continue
        read = made_from.get(object_of(unit["command"]))
        mark = cache / key(unit, read, common) if read else None
        if mark and mark.exists():
            mark.touch()
            known += 1
        else:
            work.append((name, mark))
    return work, known


def forget_old(cache: Path, days: int = 14) -> None:
    for mark in cache.iterdir():
        if mark.stat().st_mtime < time.time() - days * 86400:
            mark.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "tidy")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    build = options.build.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    forget_old(options.cache)
    commands, units = standing_alone(build)
    work, known = pending(build, units, options.cache, set(options.files))
    print(f"clang-tidy: {known} units known to be clean, {len(work)} to check", file=sys.stderr)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(check, name, commands): (name, mark) for name, mark in work}
        for done in concurrent.futures.as_completed(running):
            name, mark = running[done]
            clean, words, seconds = done.result()
            print(f"  {seconds:5.1f} s  {name}{'' if clean else '  FAILED'}", file=sys.stderr)
            if not clean:
                failed += 1
                print(words)
            elif mark:
                mark.touch()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
