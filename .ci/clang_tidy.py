#!/usr/bin/env python3
"""Runs clang-tidy over every translation unit of a build, and remembers what was clean.

A unit is remembered under a hash of its command, the checks, and the contents of all files that it
read when it was built (Ninja's dependency log), so only what changed is checked again. Headers of
the system are taken by path, size and time. A unit that was never built is always checked.

Most of the time goes into headers that all units read. --together N lets N units be read as one,
which takes a quarter of the time. What is not clean in company is checked again alone, so that a
name that two units have is no fault; only a unit that lacks an include which its company has can
pass where it would fail alone.

usage: clang_tidy.py BUILD_DIR [--cache DIR] [--jobs N] [--together N] [FILE...]
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
from typing import Iterator

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


def local_names(text: str) -> set[str]:
    """What a unit declares for itself: two units that declare the same cannot be read as one."""
    names: set[str] = set()
    inside = False
    for line in text.splitlines():
        if line.startswith(("namespace {", "}  // namespace")):
            inside = line.startswith("namespace {")
        elif inside and re.match(r"(?!using namespace|namespace|BOOST_)[A-Za-z[]", line):
            names.update(re.findall(r"\b([A-Za-z_]\w*)\s*(?=[({=;]|$)", line))
    return names


def companies(names: list[str], units: dict[str, dict], size: int) -> list[list[str]]:
    """The names in groups of at most `size`, which have one way to be compiled and no local name
    in common."""
    groups: list[tuple[str, set[str], list[str]]] = []
    for name in names:
        how = re.sub(r" -o \S+ -c \S+$", "", units[name]["command"])
        local = local_names((ROOT / name).read_text())
        for other_how, taken, members in groups:
            if how == other_how and len(members) < size and not local & taken:
                taken |= local
                members.append(name)
                break
        else:
            groups.append((how, local, [name]))
    return [members for _, _, members in groups]


def join(groups: list[list[str]], units: dict[str, dict], folder: Path) -> list[str]:
    """A file for each group that includes its members; its path takes the group's place."""
    made, commands = [], json.loads((folder / "compile_commands.json").read_text())
    for number, members in enumerate(groups):
        path = folder / f"together-{number}.cpp"
        path.write_text("".join(f'#include "{ROOT / name}"\n' for name in members))
        first = units[members[0]]
        command = first["command"].replace(first["file"], str(path))
        commands.append({"directory": first["directory"], "file": str(path), "command": command})
        made.append(str(path))
    (folder / "compile_commands.json").write_text(json.dumps(commands))
    return made


def object_of(command: str) -> str:
    words = shlex.split(command)
    return words[words.index("-o") + 1]


def ours(units: list[dict], only: set[str]) -> dict[str, dict]:
    """The units of this repository by name; of those the chosen ones, if any were chosen."""
    named = {os.path.relpath(unit["file"], ROOT): unit for unit in units}
    return {
        name: unit
        for name, unit in named.items()
        if not name.startswith(("..", "build/")) and (not only or name in only)
    }


def pending(
    build: Path, units: dict[str, dict], cache: Path
) -> dict[str, Path | None]:
    """The units to check by name, each with the file that will say it was clean."""
    version = subprocess.run([CLANG_TIDY, "--version"], check=True, capture_output=True, text=True)
    common = version.stdout + (ROOT / ".clang-tidy").read_text()
    made_from = dependencies(build)
    work = {}
    for name, unit in units.items():
        read = made_from.get(object_of(unit["command"]))
        mark = cache / key(unit, read, common) if read else None
        if mark and mark.exists():
            mark.touch()
        else:
            work[name] = mark
    return work


def remember(mark: Path | None) -> None:
    if mark:
        mark.touch()


def forget_old(cache: Path, days: int = 14) -> None:
    for mark in cache.iterdir():
        if mark.stat().st_mtime < time.time() - days * 86400:
            mark.unlink(missing_ok=True)


def clean_in_company(
    work: list[str],
    units: dict[str, dict],
    folder: Path,
    size: int,
    pool: concurrent.futures.Executor,
) -> Iterator[str]:
    """Those of the units that are clean when read together with others."""
    groups = [group for group in companies(work, units, size) if len(group) > 1]
    for group, (clean, _, seconds) in zip(
        groups, pool.map(lambda path: check(path, folder), join(groups, units, folder))
    ):
        print(f"  {seconds:5.1f} s  {' '.join(group)}{'' if clean else '  AGAIN'}", file=sys.stderr)
        if clean:
            yield from group


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "tidy")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--together", type=int, default=1, metavar="N")
    options = parser.parse_args()
    build = options.build.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    forget_old(options.cache)
    folder, everything = standing_alone(build)
    units = ours(everything, set(options.files))
    work = pending(build, units, options.cache)
    print(
        f"clang-tidy: {len(units) - len(work)} units known to be clean, {len(work)} to check",
        file=sys.stderr,
    )
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        alone = dict(work)
        for name in clean_in_company(list(work), units, folder, options.together, pool):
            remember(alone.pop(name))
        for name, (clean, words, seconds) in zip(
            alone, pool.map(lambda name: check(name, folder), alone)
        ):
            print(f"  {seconds:5.1f} s  {name}{'' if clean else '  FAILED'}", file=sys.stderr)
            if clean:
                remember(work[name])
            else:
                failed += 1
                print(words)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
