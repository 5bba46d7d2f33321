#!/usr/bin/env python3
"""Counts a JUnit report of Catch2 or pytest: prints `passed failed skipped` for the shell on stdout
and what failed on stderr.

usage: count_tests.py REPORT EXIT_CODE
"""

import sys
import xml.etree.ElementTree as ElementTree
from typing import Iterator


def cases(report: str) -> Iterator[tuple[str, str, str]]:
    """Yields (name, passed|failed|skipped, what was said)."""
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname', '')}: {case.get('name', '')}"
        bad = [child for child in case if child.tag in ("failure", "error")]
        if bad:
            said = "\n".join(f"{b.get('message') or ''}\n{b.text or ''}".strip() for b in bad)
            yield name, "failed", said
        elif (skip := case.find("skipped")) is not None:
            yield name, "skipped", skip.get("message") or ""
        else:
            yield name, "passed", ""


def count(report: str, code: int) -> dict[str, int]:
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    try:
        for name, outcome, said in cases(report):
            counts[outcome] += 1
            if outcome != "passed":
                print(f"{outcome}: {name}\n{said}".rstrip(), file=sys.stderr)
    except (OSError, ElementTree.ParseError) as error:
        print(f"no usable report: {error}", file=sys.stderr)
        counts["failed"] += 1
    if code != 0 and counts["failed"] == 0:
        print(f"the test program ended with code {code}", file=sys.stderr)
        counts["failed"] += 1
    if sum(counts.values()) == 0:
        print("no test ran", file=sys.stderr)
        counts["failed"] += 1
    return counts


def main() -> int:
    counts = count(sys.argv[1], int(sys.argv[2]))
    print(counts["passed"], counts["failed"], counts["skipped"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
