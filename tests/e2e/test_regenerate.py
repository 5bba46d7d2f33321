"""`teamflow generate --merge`: edits stay, conflicts are told, and the next revision takes a
database with rows in it there and back."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.command_line import run, teamflow
from support.generated import Place, places, versions, with_value, written

V1: dict[str, Any] = {
    "schema": 1,
    "app": {"name": "shop"},
    "enums": {"Size": ["small", "large"]},
    "entities": {
        "Shelf": {"fields": {"code": {"type": "string", "max": 20, "unique": True}}},
        "Thing": {
            "id": "thing",
            "fields": {
                "name": {"type": "string", "max": 100, "index": True, "id": "name"},
                "size": {"type": "Size"},
                "weight": {"type": "int", "min": 0, "max": 500},
                "price": {"type": "decimal", "digits": 8, "places": 2, "nullable": True},
                "seen_at": {"type": "datetime", "nullable": True},
            },
            "relations": {"shelf": {"to": "Shelf", "kind": "many_to_one", "required": True}},
            "indexes": [["size", "weight"]],
            "checks": {"cap": "weight <= 400"},
        },
    },
}
ROWS = """
insert into shelfs (id, code) values (gen_random_uuid(), 'A'), (gen_random_uuid(), 'B');
insert into things (id, name, size, weight, price, shelf_id)
    select gen_random_uuid(), 'thing ' || n, 'small', n, n * 1.5,
        (select id from shelfs where code = 'A')
    from generate_series(1, 20) as n;
"""

def changed(place: str, value: Any) -> dict[str, Any]:
    """The first model with something else, or nothing, in a place."""
    return with_value(V1, place, value)


def renamed() -> dict[str, Any]:
    """Another name for the table and for a column, which their ids hold together."""
    model = json.loads(json.dumps(V1))
    thing = model["entities"].pop("Thing")
    name = thing["fields"].pop("name")
    thing["fields"] = {"title": name, **thing["fields"]}
    model["entities"]["Article"] = thing
    return model


FIELDS = "entities.Thing.fields"
NEXT = {
    "a nullable field": changed(f"{FIELDS}.note", {"type": "text", "nullable": True}),
    "a field with a default": changed(f"{FIELDS}.state", {"type": "string", "default": "it's: :x"}),
    "a field without": changed(f"{FIELDS}.count", {"type": "int", "min": 3}),
    "a unique text": changed(f"{FIELDS}.code", {"type": "string", "max": 40, "unique": True}),
    "a unique number": changed(f"{FIELDS}.number", {"type": "bigint", "unique": True}),
    "a day": changed(f"{FIELDS}.day", {"type": "date"}),
    "an object": changed(f"{FIELDS}.extra", {"type": "json"}),
    "a field goes": changed(f"{FIELDS}.seen_at", None),
    "a wider text": changed(f"{FIELDS}.name", {"type": "text", "id": "name"}),
    "a narrower text": changed(f"{FIELDS}.name", {"type": "string", "max": 7, "id": "name"}),
    "a wider number": changed(f"{FIELDS}.weight", {"type": "bigint", "min": 0, "max": 500}),
    "a number as text": changed(f"{FIELDS}.price", {"type": "string", "nullable": True}),
    "a fraction less": changed(f"{FIELDS}.price", {"type": "int", "nullable": True}),
    "not null any more": changed(f"{FIELDS}.price", {"type": "decimal", "digits": 8, "places": 2}),
    "nullable": changed(
        f"{FIELDS}.weight", {"type": "int", "min": 0, "max": 500, "nullable": True}
    ),
    "unique": changed(
        f"{FIELDS}.name", {"type": "string", "max": 100, "unique": True, "id": "name"}
    ),
    "another limit": changed(f"{FIELDS}.weight", {"type": "int", "min": 1, "max": 600}),
    "another check": changed("entities.Thing.checks", {"cap": "weight <= 300"}),
    "other indexes": changed("entities.Thing.indexes", [["weight", "name"]]),
    "another enum": changed("enums.Size", ["tiny", "large"]),
    "another sort": changed(f"{FIELDS}.seen_at", {"type": "bool", "default": True}),
    "what becomes of rows": changed(
        "entities.Thing.relations.shelf",
        {"to": "Shelf", "kind": "many_to_one", "required": True, "on_delete": "cascade"},
    ),
    "a relation more": changed(
        "entities.Thing.relations.other", {"to": "Shelf", "kind": "one_to_one"}
    ),
    "a relation goes": changed("entities.Thing.relations", None),
    "a table more": changed(
        "entities.Label",
        {
            "fields": {"text": {"type": "string", "max": 30, "index": True}},
            "relations": {"thing": {"to": "Thing", "kind": "many_to_one", "required": True}},
        },
    ),
    "a table goes": {**V1, "entities": {"Shelf": V1["entities"]["Shelf"]}},
    "another plural": changed("entities.Shelf.plural", "shelves"),
    "other names": renamed(),
}
LOSSES = {"a field goes", "a narrower text", "a fraction less", "another enum", "another sort",
          "a relation goes", "a table goes"}


origin, place = places(V1, ROWS)


@pytest.mark.parametrize("case", NEXT)
def test_a_database_with_rows_goes_there_and_back(place: Place, case: str) -> None:
    rows = "articles" if case == "other names" else "things"
    count = {} if case == "a table goes" else {rows: 20}
    told = place.there_and_back(NEXT[case], count)
    assert any(each["code"] == "data_loss" for each in told["warnings"]) == (case in LOSSES)


def test_values_move_with_names_and_types(place: Place) -> None:
    model = renamed()
    fields = model["entities"]["Article"]["fields"]
    fields["price"] = {"type": "string", "nullable": True}
    fields["state"] = {"type": "string", "default": "it's: :x"}
    fields["number"] = {"type": "bigint", "unique": True}
    place.merge(model)
    place.database.migrate(versions(place.application)[-1], "upgrade")
    found = place.database.execute("select title, price, state from articles where weight = 3")
    assert found == [("thing 3", "4.50", "it's: :x")]
    assert place.database.execute("select count(distinct number) from articles") == [(20,)]


def test_edits_stay_and_conflicts_are_told(tmp_path: Path) -> None:
    application = tmp_path / "app"
    teamflow("generate", written(tmp_path, V1, "v1"), "--out", str(application))
    service = application / "src" / "services" / "things.py"
    service.write_text(service.read_text() + "\n\nMINE = 1\n")
    guide = application / "docs" / "model.md"
    lines = guide.read_text().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if "weight" in line)
    lines[at] = "my own words\n"
    guide.write_text("".join(lines))
    (application / "own.txt").write_text("own")

    model = changed(f"{FIELDS}.weight", {"type": "bigint", "min": 0, "max": 500})
    done = run(
        "generate", written(tmp_path, model, "v2"), "--out", str(application), "--merge", "--json"
    )
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert "MINE = 1" in service.read_text()
    assert (application / "own.txt").read_text() == "own"
    (conflict,) = told["conflicts"]
    assert (conflict["path"], conflict["kind"]) == ("docs/model.md", "both_changed")
    assert conflict["hunks"][0]["edited"] == "my own words\n"
    text = guide.read_text()
    marks = [
        "<<<<<<< edited\nmy own words\n",
        "||||||| generated before\n",
        ">>>>>>> generated now\n",
    ]
    assert all(mark in text for mark in marks)
    assert not (application / ".generator" / "next").exists()

    again = run("generate", written(tmp_path, V1, "v1"), "--out", str(application), "--merge")
    assert again.returncode == 1
    assert "docs/model.md: has markers of an earlier merge" in again.stderr
    assert guide.read_text() == text


def test_a_merge_that_was_cut_off_is_finished(tmp_path: Path) -> None:
    application = tmp_path / "app"
    model = written(tmp_path, V1, "v1")
    teamflow("generate", model, "--out", str(application))
    for name in ("next", "next.unfinished"):
        files = application / ".generator" / name / "files" / "docs"
        files.mkdir(parents=True)
        (files / f"{name}.md").write_text("new")
        (files.parent.parent / "removed").write_text("Makefile\n")
    teamflow("generate", model, "--out", str(application), "--merge")
    assert (application / "docs" / "next.md").read_text() == "new"
    assert not (application / "docs" / "next.unfinished.md").exists()
    assert not (application / "Makefile").exists()
    assert sorted(path.name for path in (application / ".generator").iterdir()) == [
        "app.json", "manifest.json",
    ]


def test_where_nothing_was_generated_nothing_is_merged(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    model = written(tmp_path / "..", V1, f"{tmp_path.name}_v1")
    refused = run("generate", model, "--out", str(tmp_path), "--merge")
    assert refused.returncode == 1
    assert ".generator/manifest.json" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert run("generate", model, "--out", str(tmp_path), "--merge", "--force").returncode == 2
