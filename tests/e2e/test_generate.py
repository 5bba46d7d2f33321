"""`teamflow generate`: its files, its exit codes, and that what it writes is Python."""

import ast
import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from support.command_line import run, teamflow
from support.places import ROOT

DOMAINS = ["simple_task_api", "ecommerce_api", "healthcare", "real_estate", "crm", "blog"]
HOSTILE = '""" + __import__("os").system("true") + """ {{7*7}} \\N{DASH} ${x} %s </script>'


def files_of(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_built_in_domain_becomes_an_application(tmp_path: Path, domain: str) -> None:
    told = json.loads(teamflow("generate", domain, "--out", str(tmp_path / "app"), "--json").stdout)
    files = files_of(tmp_path / "app")
    assert told["files"] == len(files)
    assert told["bytes"] == sum(map(len, files.values()))
    for name, content in files.items():
        if name.endswith(".py"):
            ast.parse(content, name)
        if name.endswith(".json"):
            json.loads(content)
    manifest = json.loads(files[".generator/manifest.json"])
    assert set(manifest["files"]) == set(files) - {".generator/manifest.json"}
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == hashlib.sha256(files[name]).hexdigest(), name
    assert (tmp_path / "app" / "scripts" / "start.sh").stat().st_mode & stat.S_IXUSR


def test_the_stored_model_gives_the_same_bytes(tmp_path: Path) -> None:
    teamflow("generate", DOMAINS[0], "--out", str(tmp_path / "first"))
    stored = tmp_path / "first" / ".generator" / "app.json"
    teamflow("generate", str(stored), "--out", str(tmp_path / "second"))
    assert files_of(tmp_path / "first") == files_of(tmp_path / "second")


def test_a_bad_model_leaves_nothing_behind(tmp_path: Path) -> None:
    model = tmp_path / "model.yaml"
    model.write_text(
        "schema: 1\napp: { name: notes }\nentities:\n  Note:\n    fields:\n"
        "      titel: { type: strin }\n      import: { type: int }\n"
    )
    done = run("generate", str(model), "--out", str(tmp_path / "app"))
    assert done.returncode == 1
    assert "line 6: entities.Note.fields.titel.type:" in done.stderr
    assert "did you mean `string`?" in done.stderr
    assert "line 7: entities.Note.fields.import:" in done.stderr
    assert list(tmp_path.iterdir()) == [model]


def test_what_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    refused = run("generate", DOMAINS[0], "--out", str(tmp_path))
    assert (refused.returncode, list(files_of(tmp_path))) == (1, ["mine.txt"])
    assert "--force" in refused.stderr
    teamflow("generate", DOMAINS[0], "--out", str(tmp_path), "--force")
    assert "mine.txt" not in files_of(tmp_path)


def test_wrong_use_and_unknown_domains(tmp_path: Path) -> None:
    assert run("generate").returncode == 2
    assert run("generate", DOMAINS[0]).returncode == 2
    misspelt = run("generate", DOMAINS[0], "--preveiw")
    assert (misspelt.returncode, misspelt.stdout) == (2, "")
    assert "did you mean `--preview`?" in misspelt.stderr
    unknown = run("generate", "simple_task", "--out", str(tmp_path / "app"))
    assert unknown.returncode == 1
    assert "simple_task_api" in unknown.stderr
    assert run("prove", str(tmp_path / "nowhere")).returncode == 2
    assert run("prove", str(tmp_path)).returncode == 1


def test_a_part_of_a_model_is_generated_alone(tmp_path: Path) -> None:
    app = tmp_path / "app"
    done = run("generate", "ecommerce_api", "--entities", "Order", "--out", str(app))
    assert done.returncode == 1 and not app.exists()
    assert "entities.Order.relations.customer: leads to Customer, which is not selected" in (
        done.stderr)
    assert "--with-targets" in done.stderr
    done = run("generate", "ecommerce_api", "--entities", "Ordr,Item", "--out", str(app))
    assert done.returncode == 1 and "did you mean `Order`?" in done.stderr
    assert "entities.Item:" in done.stderr
    done = run("generate", "ecommerce_api", "--entities", "Order", "--with-targets", "--out",
               str(app))
    assert done.returncode == 0 and "taken along: Customer, Address" in done.stderr
    model = json.loads((app / ".generator" / "app.json").read_text())
    assert set(model["entities"]) == {"Customer", "Address", "Order"}
    assert run("generate", "crm", "--with-targets", "--out", str(app)).returncode == 2


def test_edits_are_shown_beside_their_patterns(tmp_path: Path) -> None:
    app = tmp_path / "app"
    teamflow("generate", DOMAINS[0], "--out", str(app))
    assert run("compare", str(app)).returncode == 0
    main = app / "src" / "main.py"
    main.write_text(main.read_text() + "# ours\n")
    (app / "README.md").unlink()
    done = run("compare", str(app))
    assert done.returncode == 1
    assert "missing README.md (readme@" in done.stdout
    assert "edited src/main.py (application@" in done.stdout and "+# ours" in done.stdout
    told = json.loads(run("compare", str(app), "src/main.py", "--json").stdout)
    assert [(each["state"], each["added"], each["removed"]) for each in told] == [("edited", 1, 0)]
    done = run("compare", str(app), "src/mian.py")
    assert done.returncode == 2 and "did you mean `src/main.py`?" in done.stderr
    done = run("compare", str(tmp_path))
    assert done.returncode == 1 and "was not generated" in done.stderr


def test_what_comes_is_told_beforehand(tmp_path: Path) -> None:
    told = json.loads(teamflow("generate", DOMAINS[1], "--preview", "--json").stdout)
    teamflow("generate", DOMAINS[1], "--out", str(tmp_path / "app"))
    files = files_of(tmp_path / "app")
    listed = {file["path"]: file["bytes"] for group in told["groups"] for file in group["files"]}
    assert listed == {name: len(content) for name, content in files.items()}
    entities = [group["entity"] for group in told["groups"]]
    assert entities == ["", *json.loads(files[".generator/app.json"])["entities"]]
    assert "src/services/products.py" in teamflow("generate", DOMAINS[1], "--preview").stdout
    guess = json.loads(teamflow("generate", DOMAINS[1], "--estimate", "--json").stdout)
    assert guess["complexity"]["entities"] == len(entities) - 1
    time = guess["generation"]
    assert 0 < time["low"] < time["likely"] < time["high"]
    assert run("generate", DOMAINS[0], "--preview", "--out", str(tmp_path / "x")).returncode == 2
    assert not (tmp_path / "x").exists()


def test_tables_of_others_become_an_application(tmp_path: Path) -> None:
    tables = teamflow("model", DOMAINS[0], "--to", "sql").stdout
    (tmp_path / "shop.sql").write_text(tables)
    teamflow("generate", str(tmp_path / "shop.sql"), "--out", str(tmp_path / "app"))
    model = json.loads((tmp_path / "app" / ".generator" / "app.json").read_text())
    assert (model["app"]["name"], list(model["entities"])) == ("shop", ["Project", "Task"])
    (tmp_path / "bad.dbml").write_text("Table tasks {\n  id uuid [pk]\n  shape polygon\n}\n")
    refused = run("model", str(tmp_path / "bad.dbml"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "line 3: tasks.shape: no type of a model is like `polygon`" in refused.stderr
    assert run("model", DOMAINS[0], "--to", "cobol").returncode == 2


def test_a_published_api_becomes_a_model(tmp_path: Path) -> None:
    """What has an id in the program's own OpenAPI is an entity; bodies and pages are none."""
    published = ROOT / "docs" / "generated" / "openapi.json"
    done = teamflow("model", str(published))
    entities = json.loads(done.stdout)["entities"]
    task = entities["TaskResource"]
    assert task["fields"]["title"]["type"] == "text"
    assert json.loads(done.stdout)["enums"]["TaskStatus"]
    assert "CreateTask" not in entities
    assert "note: components.schemas.create_task: has no `id`" in done.stderr
    schema = {"title": "Note", "properties": {"text": {"type": "strin"}}}
    (tmp_path / "note.json").write_text(json.dumps(schema))
    refused = run("model", str(tmp_path / "note.json"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "properties.text.type: is no type (did you mean `string`?)" in refused.stderr


def test_texts_of_a_model_stay_texts(tmp_path: Path) -> None:
    model: dict[str, Any] = {
        "schema": 1,
        "app": {"name": "notes", "title": HOSTILE, "description": HOSTILE},
        "entities": {
            "Note": {
                "description": HOSTILE,
                "fields": {
                    "title": {"type": "string", "default": HOSTILE, "description": HOSTILE},
                    "kind": {"type": "string", "pattern": "^[\"'\\\\]{1,9}$"},
                },
            },
        },
    }
    (tmp_path / "model.json").write_text(json.dumps(model))
    teamflow("generate", str(tmp_path / "model.json"), "--out", str(tmp_path / "app"))
    whole = {HOSTILE: 0}
    for path in (tmp_path / "app").rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value == HOSTILE:
                whole[HOSTILE] += 1
            if isinstance(node, ast.Name):
                assert node.id != "__import__", path
    assert whole[HOSTILE] >= 4
    dashboard = tmp_path / "app" / "docker" / "grafana" / "dashboards" / "application.json"
    assert json.loads(dashboard.read_text())["title"] == HOSTILE


def test_parts_that_are_not_wanted_are_told(tmp_path: Path) -> None:
    told = json.loads(teamflow(
        "generate", DOMAINS[0], "--out", str(tmp_path / "app"), "--minimal", "--without",
        "tests,cicd", "--json",
    ).stdout)
    assert [lack["option"] for lack in told["lacks"]] == ["jwt", "production", "tests", "cicd"]
    files = files_of(tmp_path / "app")
    assert not any(name.startswith(("tests/", ".github/", "docker/grafana/")) for name in files)
    assert "docker/Dockerfile" in files
    options = json.loads(files[".generator/manifest.json"])["options"]
    assert options == ["documentation", "sample_data", "dockerfiles", "environment_configs"]
    unknown = run("generate", DOMAINS[0], "--out", str(tmp_path), "--without", "everything")
    assert unknown.returncode == 2


def test_patterns_are_found_and_measured_only_by_runs(tmp_path: Path) -> None:
    found = json.loads(teamflow("patterns", "rate", "limit", "--json").stdout)
    assert found[0]["name"] == "rate_limit"
    assert (found[0]["runs"], found[0]["readiness"]) == (0, None)
    assert "not measured" in teamflow("patterns", "--category", "observability").stdout
    report = {
        "at": "2026-11-28T08:00:00+00:00", "passed": True, "observability": 100,
        "patterns": {"rate_limit@1": {"coverage": 100, "findings": 0}},
    }
    (tmp_path / "run.json").write_text(json.dumps(report))
    ready = json.loads(teamflow(
        "patterns", "--runs", str(tmp_path), "--production-ready", "--json",
    ).stdout)
    assert [(each["name"], each["readiness"]) for each in ready] == [("rate_limit", 100)]
    assert run("patterns", "no such words").returncode == 1
    (tmp_path / "run.json").write_text("{}")
    assert "run.json" in run("patterns", "--runs", str(tmp_path)).stderr
