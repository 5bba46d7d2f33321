"""What the exporters write is read by others as it was meant, and what others write is read here:
@dbml/core for DBML and DDL, JHipster's parser for JDL. Skipped where npm cannot install them."""

import fcntl
import functools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.command_line import teamflow
from support.places import ROOT

ORACLES = Path(__file__).parent / "oracles"
DOMAINS = sorted(path.stem for path in (ROOT / "generation" / "domains").glob("*.yaml"))


@functools.cache
def installed() -> Path:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    place = ROOT / ".cache" / "oracles"
    place.mkdir(parents=True, exist_ok=True)
    # Tests run in several processes, and one of them installs.
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copy(ORACLES / "read.cjs", place / "read.cjs")
        wanted = (ORACLES / "package-lock.json").read_text()
        done = place / "installed"
        if not done.exists() or done.read_text() != wanted:
            install(place)
            done.write_text(wanted)
    return place


def install(place: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ORACLES / name, place / name)
    try:
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=place, capture_output=True, text=True, timeout=60,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not install the oracles within 60 s")
    if done.returncode != 0:
        pytest.skip(f"npm cannot install the oracles: {done.stderr[-300:]}")


def oracle(language: str, text: str) -> str:
    done = subprocess.run(
        ["node", "read.cjs", language], cwd=installed(), input=text, capture_output=True,
        text=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def model(domain: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(teamflow("model", domain).stdout)
    return read


def exported(domain: str, language: str) -> str:
    return teamflow("model", domain, "--to", language).stdout


def snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def relations(of: dict[str, Any], many: bool = False) -> dict[str, dict[str, Any]]:
    return {
        name: each for name, each in of.get("relations", {}).items()
        if (each["kind"] == "many_to_many") == many
    }


def shape(dbml: str) -> dict[str, Any]:
    """What is read from DBML, without defaults, of which the other loses those that are cast,
    without the names of keys, which tell the names of entities, and with long strings as texts."""
    read: dict[str, Any] = json.loads(oracle("dbml", dbml))
    for columns in read["tables"].values():
        for column in columns.values():
            del column["initial"]
            column["type"] = column["type"].replace("varchar(2048)", "text")
    links = {name for name, columns in read["tables"].items() if len(columns) == 2}
    read["tables"] = {name: of for name, of in read["tables"].items() if name not in links}
    read["references"] = sorted([table, *rest] for table, _, *rest in read["references"])
    return read


@pytest.mark.parametrize("language", ["dbml", "sql"])
@pytest.mark.parametrize("domain", DOMAINS)
def test_tables_are_read_by_another_as_the_model_says(domain: str, language: str) -> None:
    whole = model(domain)
    read = json.loads(oracle(language, exported(domain, language)))
    for entity, of in whole["entities"].items():
        found = [
            columns for columns in read["tables"].values()
            if set(columns) == {"id", "created_at", "updated_at"}
            | set(of["fields"]) | {f"{name}_id" for name in relations(of)}
        ]
        assert len(found) == 1, (entity, sorted(read["tables"]))
        for name, field in of["fields"].items():
            column = found[0][name]
            assert column["required"] == (not field.get("nullable", False)), (entity, name)
            assert column["unique"] == field.get("unique", False), (entity, name)
            if field["type"] in whole.get("enums", {}):
                values = read["enums"][column["type"]]
                assert values == whole["enums"][field["type"]], (entity, name)
            if isinstance(field.get("default"), str):
                # DDL casts what is no text.
                assert field["default"] in column["initial"], (entity, name)
    actions = [
        each.get("on_delete", "restrict") for of in whole["entities"].values()
        for each in relations(of).values()
    ]
    links = sum(len(relations(of, many=True)) for of in whole["entities"].values())
    assert sorted(actions + ["cascade", "cascade"] * links) == sorted(
        action.replace(" ", "_") for _, _, _, action in read["references"]
    )


@pytest.mark.parametrize("domain", DOMAINS)
def test_tables_come_back_from_another_as_they_were(tmp_path: Path, domain: str) -> None:
    """DDL goes through the other's DBML, and DBML through its DDL."""
    (tmp_path / "there.dbml").write_text(oracle("sql-to-dbml", exported(domain, "sql")))
    (tmp_path / "back.sql").write_text(oracle("dbml-to-sql", exported(domain, "dbml")))
    direct = shape(exported(domain, "dbml"))
    for name in ("there.dbml", "back.sql"):
        again = teamflow("model", str(tmp_path / name), "--to", "dbml").stdout
        assert shape(again) == direct, name


@pytest.mark.parametrize("domain", DOMAINS)
def test_jdl_is_read_by_another_as_the_model_says(domain: str) -> None:
    whole = model(domain)
    read = json.loads(oracle("jdl", exported(domain, "jdl")))
    assert set(read["entities"]) == set(whole["entities"])
    for entity, of in whole["entities"].items():
        fields = {snake(name): each for name, each in read["entities"][entity].items()}
        assert set(fields) == set(of["fields"]), entity
        for name, field in of["fields"].items():
            validations = fields[name]["validations"]
            assert ("required" in validations) == (not field.get("nullable", False))
            assert ("unique" in validations) == field.get("unique", False)
            if field["type"] in whole.get("enums", {}):
                values = read["enums"][fields[name]["type"]]
                wanted = [value.upper().replace("-", "_") for value in
                          whole["enums"][field["type"]]]
                assert values == wanted
    assert len(read["references"]) == sum(
        len(of.get("relations", {})) for of in whole["entities"].values()
    )
