#!/usr/bin/env python3
"""House rules that a machine can check: lengths, titles, left-over markers, who includes whom.

usage: tidy.py [FILE...]     (without files: all files of the repository)
"""

import ast
import re
import sys
from typing import Iterator

from source_files import ROOT, source_files
from tidy_cpp import FUNCTION_LINES, cpp_problems

COLUMNS = 100
FILE_LINES = 500
CODE = (
    ".cpp", ".hpp", ".py", ".js", ".css", ".sh", ".sql", ".cmake", "CMakeLists.txt", "/run", "dev",
)
TEXT = CODE + (".md", ".yaml", ".yml", ".json", ".txt", ".toml", ".ts", ".html")
# Written by a program, or data that is taken as it comes.
EXEMPT = ("docs/generated/", "tests/golden/", "tests/data/", "tests/fuzz/corpus/", "LICENSE")
# In halves, so that no search for them finds this line.
MARKERS = re.compile(rf"\b({'TO'}DO|{'FIX'}ME|{'XX'}X|{'HA'}CK)\b")
CURLY = re.compile("[\u2018\u2019\u201c\u201d\u00ab\u00bb]")
CONFLICT = re.compile(r"^(<{7}|>{7}|={7})( |$)")


def text_problems(path: str, source: str) -> Iterator[tuple[int, str]]:
    if source and not source.endswith("\n"):
        yield source.count("\n") + 1, "no newline at the end"
    for number, line in enumerate(source.split("\n"), 1):
        if MARKERS.search(line):
            yield number, "a left-over marker: do it or write an issue"
        if CURLY.search(line):
            yield number, "ASCII quotes"
        if CONFLICT.match(line):
            yield number, "an unresolved conflict"
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
        if path.endswith(CODE):
            if len(line) > COLUMNS:
                yield number, f"{len(line)} columns (at most {COLUMNS})"
            if "\t" in line:
                yield number, "a tab"
    lines = source.count("\n")
    if path.endswith(CODE) and lines > FILE_LINES:
        yield lines, f"file of {lines} lines (at most {FILE_LINES})"


def markdown_problems(source: str) -> Iterator[tuple[int, str]]:
    titles, fenced = [], False
    for number, line in enumerate(source.split("\n"), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and line.startswith("# "):
            titles.append(number)
    if len(titles) != 1 or titles[0] != 1:
        yield (titles[1:] or [1])[0], f"one `# Title`, on the first line (here: {len(titles)})"
    if fenced:
        yield source.count("\n"), "a code fence is not closed"


def python_problems(source: str) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield error.lineno or 1, f"does not parse: {error.msg}"
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield node.lineno, f"function of {length} lines (at most {FUNCTION_LINES})"


def problems(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Yields (line, what is wrong) for the text of the file that is, or would be, at `path`."""
    if path.startswith(EXEMPT):
        return
    yield from text_problems(path, source)
    if path.endswith((".cpp", ".hpp")):
        yield from cpp_problems(path, source)
    if path.endswith(".py"):
        yield from python_problems(source)
    if path.endswith(".md"):
        yield from markdown_problems(source)


def main(names: list[str]) -> int:
    count = 0
    for name in names or source_files(*TEXT):
        source = (ROOT / name).read_text(encoding="utf-8")
        for line, problem in problems(name, source):
            print(f"{name}:{line}: {problem}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
