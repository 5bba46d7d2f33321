#!/usr/bin/env python3
"""Checks that every co_await stands in one of three shapes (docs/decisions/0002-compiler.md):

    co_await f(a);          auto x = co_await f(a);          co_return co_await f(a);

Never in a condition, an argument or braces, and with no brace, lambda, `?:` or second co_await in
the same statement: name that first.

usage: lint_coroutines.py [FILE...]     (without files: all C++ files of the repository)
"""

import sys
from typing import Iterator

from cpp_tokens import Token, tokens
from source_files import ROOT, source_files

ASSIGNMENTS = {"=", "+=", "-=", "*=", "/=", "|=", "&=", "^=", "%=", "<<=", ">>="}
CONTROL = {"if", "while", "for", "switch"}


def close_of(code: list[Token], start: int) -> int:
    """The index of the parenthesis that closes the one at `start`."""
    depth = 0
    for index in range(start, len(code)):
        depth += {"(": 1, ")": -1}.get(code[index].text, 0)
        if depth == 0:
            return index
    return len(code) - 1


def without_control(head: list[Token]) -> list[Token]:
    """Drops `else`, `do`, labels, and `if (...)` and the like from before a statement."""
    while head:
        word = head[0].text
        if word in ("else", "do"):
            head = head[1:]
        elif word in CONTROL:
            opening = next((i for i, token in enumerate(head) if token.text == "("), None)
            if opening is None:
                return head
            head = head[close_of(head, opening) + 1:]
        elif word in ("case", "default") and any(token.text == ":" for token in head):
            head = head[next(i for i, token in enumerate(head) if token.text == ":") + 1:]
        else:
            return head
    return head


def allowed_head(head: list[Token]) -> bool:
    head = without_control(head)
    if not head or [token.text for token in head] == ["co_return"]:
        return True
    words = [token.text for token in head]
    return words[-1] in ASSIGNMENTS and not set(words[:-1]) & (ASSIGNMENTS | {"?", "("})


def problem_after(code: list[Token], index: int) -> str | None:
    """What is wrong between the co_await at `index` and the end of its statement."""
    depth = 0
    for token in code[index + 1:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == ";" and depth == 0:
            return None
        if depth < 0 or token.text == "}":
            return "inside braces or parentheses: name the result first"
        if token.text == "{":
            return "a brace or a lambda in the statement: name it first"
        if token.text == "?":
            return "a ?: in the statement: name it first"
        if token.text == "co_await":
            return "a second co_await in the statement: name the first result"
    return "the statement has no end"


def violations(source: str) -> Iterator[tuple[int, str]]:
    """Yields (line, what is wrong) for each co_await in a shape that is not allowed."""
    code = tokens(source)
    # One entry for each open brace: the depth of parentheses in it and its statement's start.
    scopes = [[0, 0]]
    for index, token in enumerate(code):
        scope = scopes[-1]
        if token.text == "{":
            scopes.append([0, index + 1])
        elif token.text == "}" and len(scopes) > 1:
            scopes.pop()
            if scopes[-1][0] == 0:
                scopes[-1][1] = index + 1
        elif token.text in "()":
            scope[0] += 1 if token.text == "(" else -1
        elif token.text == ";" and scope[0] == 0:
            scope[1] = index + 1
        elif token.text == "co_await":
            if scope[0] > 0:
                yield token.line, "inside parentheses: name the result first"
            elif not allowed_head(code[scope[1]:index]):
                yield token.line, "not one of the three shapes"
            elif problem := problem_after(code, index):
                yield token.line, problem


def main(names: list[str]) -> int:
    count = 0
    for name in names or source_files(".cpp", ".hpp"):
        for line, problem in violations((ROOT / name).read_text(encoding="utf-8")):
            print(f"{name}:{line}: co_await {problem}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
