"""The published JSON Schema of models, held against a validator that is not ours and against what
`teamflow model` says itself."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from support.command_line import run, teamflow
from support.places import ROOT

DOMAINS = sorted((ROOT / "generation" / "domains").glob("*.yaml"))
MODEL: dict[str, Any] = {
    "schema": 1,
    "app": {"name": "notes", "title": "Notes", "python": "3.12", "api_prefix": "/api/v1"},
    "enums": {"Mood": ["good", "so-so"]},
    "entities": {
        "Note": {
            "fields": {
                "title": {"type": "string", "min": 1, "max": 9, "pattern": "^[a-z]+$"},
                "body": {"type": "text", "nullable": True, "html": "sanitize"},
                "mood": {"type": "Mood", "default": "good"},
                "price": {"type": "decimal", "digits": 8, "places": 2, "min": 0},
                "count": {"type": "int", "default": 3, "unique": True, "examples": [1, 2, 3, 4, 5]},
                "extra": {"type": "json", "nullable": True},
            },
            "relations": {"parent": {"to": "Note", "kind": "many_to_one", "required": False}},
            "indexes": [["mood", "count"]],
            "checks": {"cap": "count <= 100"},
            "api": {"filters": ["mood"], "sort": ["title"]},
        }
    },
}
NOTE = "entities.Note"
FIELDS = f"{NOTE}.fields"
# Where something is put, what, and the path that is told; the path is the place unless it is named.
BROKEN: list[tuple[str, Any] | tuple[str, Any, str]] = [
    ("schema", 2),
    ("schema", "1"),
    ("colour", 1),
    ("app", []),
    ("app.name", "Not Snake"),
    ("app.name", "class"),
    ("app.title", ""),
    ("app.title", "x" * 101),
    ("app.description", "two\nlines"),
    ("app.version", "1.0"),
    ("app.python", "3.9"),
    ("app.api_prefix", "/Api/"),
    ("app.auth", "magic"),
    ("app.colour", "red"),
    ("enums.Mood", []),
    ("enums.Mood", ["Good"], "enums.Mood.0"),
    ("enums.Mood", ["good", "good"], "enums.Mood.1"),
    ("enums.mood", ["good"]),
    ("entities", {}),
    ("entities.note", {"fields": {"a": {"type": "int"}}}),
    ("entities.ORDER", {"fields": {"a": {"type": "int"}}}),
    ("entities.Base", {"fields": {"a": {"type": "int"}}}),
    (f"{NOTE}.colour", "red"),
    (f"{NOTE}.plural", "Notes"),
    (f"{NOTE}.description", "\u0007"),
    (f"{NOTE}.fields", {}),
    (f"{NOTE}.fields", None),
    (f"{FIELDS}.class", {"type": "int"}),
    (f"{FIELDS}.metadata", {"type": "int"}),
    (f"{FIELDS}.model_name", {"type": "int"}),
    (f"{FIELDS}.two__lines", {"type": "int"}),
    (f"{FIELDS}.{'x' * 31}", {"type": "int"}),
    (f"{FIELDS}.plain", {}, f"{FIELDS}.plain.type"),
    (f"{FIELDS}.title.maximum", 3),
    (f"{FIELDS}.title.nullable", "yes"),
    (f"{FIELDS}.title.max", "9"),
    (f"{FIELDS}.title.pattern", "[a-z]"),
    (f"{FIELDS}.title.html", "sanitize"),
    (f"{FIELDS}.title.digits", 3),
    (f"{FIELDS}.body.html", "strip"),
    (f"{FIELDS}.body.unique", True),
    (f"{FIELDS}.body.index", True),
    (f"{FIELDS}.body.pattern", "^a$"),
    (f"{FIELDS}.mood.min", 1),
    (f"{FIELDS}.mood.places", 1),
    (f"{FIELDS}.price.digits", 29),
    (f"{FIELDS}.price.places", -1, f"{FIELDS}.price.digits"),
    (f"{FIELDS}.count.default", "3"),
    (f"{FIELDS}.count.default", 1.5),
    (f"{FIELDS}.extra.default", {}),
    (f"{FIELDS}.extra.index", True),
    (f"{NOTE}.relations.parent.kind", "one_to_many"),
    (f"{NOTE}.relations.parent.required", 1),
    (f"{NOTE}.relations.parent.on_delete", "ignore"),
    (f"{NOTE}.relations.parent", {"to": "Note"}, f"{NOTE}.relations.parent.kind"),
    (
        f"{NOTE}.relations.parent",
        {"to": "Note", "kind": "many_to_one", "required": True, "on_delete": "set_null"},
        f"{NOTE}.relations.parent.on_delete",
    ),
    (f"{NOTE}.indexes", [[]], f"{NOTE}.indexes.0"),
    (f"{NOTE}.indexes", [["mood", "mood"]], f"{NOTE}.indexes.0"),
    (f"{NOTE}.checks.Cap", "count <= 1"),
    (f"{NOTE}.checks.cap", ""),
    (f"{NOTE}.checks.cap", 5),
    (f"{NOTE}.api.operations", []),
    (f"{NOTE}.api.operations", ["list", "create", "list"]),
    (f"{NOTE}.api.operations", ["list", "get", "create", "update", "erase"],
     f"{NOTE}.api.operations.4"),
    (f"{NOTE}.api.filters", ["mood", "mood"], f"{NOTE}.api.filters.1"),
    (f"{NOTE}.api.sort", "title"),
]


@cache
def schema() -> Draft202012Validator:
    document = json.loads(teamflow("model", "--schema").stdout)
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def broken(place: str, value: Any) -> dict[str, Any]:
    model = copy.deepcopy(MODEL)
    *way, last = place.split(".")
    at = model
    for step in way:
        at = at[step]
    at[last] = value
    return model


def test_the_schema_that_is_checked_in_is_the_one_that_is_printed() -> None:
    kept = ROOT / "docs" / "generated" / "model.schema.json"
    assert kept.read_text() == teamflow("model", "--schema").stdout


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda path: str(path.stem))
def test_valid_models_are_valid(domain: Path) -> None:
    schema().validate(yaml.safe_load(domain.read_text()))
    canonical = teamflow("model", str(domain)).stdout
    schema().validate(json.loads(canonical))


def test_the_model_that_is_broken_below_is_right(tmp_path: Path) -> None:
    schema().validate(MODEL)
    file = tmp_path / "model.json"
    file.write_text(json.dumps(MODEL))
    first = teamflow("model", str(file)).stdout
    again = tmp_path / "again.json"
    again.write_text(first)
    assert teamflow("model", str(again)).stdout == first
    hashes = {teamflow("model", str(each), "--hash").stdout for each in (file, again)}
    assert len(hashes) == 1
    assert len(hashes.pop().strip()) == 64


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case[0]}={str(case[1])[:20]}")
def test_each_broken_model_is_invalid_and_told_with_its_path(
    tmp_path: Path, case: tuple[Any, ...]
) -> None:
    place, value, told = (*case, case[0])[:3]
    model = broken(place, value)
    assert not schema().is_valid(model)
    file = tmp_path / "model.json"
    file.write_text(json.dumps(model))
    done = run("model", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert any(f": {told}: " in line for line in done.stderr.splitlines()), done.stderr
