"""`generate --merge` where links, soft deletes, an audit and a login come, go and take other names:
the next revision takes a database with rows in it there and back."""

import random
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from support.generated import Place, places, versions, with_value

LABEL: dict[str, Any] = {
    "id": "label",
    "fields": {"word": {"type": "string", "max": 40, "unique": True, "id": "word"}},
}
ITEM: dict[str, Any] = {
    "id": "item",
    "soft_delete": True,
    "audit": True,
    "versioned": True,
    "fields": {"code": {"type": "string", "max": 40, "unique": True, "id": "code"}},
    "relations": {
        "cover": {"to": "Label", "kind": "one_to_one", "id": "cover"},
        "labels": {"to": "Label", "kind": "many_to_many", "id": "labels"},
        "similar": {"to": "Item", "kind": "many_to_many"},
    },
}
V1: dict[str, Any] = {
    "schema": 1,
    "app": {"name": "shop", "auth": "jwt"},
    "entities": {"Label": LABEL, "Item": ITEM},
}
ROWS = """
insert into labels (id, word) select gen_random_uuid(), 'word ' || n from generate_series(1, 3) n;
insert into items (id, code, deleted_at)
    select gen_random_uuid(), 'code ' || n, case when n > 15 then now() end
    from generate_series(1, 20) n;
insert into items_labels (item_id, label_id) select items.id, labels.id from items, labels;
insert into items_similar (item_id, similar_id)
    select a.id, b.id from items a join items b on a.code < b.code;
insert into audit_entries (id, entity, entity_id, operation, changes)
    select gen_random_uuid(), 'Item', id, 'created', '{}' from items;
insert into auth_users (id, email, password_hash, is_active)
    values (gen_random_uuid(), 'someone@example.com', 'hash', true);
"""


def changed(place: str, value: Any) -> dict[str, Any]:
    return with_value(V1, place, value)


def renamed() -> dict[str, Any]:
    """Other names for everything that has an id, and for the table of the link that has none."""
    label = {**LABEL, "fields": {"text": LABEL["fields"]["word"]}}
    item = {**ITEM, "relations": {
        "front": {"to": "Word", "kind": "one_to_one", "id": "cover"},
        "words": {"to": "Word", "kind": "many_to_many", "id": "labels"},
        "similar": {"to": "Product", "kind": "many_to_many", "through": "resemblances"},
    }}
    return changed("entities", {"Word": label, "Product": item})


def plain() -> dict[str, Any]:
    model = changed("app.auth", None)
    for part in ("soft_delete", "audit", "versioned", "relations.labels", "relations.similar"):
        model = with_value(model, f"entities.Item.{part}", None)
    return model


LINKS = "entities.Item.relations"
#: The next model, the codes of the warnings, and how many rows its tables have.
NEXT: dict[str, tuple[dict[str, Any], set[str], dict[str, int]]] = {
    "a soft delete goes": (
        changed("entities.Item.soft_delete", None), {"rows_return", "may_stop"}, {"items": 20},
    ),
    "a soft delete comes": (changed("entities.Label.soft_delete", True), set(), {"labels": 3}),
    "versions go": (changed("entities.Item.versioned", None), set(), {"items": 20}),
    "versions come": (changed("entities.Label.versioned", True), set(), {"labels": 3}),
    "the audit goes": (changed("entities.Item.audit", None), {"data_loss"}, {"items": 20}),
    "the login goes": (changed("app.auth", None), {"data_loss"}, {"audit_entries": 20}),
    "a link goes": (changed(f"{LINKS}.labels", None), {"data_loss"}, {"items_similar": 190}),
    "a link comes": (
        changed("entities.Label.relations", {"next_to": {"to": "Label", "kind": "many_to_many"}}),
        set(), {"items_labels": 60, "labels_next_to": 0},
    ),
    "a link has another table": (
        changed(f"{LINKS}.similar", {"to": "Item", "kind": "many_to_many", "through": "likes"}),
        set(), {"likes": 190},
    ),
    "a link leads elsewhere": (
        changed(f"{LINKS}.labels", {"to": "Item", "kind": "many_to_many", "id": "labels"}),
        {"data_loss"}, {"items_labels": 0},
    ),
    "a side of a link goes": (
        changed("entities", {"Item": {**ITEM, "relations": {
            "similar": ITEM["relations"]["similar"],
        }}}),
        {"data_loss"}, {"items_similar": 190},
    ),
    "other names": (
        renamed(), set(),
        {"products": 20, "products_words": 60, "resemblances": 190, "audit_entries": 20},
    ),
    "everything goes": (
        plain(), {"data_loss", "rows_return", "may_stop"}, {"items": 20, "labels": 3},
    ),
}


origin, place = places(V1, ROWS)


@pytest.mark.parametrize("case", NEXT)
def test_a_database_with_rows_goes_there_and_back(place: Place, case: str) -> None:
    model, codes, count = NEXT[case]
    told = place.there_and_back(model, count)
    assert {each["code"] for each in told["warnings"]} == codes


def test_a_deleted_value_that_is_used_again_stops_the_migration(place: Place) -> None:
    database = place.database
    database.execute("insert into items (id, code) values (gen_random_uuid(), 'code 20')")
    before = database.shape()
    place.merge(changed("entities.Item.soft_delete", None))
    revision = versions(place.application)[-1]
    with pytest.raises(sqlalchemy.exc.IntegrityError, match="uq_items_code"):
        database.migrate(revision, "upgrade")
    assert database.shape() == before
    assert database.execute("select count(*) from items where deleted_at is not null") == [(5,)]
    # As the warning says.
    database.execute("delete from items where deleted_at is not null")
    database.migrate(revision, "upgrade")
    assert database.execute("select count(*) from items") == [(16,)]


#: Each sets one thing of the model to another value.
SWITCHES: list[tuple[str, list[Any]]] = [
    ("app.auth", ["jwt", "none"]),
    ("entities.Label.soft_delete", [True, False]),
    ("entities.Item.soft_delete", [False, True]),
    ("entities.Label.audit", [True, False]),
    ("entities.Label.versioned", [True, False]),
    ("entities.Item.versioned", [False, True]),
    ("entities.Item.audit", [False, True]),
    ("entities.Label.plural", ["words", "labels"]),
    ("entities.Item.fields.code.unique", [False, True]),
    (f"{LINKS}.cover.kind", ["many_to_one", "one_to_one"]),
    (f"{LINKS}.labels.through", ["stickers", "tags_of_items"]),
    (f"{LINKS}.similar", [None, ITEM["relations"]["similar"]]),
]


@pytest.mark.parametrize("seed", range(3))
def test_no_way_through_models_loses_an_edit_or_the_way_back(place: Place, seed: int) -> None:
    chance = random.Random(seed)
    edited = place.application / "src" / "services" / "items.py"
    model = V1
    shapes = [place.database.shape()]
    for step in range(4):
        for where, values in chance.sample(SWITCHES, 3):
            model = with_value(model, where, chance.choice(values))
        edited.write_text(f"# edit {step}\n{edited.read_text()}")
        revision = place.merge(model)["revision"]
        assert all(f"# edit {number}\n" in edited.read_text() for number in range(step + 1))
        if revision is not None:
            place.database.migrate(place.application / revision, "upgrade")
            shapes.append(place.database.shape())
        assert shapes[-1] == place.shape_of(model)
    assert place.database.execute("select count(*) from items") == [(20,)]
    for revision in reversed(versions(place.application)[1:]):
        shapes.pop()
        place.database.migrate(revision, "downgrade")
        assert place.database.shape() == shapes[-1]
