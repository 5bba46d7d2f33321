#!/usr/bin/env python3
"""Writes a random model for the generator: the same seed gives the same model.

usage: random_model.py SEED > model.json

Seeds go through all sizes from one entity to thirty, and through every type and option.
"""

import json
import random
import sys
from typing import Any

SIZES = (1, 2, 3, 5, 8, 13, 20, 30)
NOUNS = (
    "Anchor Badge Cable Depot Engine Ferry Glacier Harbour Invoice Journey Kettle Ladder Meadow "
    "Needle Orchard Parcel Quarry Reactor Sensor Tunnel Umbrella Valley Wagon Xylophone Yard Zone "
    "Bridge Canal Device Element Factory Garage"
).split()
WORDS = (
    "code title note level price weight amount started ended contact home picture extra shade "
    "rank batch opened closed visible label size depth width height token score grade group "
    "region origin"
).split()
TYPES = (
    "string", "text", "int", "bigint", "float", "decimal", "bool", "date", "datetime", "time",
    "uuid", "json", "email", "url", "bytes-ref", "Shade",
)
UNIQUE = ("string", "int", "bigint", "uuid", "email", "url", "bytes-ref")
FILTERED = (
    "string", "int", "bigint", "bool", "date", "datetime", "uuid", "email", "url", "bytes-ref",
    "Shade",
)
OPERATIONS = ("list", "get", "create", "update", "delete")
UNSORTED = ("text", "json")
DEFAULTS = {
    "string": "none", "int": 3, "bool": True, "Shade": "dark", "decimal": "1.50",
    "date": "2026-01-31",
}


def field(chance: random.Random, kind: str) -> dict[str, Any]:
    made: dict[str, Any] = {"type": kind}
    if chance.random() < 0.3:
        made["nullable"] = True
    if kind == "string":
        made |= chance.choice((
            {}, {"min": 1, "max": chance.randint(10, 200)},
            {"min": 2, "max": 12, "pattern": "^[A-Z][A-Z0-9]*$"},
        ))
    elif kind in ("int", "float") and chance.random() < 0.5:
        made |= {"min": 0, "max": chance.randint(100, 100_000)}
    elif kind == "decimal":
        made |= {"digits": chance.randint(6, 18), "places": chance.randint(2, 4), "min": 0}
    elif kind == "text" and chance.random() < 0.5:
        made["html"] = "sanitize"
    if kind in UNIQUE and chance.random() < 0.25:
        made["unique"] = True
    elif kind not in UNSORTED and chance.random() < 0.2:
        made["index"] = True
    elif kind in DEFAULTS and "pattern" not in made and chance.random() < 0.3:
        made["default"] = DEFAULTS[kind]
    if chance.random() < 0.2:
        made["description"] = "What it's \"for\": 100 % {{of}} <it> \\ and more."
    return made


def relations(chance: random.Random, name: str, earlier: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for target in chance.sample(earlier, min(len(earlier), chance.choice((0, 1, 1, 2)))):
        kind = chance.choice(("many_to_one",) * 3 + ("one_to_one", "many_to_many"))
        one: dict[str, Any] = {"to": target, "kind": kind}
        if kind != "many_to_many":
            one["required"] = chance.random() < 0.5
            one["on_delete"] = chance.choice(
                ("restrict", "cascade") if one["required"] else ("restrict", "cascade", "set_null"))
        made[("linked_" if kind == "many_to_many" else "of_") + target.lower()] = one
    if chance.random() < 0.2:
        made["parent"] = {
            "to": name, "kind": "many_to_one", "on_delete": chance.choice(("restrict", "set_null")),
        }
    return made


def entity(chance: random.Random, name: str, earlier: list[str]) -> dict[str, Any]:
    names = chance.sample(WORDS, chance.randint(1, 10))
    fields = {each: field(chance, chance.choice(TYPES)) for each in names}
    made: dict[str, Any] = {"fields": fields, "relations": relations(chance, name, earlier)}
    for option in ("soft_delete", "audit"):
        if chance.random() < 0.25:
            made[option] = True
    numbers = [each for each in names if fields[each]["type"] == "int"]
    if len(numbers) >= 2:
        first, second = (each for each in names if each in numbers[:2])
        made["checks"] = {"in_order": f"{first} <= {second} or {second} is null"}
        for each in (first, second):
            fields[each] = {"type": "int"}
    filtered = [each for each in names if fields[each]["type"] in FILTERED]
    filtered += list(made["relations"])
    sorted_by = [each for each in names if fields[each]["type"] not in UNSORTED]
    made["api"] = {
        "filters": chance.sample(filtered, min(len(filtered), 3)),
        "sort": ["created_at", *chance.sample(sorted_by, min(len(sorted_by), 2))],
    }
    keys = [each for each, of in made["relations"].items() if of["kind"] != "many_to_many"]
    if keys and sorted_by:
        made["indexes"] = [[keys[0], sorted_by[0]]]
    return made


def count_versions(seed: int, entities: dict[str, Any]) -> None:
    """In every fourth model most entities count their changes."""
    if seed % 4 != 2:
        return
    chance = random.Random(f"versions of {seed}")
    for made in entities.values():
        if chance.random() < 0.7:
            made["versioned"] = True


def drop_operations(seed: int, entities: dict[str, Any]) -> None:
    """In every fourth model some entities cannot do everything; the last one can."""
    if seed % 4 != 1:
        return
    chance = random.Random(f"operations of {seed}")
    for made in list(entities.values())[:-1]:
        if chance.random() < 0.6:
            wanted = chance.sample(OPERATIONS, chance.randint(1, 4))
            changes = {"create", "update", "delete"} & set(wanted)
            if changes or not made.get("audit"):
                made["api"]["operations"] = wanted


def model(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    nouns = chance.sample(NOUNS, SIZES[seed % len(SIZES)])
    entities = {name: entity(chance, name, nouns[:number]) for number, name in enumerate(nouns)}
    drop_operations(seed, entities)
    count_versions(seed, entities)
    app = {
        "name": f"random_{seed}",
        "title": f"It's \"number\" {seed}",
        "auth": chance.choice(("none", "jwt")),
        "code_style": chance.choice(("standard", "enterprise", "minimal")),
    }
    enums = {"Shade": ["light", "dark", "deep-red"]}
    return {"schema": 1, "app": app, "enums": enums, "entities": entities}


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    print(json.dumps(model(int(sys.argv[1])), indent=2))
