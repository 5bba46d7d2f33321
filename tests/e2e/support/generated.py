"""Applications that are generated again, each with a database of its own."""

import importlib.util
import itertools
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

import psycopg
import pytest
import sqlalchemy
from alembic.migration import MigrationContext
from alembic.operations import Operations

from support.command_line import teamflow
from support.teamflow import Teamflow


def with_value(model: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """The model with something else, or nothing, in a place."""
    made: dict[str, Any] = json.loads(json.dumps(model))
    *way, last = place.split(".")
    at = made
    for step in way:
        at = at[step]
    at.pop(last, None)
    if value is not None:
        at[last] = value
    return made


def written(tmp_path: Path, model: dict[str, Any], name: str) -> str:
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(model))
    return str(file)


def versions(application: Path) -> list[Path]:
    return sorted((application / "alembic" / "versions").glob("*.py"))


class Database:
    """One of its own on a server that is there: empty, or with what another one has."""

    _numbers = itertools.count()

    def __init__(self, server: Teamflow, template: "Database | None" = None) -> None:
        self._admin = server.postgres_url
        self.name = f"shop_{os.getpid()}_{next(self._numbers)}"
        self.url = psycopg.conninfo.make_conninfo(server.postgres_url, dbname=self.name)
        self._run(
            f"create database {self.name}" + (f" template {template.name}" if template else "")
        )

    def close(self) -> None:
        self._run(f"drop database {self.name} with (force)")

    def _run(self, sql: str) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(sql)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def migrate(self, revision: Path, way: str) -> None:
        spec = importlib.util.spec_from_file_location("revision", revision)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        engine = sqlalchemy.create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(self.url)
        )
        with engine.begin() as connection:
            with Operations.context(MigrationContext.configure(connection)):
                getattr(module, way)()
        engine.dispose()

    def shape(self) -> dict[str, set[tuple[Any, ...]]]:
        """Everything that a migration makes, but for the order of columns."""
        return {
            "columns": set(self.execute(
                "select table_name, column_name, data_type, character_maximum_length, "
                "numeric_precision, numeric_scale, is_nullable, column_default "
                "from information_schema.columns where table_schema = 'public'"
            )),
            "constraints": set(self.execute(
                "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
                "from pg_constraint where connamespace = 'public'::regnamespace"
            )),
            "indexes": set(self.execute(
                "select indexname, indexdef from pg_indexes where schemaname = 'public'"
            )),
        }


@dataclass
class Place:
    """An application with its database."""

    server: Teamflow
    directory: Path
    database: Database

    @property
    def application(self) -> Path:
        return self.directory / "app"

    def merge(self, model: dict[str, Any]) -> dict[str, Any]:
        """What `--merge --json` told of this model."""
        file = written(self.directory, model, "next")
        told: dict[str, Any] = json.loads(teamflow(
            "generate", file, "--out", str(self.application), "--merge", "--json"
        ).stdout)
        return told

    def shape_of(self, model: dict[str, Any]) -> dict[str, set[tuple[Any, ...]]]:
        """What the first migration of an application of this model makes."""
        fresh = self.directory / "fresh"
        file = written(self.directory, model, "fresh")
        teamflow("generate", file, "--out", str(fresh), "--force")
        empty = Database(self.server)
        try:
            empty.migrate(*versions(fresh), "upgrade")
            return empty.shape()
        finally:
            empty.close()

    def copy(self, directory: Path) -> "Place":
        """Another one, to change."""
        made = Place(self.server, directory, Database(self.server, self.database))
        shutil.copytree(self.application, made.application)
        return made

    def there_and_back(self, model: dict[str, Any], count: dict[str, int]) -> dict[str, Any]:
        """Merges, upgrades, downgrades and upgrades again; what the merge told. After the upgrade
        each of these tables has so many rows."""
        before = self.database.shape()
        told = self.merge(model)
        second = self.application / told["revision"]
        assert versions(self.application)[1:] == [second]
        target = self.shape_of(model)
        self.database.migrate(second, "upgrade")
        assert self.database.shape() == target
        for table, rows in count.items():
            assert self.database.execute(f"select count(*) from {table}") == [(rows,)]
        self.database.migrate(second, "downgrade")
        assert self.database.shape() == before
        self.database.migrate(second, "upgrade")
        assert self.database.shape() == target
        return told


def generated(server: Teamflow, directory: Path, model: dict[str, Any], rows: str) -> Place:
    """An application of this model, and these rows in its database."""
    made = Place(server, directory, Database(server))
    teamflow("generate", written(directory, model, "first"), "--out", str(made.application))
    made.database.migrate(*versions(made.application), "upgrade")
    made.database.execute(rows)
    return made


def places(model: dict[str, Any], rows: str) -> tuple[Any, Any]:
    """The fixtures of a file: an application of this model with these rows in its database, and a
    copy for each test."""

    @pytest.fixture(scope="module")
    def origin(server: Teamflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
        made = generated(server, tmp_path_factory.mktemp("origin"), model, rows)
        yield made
        made.database.close()

    @pytest.fixture
    def place(origin: Place, tmp_path: Path) -> Iterator[Place]:
        made = origin.copy(tmp_path)
        yield made
        made.database.close()

    return origin, place
