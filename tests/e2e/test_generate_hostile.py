"""Names, texts, patterns and paths of a model never become code: each is refused with its path, or
comes out as data that nothing reads as code."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.command_line import run, teamflow
from support.hostile import FIELDS, PATTERNS, TEXTS, Refused, accepted, refused

CASES = list(refused())
LOTS = 8


def shown(path: str) -> str:
    """A path as it is told: what a terminal would obey or hide is escaped."""
    hidden = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
    return hidden.sub(lambda match: f"\\u{ord(match[0]):04x}", path)


def told(done: Any, path: str) -> bool:
    return any(f": {shown(path)}: " in line for line in done.stderr.split("\n"))


def test_the_corpus_is_large() -> None:
    assert len({(case.path, json.dumps(case.model)) for case in CASES}) >= 200
    assert len(TEXTS) + len(FIELDS) + len(PATTERNS) >= 100


@pytest.mark.parametrize("lot", range(LOTS))
def test_what_could_become_code_is_refused_with_its_path(tmp_path: Path, lot: int) -> None:
    """Faults are told at once, so many cases make one model."""
    wrong = []
    file = tmp_path / "model.json"
    for case in together(CASES[lot::LOTS]):
        file.write_text(json.dumps(case.model))
        done = run("model", str(file))
        wrong += [path for path in case.path.split("\0") if not told(done, path)]
        assert (done.returncode, done.stdout) == (1, ""), case.path
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", done.stderr), done.stderr
    assert not wrong


def test_no_null_character_comes_in(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    file.write_text(json.dumps(accepted() | {"app": {"name": "notes", "title": "a\0b"}}))
    done = run("model", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert "U+0000" in done.stderr


def together(cases: list[Refused]) -> Iterator[Refused]:
    """Many cases in a model, each in an entity or enum of its own; those of `app` stand alone."""
    apart = [case for case in cases if not case.path.startswith("app.")]
    yield from (case for case in cases if case.path.startswith("app."))
    for begin in range(0, len(apart), 40):
        model: dict[str, Any] = {"schema": 1, "app": {"name": "notes"}, "enums": {}, "entities": {}}
        paths = []
        for number, case in enumerate(apart[begin : begin + 40]):
            path = case.path
            for kind, usual in [("entities", "Note"), ("enums", "Mood")]:
                for name, entry in case.model.get(kind, {}).items():
                    own = f"{usual}{number}" if name == usual else name
                    text = json.dumps(entry).replace('"to": "Note"', f'"to": "{own}"')
                    if not (path.startswith("enums.") and kind == "entities"):
                        model[kind][own] = json.loads(text)
                path = path.replace(f"{kind}.{usual}.", f"{kind}.{usual}{number}.")
            paths.append(path)
        model["entities"]["Usual"] = {"fields": {"count": {"type": "int"}}}
        yield Refused(model, "\0".join(paths))


def generated(tmp_path: Path, name: str, texts: list[str] | None = None) -> Path:
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(accepted(texts)))
    teamflow("generate", str(file), "--out", str(tmp_path / name))
    return tmp_path / name


class Blank(ast.NodeTransformer):
    """A tree without its values: nothing is left in it but code."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(type(node.value).__name__)


def structure(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: structure(each) for key, each in value.items()}
    if isinstance(value, list):
        return [structure(each) for each in value]
    return type(value).__name__


def form(path: Path) -> Any:
    """What a program that reads the file takes for structure, not for text."""
    text = path.read_text()
    match path.suffix:
        case ".py":
            return ast.dump(Blank().visit(ast.parse(text)))
        case ".json":
            return structure(json.loads(text))
        case ".yml" | ".yaml":
            return structure(yaml.safe_load(text))
        case ".toml":
            return structure(tomllib.loads(text))
    return text.count("\n")


def test_what_is_accepted_is_data_and_nothing_else(tmp_path: Path) -> None:
    hostile = generated(tmp_path, "hostile")
    harmless = generated(tmp_path, "harmless", ["harmless"] * len(TEXTS))
    found: set[str] = set()
    for path in sorted(hostile.rglob("*")):
        if path.is_file() and ".generator" not in path.parts:
            assert form(path) == form(harmless / path.relative_to(hostile)), path
        if path.suffix == ".py":
            found |= {
                node.value for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    assert {text for text in TEXTS if text.isascii()} <= found
    assert accepted()["app"]["description"] in found
    assert set(PATTERNS) <= found
    kept = json.loads((hostile / ".generator" / "app.json").read_text())
    assert kept["app"]["description"] == accepted()["app"]["description"]


@pytest.mark.parametrize("place", ["", "/dev/null/app", "/proc/app", "file", "full"])
def test_no_place_that_cannot_be_written_is_touched(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    out = str(tmp_path / place) if place in ("file", "full") else place
    done = run("generate", "simple_task_api", "--out", out)
    assert done.returncode in (1, 2), done.stderr
    assert done.stderr.startswith("teamflow: ") or "--out" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
