"""Splits C++ source into tokens, each with its line: comments and preprocessor lines drop out."""

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"""
    (?P<skip>   \s+ | //[^\n]* | /\*.*?\*/ )
  | (?P<raw>    (?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)" )
  | (?P<text>   (?:u8|[uUL])?"(?:\\.|[^"\\\n])*" )
  | (?P<char>   (?:u8|[uUL])?'(?:\\.|[^'\\\n])+' )
  | (?P<number> \.?\d(?:'?[\w.]|(?<=[eEpP])[+-])* )
  | (?P<word>   [A-Za-z_]\w* )
  | (?P<mark2>  <<=|>>=|<=>|->\*|\.\.\.|::|->|\+\+|--|&&|\|\||[-+*/%&|^=!<>]= )
  | (?P<other>  . )
    """,
    re.VERBOSE | re.DOTALL,
)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.MULTILINE)


class Token(NamedTuple):
    text: str
    line: int


def without_directives(source: str) -> str:
    """The source with preprocessor lines emptied; lines keep their numbers."""
    return DIRECTIVE.sub(lambda match: "\n" * match.group().count("\n"), source)


def tokens(source: str) -> list[Token]:
    """Literals come as `""`, `''` or `0`, so that nothing inside them is taken for code."""
    result, line = [], 1
    for match in TOKEN.finditer(without_directives(source)):
        kind, text = match.lastgroup, match.group()
        if kind in ("raw", "mark", "text"):
            result.append(Token('""', line))
        elif kind == "char":
            result.append(Token("''", line))
        elif kind == "number":
            result.append(Token("0", line))
        elif kind != "skip":
            result.append(Token(text, line))
        line += text.count("\n")
    return result
