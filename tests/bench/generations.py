"""How fast an application is written, beside JHipster with the same model where npm installs it."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from places import BUILD, ROOT
from replays import memory_mb

ROUNDS = 9
ENTITIES = 100
JHIPSTER = "generator-jhipster@8.9.0"

# What JHipster must know besides the entities: a service on PostgreSQL, without a frontend.
PEER_APPLICATION = """
application {
  config {
    applicationType microservice, baseName shop, packageName org.example.shop
    prodDatabaseType postgresql, authenticationType jwt, cacheProvider no
    serviceDiscoveryType no, skipClient true, buildTool maven, enableTranslation false
  }
  entities *
}
paginate * with pagination
"""


def large_model() -> dict[str, Any]:
    """Each entity has fields of ten types and, but for the first, a relation."""
    fields: dict[str, Any] = {
        "name": {"type": "string", "min": 1, "max": 100, "index": True},
        "code": {"type": "string", "max": 20, "unique": True},
        "note": {"type": "text", "nullable": True},
        "amount": {"type": "int", "min": 0, "max": 1000},
        "price": {"type": "decimal", "digits": 10, "places": 2, "min": 0},
        "is_open": {"type": "bool", "default": True},
        "begins_on": {"type": "date", "nullable": True},
        "seen_at": {"type": "datetime"},
        "state": {"type": "State", "default": "new"},
        "more": {"type": "json", "nullable": True},
    }
    entities: dict[str, Any] = {}
    for number in range(ENTITIES):
        made: dict[str, Any] = {"fields": fields}
        if number > 0:
            to = f"Part{(number - 1) // 2:03}"
            made["relations"] = {"whole": {"to": to, "kind": "many_to_one", "required": True}}
        entities[f"Part{number:03}"] = made
    return {"schema": 1, "app": {"name": "parts"}, "enums": {"State": ["new", "used"]},
            "entities": entities}


def generated(model: str, out: Path) -> dict[str, Any]:
    """Whole processes; the directory is removed between them, outside of what is timed."""
    command = [str(BUILD / "teamflow"), "generate", model, "--out", str(out)]
    taken = []
    for _ in range(ROUNDS):
        shutil.rmtree(out, ignore_errors=True)
        begin = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.monotonic() - begin)
    files = [path for path in out.rglob("*") if path.is_file()]
    shutil.rmtree(out)
    return {
        "files": len(files), "ms": [1000 * each for each in sorted(taken)],
        "memory_mb": memory_mb(command),
    }


def peer(model: str, directory: Path) -> dict[str, Any] | None:
    """JHipster, installed before, without installing what its application needs."""
    place = ROOT / ".cache" / "jhipster"
    place.mkdir(parents=True, exist_ok=True)
    (place / "package.json").write_text("{}")
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", JHIPSTER]
    try:
        if subprocess.run(install, cwd=place, timeout=900).returncode != 0:
            return None
    except (OSError, subprocess.TimeoutExpired):
        return None
    directory.mkdir()
    entities = subprocess.run([str(BUILD / "teamflow"), "model", model, "--to", "jdl"],
                              check=True, capture_output=True, text=True).stdout
    (directory / "shop.jdl").write_text(PEER_APPLICATION + entities)
    before = os.times()
    done = subprocess.run(
        [str(place / "node_modules" / ".bin" / "jhipster"), "jdl", "shop.jdl", "--skip-install",
         "--skip-git", "--force", "--no-insight"],
        cwd=directory, capture_output=True, text=True, timeout=900,
    )
    after = os.times()
    if done.returncode != 0:
        raise RuntimeError(f"jhipster failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {
        "name": JHIPSTER, "files": len(files), "ms": 1000 * (after.elapsed - before.elapsed),
        "cpu_ms": 1000 * (after.children_user + after.children_system
                          - before.children_user - before.children_system),
    }


def generations(directory: Path) -> dict[str, Any]:
    directory.mkdir(parents=True)
    large = directory / "large.json"
    large.write_text(json.dumps(large_model()))
    model = "ecommerce_api"
    return {
        "ecommerce_api": generated(model, directory / "shop"),
        "large": generated(str(large), directory / "parts"),
        "peer": peer(model, directory / "peer"),
    }
