"""The checks of tidy.py that read C++: size of functions, includes, words that have no place."""

import re
from typing import Iterator

from cpp_tokens import Token, tokens

FUNCTION_LINES = 70

# Who may include whom, by the longest matching folder: data flows from left to right, and so do
# dependencies (CMakeLists.txt links the same way; an include finds headers without linking).
MAY_INCLUDE = {
    "events": {"events"},
    "commands": {"commands", "events"},
    "infra": {"infra", "events"},
    "commands/writer": {"commands/writer", "commands", "infra", "events"},
    "commands/process": {"commands/process", "commands/writer", "commands", "infra", "events"},
    "projections": {"projections", "infra", "commands", "events"},
    "query": {"query", "projections", "commands", "infra", "events"},
    "gateway": {
        "gateway", "query", "projections", "commands/process", "commands/writer", "commands",
        "infra", "events"
    },
    # What it has of infra is the header of embedded files; it links nothing of it.
    "generation": {"generation", "infra", "events"},
    "app": {
        "app", "generation", "gateway", "query", "projections", "commands/process",
        "commands/writer", "commands", "infra", "events",
    },
}
# The one folder that talks to libpq: everybody else sends parameters through its classes.
LIBPQ = re.compile(r"\bPQ(exec|send|prepare)\w*\s*\(|<libpq-fe\.h>")
LIBPQ_HOME = "infra/postgres/"
PURE = ("events", "commands")
IMPURE_INCLUDE = re.compile(
    r"<(boost/(asio|beast)|libpq|librdkafka|spdlog|prometheus|openssl|sodium|thread|mutex|random|"
    r"fstream|iostream|future|condition_variable|filesystem)\b"
)
IMPURE_CODE = re.compile(r"_clock::now\b|\brandom_device\b|\bgetenv\b")
BANNED = (
    (re.compile(r"\bstd::regex\b|<regex>"), "std::regex crashes on long input: RE2 or by hand"),
    (re.compile(r"#include <(format|print|generator)>"), "not in libstdc++ 12: use fmt"),
    (re.compile(r"\busing namespace std\s*;"), "name what you use"),
    (re.compile(r"\b(malloc|calloc|realloc|free)\s*\("), "memory has an owner type here"),
    (re.compile(r"(=|\breturn)\s*new\s+[\w:]+|\bdelete\s+\w|\bdelete\[\]"), "use an owner type"),
    (re.compile(r"\bcatch\s*\(\s*\.\.\.\s*\)\s*\{\s*\}"), "an error is swallowed here"),
)
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.MULTILINE)
NOT_FUNCTIONS = {"namespace", "class", "struct", "union", "enum", "="}


def layer(path: str) -> str | None:
    """The longest folder of MAY_INCLUDE that holds this path."""
    found = [folder for folder in MAY_INCLUDE if path.startswith(folder + "/")]
    return max(found, key=len, default=None)


def line_of(source: str, offset: int) -> int:
    return source.count("\n", 0, offset) + 1


def include_problems(path: str, source: str) -> Iterator[tuple[int, str]]:
    home = layer(path)
    for match in INCLUDE.finditer(source):
        target = match.group(1)
        line = line_of(source, match.start(1))
        if "/" not in target or target.startswith("."):
            yield line, f'include "{target}" from the root of the repository'
        elif home and (goal := layer(target)) and goal not in MAY_INCLUDE[home]:
            yield line, f"{home} must not depend on {goal}"
    if home in PURE:
        for match in IMPURE_INCLUDE.finditer(source):
            yield line_of(source, match.start()), f"{home} is pure: no {match.group(1)}"


def without_comments(source: str) -> str:
    """Comments become blanks and strings become empty; lines stay."""
    pattern = r'//[^\n]*|/\*.*?\*/|R"([^()\\\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'

    def blank(match: re.Match[str]) -> str:
        quote = '"' if match.group()[0] in '"R' else " "
        return quote + "\n" * match.group().count("\n") + quote

    return re.sub(pattern, blank, source, flags=re.DOTALL)


def word_problems(path: str, source: str) -> Iterator[tuple[int, str]]:
    code = without_comments(source)
    for pattern, reason in BANNED:
        for match in pattern.finditer(code):
            yield line_of(code, match.start()), f"`{match.group().strip()}`: {reason}"
    if not path.startswith(LIBPQ_HOME):
        for match in LIBPQ.finditer(code):
            yield line_of(code, match.start()), f"libpq only in {LIBPQ_HOME}: SQL takes parameters"
    if layer(path) in PURE:
        for match in IMPURE_CODE.finditer(code):
            line = line_of(code, match.start())
            yield line, f"`{match.group()}` in pure code: take it as input"


def header_problems(source: str) -> Iterator[tuple[int, str]]:
    """`#pragma once`, then a sentence that says what the header is for."""
    lines = source.split("\n")
    if lines[0] != "#pragma once":
        yield 1, "a header starts with #pragma once"
        return
    rest = [(number, line) for number, line in enumerate(lines[1:], 2) if line.strip()]
    if not rest or not rest[0][1].startswith("//"):
        yield 2, "after #pragma once comes one sentence that says what the header is for"
        return
    purpose = []
    for _, line in rest:
        if not line.startswith("//"):
            break
        purpose.append(line.lstrip("/ "))
    if not re.search(r"[.:)](\s|$)", " ".join(purpose)):
        yield rest[0][0], "the purpose of a header is a whole sentence, with its full stop"


def bare(header: list[Token]) -> list[str]:
    """The words of what stands before a brace, without template parameters and operator names."""
    words, depth = [], 0
    for index, token in enumerate(header):
        if depth == 0 and index > 0 and header[index - 1].text == "operator":
            continue
        if token.text == "<" and index > 0 and (depth or header[index - 1].text == "template"):
            depth += 1
        elif token.text in (">", ">>") and depth:
            depth = max(0, depth - len(token.text))
        elif depth == 0:
            words.append(token.text)
    return words


def outside_parentheses(words: list[str]) -> list[str]:
    depth, result = 0, []
    for word in words:
        depth -= word == ")"
        if depth == 0:
            result.append(word)
        depth += word == "("
    return result


def brace_kind(header: list[Token]) -> str:
    """What the brace after `header` opens: a function, a scope (namespace, class, table), or a
    value that leaves the declaration going on (default argument, member initialiser)."""
    words = bare(header)
    if words.count("(") > words.count(")"):
        return "value"
    outside = outside_parentheses(words)
    if "(" not in outside or NOT_FUNCTIONS & set(outside):
        return "scope"
    after_arguments = outside[outside.index(")") + 1:] if ")" in outside else []
    if ":" in after_arguments and re.fullmatch(r"\w+|>", words[-1]):
        return "value"
    return "function"


def function_problems(source: str) -> Iterator[tuple[int, str]]:
    """Braces inside a function belong to it; a declaration starts after the last statement, or
    the last brace that was no value."""
    code = tokens(source)
    open_braces: list[tuple[str, int]] = []
    start = 0
    for index, token in enumerate(code):
        inside = any(kind == "function" for kind, _ in open_braces)
        if token.text == "{":
            header = code[start:index]
            kind = "block" if inside else brace_kind(header)
            open_braces.append((kind, header[0].line if header else token.line))
            start = start if kind == "value" else index + 1
        elif token.text == "}" and open_braces:
            kind, first = open_braces.pop()
            length = token.line - first + 1
            if kind == "function" and length > FUNCTION_LINES:
                yield first, f"function of {length} lines (at most {FUNCTION_LINES})"
            start = start if kind == "value" else index + 1
        elif token.text == ";" and not inside:
            start = index + 1


def cpp_problems(path: str, source: str) -> Iterator[tuple[int, str]]:
    yield from include_problems(path, source)
    yield from word_problems(path, source)
    yield from function_problems(source)
    if path.endswith(".hpp"):
        yield from header_problems(source)
