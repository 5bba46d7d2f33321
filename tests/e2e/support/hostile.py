"""What people may put into a model to break what is made of it. Run as a program it prints the
model of all that is accepted, which `./dev test-generator hostile` proves."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Not one of them is a name, wherever names stand.
NO_NAMES = [
    "", " ", ".", "..", "../../etc/passwd", "/etc/passwd", "a/b", "C:\\windows", "a\\b", "a b",
    "a\tb", "a\nb", "a\nimport os", "a\rb", "a\x1b[31mb", "a\x7fb", "a;b", "a,b", "a=1", "a:b",
    "a.b", "a-b", "a#b", "a@b", "a'b", 'a"b', 'a"""b', "a`id`b", "$(id)", "${HOME}", "$a", "%s",
    "%(a)s", "{a}", "{{7*7}}", "{{{a}}}", "{{#a}}", "{{>a}}", "{% a %}", "<script>", "a&amp;b",
    "a'; DROP TABLE tasks; --", "a) or (1=1", "__import__('os').system('true')", "eval(a)",
    "lambda: 0", "*", "**a", "a[0]", "a()", "1a", "0", "-1", "pr\u0456ce", "\u0430bc", "\uff41bc",
    "na\u00efve", "\u202eeman", "a\u200bb", "a\u00adb", "\ufeffa", "a\u0301b", "\U0001d41abc",
    "\u212aelvin", "x" * 31, "x" * 10_000,
]
# No names of fields: they mean something to Python, Pydantic, SQLAlchemy or the application.
NO_FIELDS = [
    "_a", "a_", "a__b", "__class__", "__init__", "A", "aB", "class", "def", "import", "from",
    "return", "lambda", "async", "await", "yield", "pass", "none", "true", "match", "case",
    "metadata", "registry", "id", "created_at", "updated_at", "model_config", "model_fields",
    "model_dump", "schema", "json", "copy", "dict", "validate", "construct", "str", "int", "list",
    "limit", "offset", "sort", "self",
]
NO_ENTITIES = [
    "task", "Task_", "TASK", "Base", "BaseModel", "Any", "Decimal", "Exception", "Settings",
    "Enum", "Page", "Repository", "Service", "Field", "Mapped", "None", "True", "Test",
    "List",
]
# Words that mean something somewhere and are names all the same: the proof shows that they work.
FIELDS = [
    "cls", "type", "object", "hash", "print", "len", "max", "min", "sum", "eval", "exec",
    "open", "input", "super", "property", "set", "tuple", "range", "format", "select", "table",
    "user", "order", "group", "where", "null", "primary", "check", "constraint", "index", "column",
    "session", "entity", "item", "items", "data", "body", "query", "request", "response", "result",
    "row", "rows", "key", "keys", "values", "value", "get", "update", "delete", "create", "os",
    "sys", "enum", "uuid", "datetime", "decimal", "typing", "sa", "op", "src", "total", "name",
    "count", "date", "time", "nul", "con",
]
# Prose that must come out as it went in.
TEXTS = [
    '"', "'", '"""', "'''", '"""\\', "\\", "\\\\", "\\'", '\\"', "a\\", "\\n", "\\x00", "\\N{DASH}",
    "\\u0000", '""" + __import__("os").system("true") + """', "'); import os; os.abort() #",
    "{{7*7}}", "{{{title}}}", "{{#entities}}x{{/entities}}", "{{>partial}}", "{{=<% %>=}}",
    "${{ secrets.TOKEN }}", "${HOME}", "$(reboot)", "`reboot`", "%s %d %(name)s", "{0} {name!r}",
    "f'{1}'", "<script>alert(1)</script>", "</script><!--", "]]>", "<img src=x onerror=y>",
    "[x](javascript:alert(1))", "![x](http://127.0.0.1/)", "| a | b |", "# heading", "```",
    "'; DROP TABLE notes; --", "$$; DROP TABLE notes; $$", "-- comment", "/* comment */",
    ": yaml", "- yaml", "? yaml", "& yaml", "*alias", "!!python/object:os.system", "!tag", "%YAML",
    "key: value", "null", "true", "~", "1e3", "0x10", "=cmd|' /C calc'!A0", "@SUM(1)", "+1",
    "\u202e reversed", "zero\u200bwidth", "\ufeffmark", "\u2028line", "\u0085next", "\U0001f600",
    "e\u0301", "\uff02wide\uff02", "#!/bin/sh", "EOF", "<<EOF", "RUN true", "a | b & c > d < e",
    "x" * 250, " ".join(["wide"] * 50),
]
NO_TEXTS = ["a\nb", "a\rb", "a\tb", "a\x07b", "a\x1b[31mb", "a\x7fb", "x" * 2001]
PATTERNS = [
    "^[\"'\\\\]{1,9}$", "^[{}]{2}$", "^[#$%]+$", "^a/b$", "^'{3}$", "^\"{3}$",
    "^\\{\\{[a-z]\\}\\}$", "^[|<>&;]{1,4}$", "^[a-z\\]]{1,4}$", "^\\\\n$",
]
NO_PATTERNS = [
    "", "a", "^a", "a$", "^(a+)+\\1$", "^(?=a)a$", "^(?P<n>a)$", "^.*$", "^[^a]$", "^\\x00$",
    "^\\W$",
    "^a$|^b$", "^a\n$", "^(a$", "^[a$", "^a{99999}$", "^\u00e9$", "^" + "a" * 300 + "$", "^\\p{L}$",
    "^(?i)a$",
]
NO_CHECKS = [
    "", "count", "count = 1; drop table notes", "count = 'x", "count = \"x\"", "pg_sleep(1) = 1",
    "count = (select 1)", "count = 1 -- x", "count = 1 /* x */", "count = :x", "count = $1",
    "1 = 1",
    "count = count || 'x'", "count::text = '1'", "exists (count)", "(" * 100 + "count = 1",
    "count = 'a\\'", "nothing = 1", "count = 1 or", "count is nul",
]
NO_PATHS = [
    "", "/", "api", "/api/", "//api", "/../etc", "/a/../b", "/a b", "/a?b", "/a#b", "/{id}", "/%2e",
    "/A", "/a\\b", "/a\"b", "/\u00e9", "/a\nb", "/" + "a" * 200,
]


@dataclass(frozen=True)
class Refused:
    """Where something stands in a model, and the path that the refusal names."""

    model: dict[str, Any]
    path: str


def note(**more: Any) -> dict[str, Any]:
    return {"fields": {"count": {"type": "int", "nullable": True}, **more.pop("fields", {})}} | more


def whole(entity: dict[str, Any], **app: Any) -> dict[str, Any]:
    return {"schema": 1, "app": {"name": "notes", **app}, "entities": {"Note": entity}}


def refused() -> Iterator[Refused]:
    """Each with one thing that is wrong."""
    integer, fields = {"type": "int"}, "entities.Note.fields"
    for name in [*NO_NAMES, *NO_FIELDS]:
        yield Refused(whole(note(fields={name: integer})), f"{fields}.{name}")
    for name in NO_FIELDS:
        relation = {"to": "Note", "kind": "many_to_one"}
        yield Refused(whole(note(relations={name: relation})), f"entities.Note.relations.{name}")
    for name in [*NO_NAMES, *NO_ENTITIES]:
        model = whole(note())
        yield Refused(model | {"entities": {name: note()}}, f"entities.{name}")
        yield Refused(model | {"enums": {name: ["a"]}}, f"enums.{name}")
    for name in NO_NAMES:
        # A value of an enum may have a hyphen.
        if name != "a-b":
            yield Refused(whole(note()) | {"enums": {"Mood": [name]}}, "enums.Mood.0")
        yield Refused(whole(note(), name=name), "app.name")
        yield Refused(whole(note(plural=name)), "entities.Note.plural")
        yield Refused(whole(note(checks={name: "count < 1"})), f"entities.Note.checks.{name}")
        yield Refused(whole(note(indexes=[[name]])), "entities.Note.indexes.0")
        yield Refused(whole(note(api={"sort": [name]})), "entities.Note.api.sort.0")
        yield Refused(whole(note(fields={"a": {"type": name}})), f"{fields}.a.type")
    for text in NO_TEXTS:
        yield Refused(whole(note(), title=text), "app.title")
        yield Refused(whole(note(), description=text), "app.description")
        yield Refused(whole(note(description=text)), "entities.Note.description")
        described = {"type": "int", "description": text}
        yield Refused(whole(note(fields={"a": described})), f"{fields}.a.description")
    # Defaults stand in tests and are of ASCII, which nobody reads in two ways.
    for text in ["a\x07b", "x" * 256, *(text for text in TEXTS if not text.isascii())]:
        yield Refused(
            whole(note(fields={"a": {"type": "string", "default": text}})), f"{fields}.a.default"
        )
    for text in TEXTS:
        for kind in ["int", "uuid", "datetime", "decimal", "email", "url"]:
            default = {"type": kind, "default": text, "nullable": True}
            yield Refused(whole(note(fields={"a": default})), f"{fields}.a.default")
    for text in NO_PATTERNS:
        pattern = {"type": "string", "pattern": text}
        yield Refused(whole(note(fields={"a": pattern})), f"{fields}.a.pattern")
    for text in NO_CHECKS:
        yield Refused(whole(note(checks={"cap": text})), "entities.Note.checks.cap")
    for text in NO_PATHS:
        yield Refused(whole(note(), api_prefix=text), "app.api_prefix")


def longest() -> dict[str, Any]:
    """Entities whose names leave no room in a line, with everything that makes code of them."""
    code = {"code": {"type": "string", "unique": True}}
    html = {"note": {"type": "text", "html": "sanitize", "nullable": True}}
    first, second = "Abcdefghijklmnopqrstuvwxyzabcd", "Zbcdefghijklmnopqrstuvwxyzabcd"
    required = {"to": first, "kind": "many_to_one", "required": True}
    linked = {"to": first, "kind": "many_to_many", "through": "links"}
    extras = {"versioned": True, "audit": True, "soft_delete": True}
    return {
        first: {"plural": "firsts", "fields": code | html, **extras},
        second: {
            "plural": "seconds", "fields": code, "versioned": True,
            "relations": {"needed": required, "linked": linked},
            "api": {"operations": ["list", "get", "update", "delete"], "filters": ["linked"]},
        },
    }


def accepted(texts: list[str] | None = None) -> dict[str, Any]:
    """One model with every text in every place of prose, each name and each pattern. With other
    texts it is the same model but for these."""
    texts = TEXTS if texts is None else texts
    described = [
        {"type": "string", "description": text, "nullable": True}
        | ({"default": text} if hostile.isascii() else {})
        for text, hostile in zip(texts, TEXTS, strict=True)
    ]
    prose = {f"text_{number}": field for number, field in enumerate(described)}
    patterns = {
        f"pattern_{number}": {"type": "string", "pattern": pattern}
        for number, pattern in enumerate(PATTERNS)
    }
    names: dict[str, Any] = {name: {"type": "int", "nullable": True} for name in FIELDS}
    mood = {"type": "Mood", "default": "so_-so"}
    # What is longer than any line: a condition, an example, a description.
    compared = [name for name in FIELDS if name != "null"][:28]
    condition = " or ".join(f"{name} < 10000" for name in compared)
    everything = " ".join(texts[:70])
    prose["sample"] = {"type": "text", "examples": [texts[-1]]}
    return {
        "schema": 1,
        "app": {
            "name": "hostile", "title": texts[14], "description": everything,
            "api_prefix": "/" + "long" * 12,
        },
        "enums": {"Mood": ["self", "none", "so_-so", "import", "name", "value", "mro"]},
        "entities": {
            "Prose": {"description": texts[14], "fields": prose},
            "Self": {"description": texts[2], "fields": names, "checks": {"cap": condition}},
            "Type": {"description": texts[4], "fields": patterns | {"mood": mood}},
            "Tuple": {"description": everything, "fields": {"count": {"type": "int"}}},
            "Object": {"description": " ends ", "fields": {"count": {"type": "int"}}},
            **longest(),
        },
    }


if __name__ == "__main__":
    json.dump(accepted(), sys.stdout)
