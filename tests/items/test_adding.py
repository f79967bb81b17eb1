"""Items come in once by key, all or none, and only with bytes of their own organisation."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import connection

from annotate.activity.models import Activity
from annotate.items import adding, services
from annotate.items.models import Item
from annotate.items.services import NewItem
from annotate.kernel import sql
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.media.services import store_file

TRUSTED = ["annotate_item", "annotate_annotation", "annotate_approval", "annotate_prediction"]


@pytest.fixture
def batch(world: Any) -> Any:
    return services.create_batch(world.project, "march", by=world.actor(world.manager))


def test_rows_become_items_in_their_order(world: Any, batch: Any) -> None:
    rows = [NewItem(key=f"{n}.txt", text="hello", meta={"n": n, "weather": "雨"}) for n in (3, 1, 2)]
    added = services.add_items(batch, rows, world.actor(world.manager))
    assert list(added.accepted) == ["3.txt", "1.txt", "2.txt"]
    assert not added.duplicates
    assert [item.meta["n"] for item in Item.objects.order_by("id")] == [3, 1, 2]
    assert Item.objects.get(key="1.txt").meta["weather"] == "雨"


def test_a_known_key_and_a_repeated_key_are_duplicates(world: Any, batch: Any) -> None:
    by = world.actor(world.manager)
    services.add_items(batch, [NewItem(key="a", text="first")], by)
    added = services.add_items(
        batch, [NewItem(key="a", text="x"), NewItem(key="b", text="y"), NewItem(key="b", text="z")], by
    )
    assert set(added.accepted) == {"b"}
    assert added.duplicates == {"a", "b"}
    assert (added.rows, added.duplicate_rows) == (3, 2)
    assert Item.objects.get(key="a").text == "first"
    assert Item.objects.get(key="b").text == "y"


def test_a_bad_row_leaves_nothing_behind(world: Any, batch: Any) -> None:
    with pytest.raises(Invalid) as caught:
        services.add_items(
            batch, [NewItem(key="good", text="x"), NewItem(key="../bad", text="x")], world.actor(world.manager)
        )
    assert caught.value.code == "bad_key"
    assert not Item.objects.exists()


def test_one_activity_row_tells_the_range(world: Any, batch: Any) -> None:
    services.add_items(batch, (NewItem(key=f"{n}", text="x") for n in range(50)), world.actor(world.collector))
    row = Activity.objects.get(verb="items.add")
    assert row.person_id == world.collector.pk
    assert row.data["count"] == 50
    assert row.data["last"] - row.data["first"] == 49


def test_sizes_and_digest_come_from_the_blob(world: Any, batch: Any, picture: Any) -> None:
    from annotate.media.services import probe_and_store_picture

    blob = probe_and_store_picture(io.BytesIO(picture(80, 60)), organisation_id=world.organisation.pk)
    services.add_items(batch, [NewItem(key="a.jpg", blob_id=blob.pk)], world.actor(world.manager))
    item = Item.objects.get()
    assert (item.width, item.height, item.sha256) == (80, 60, blob.sha256)


def test_bytes_of_another_organisation_are_not_there(world: Any, batch: Any, picture: Any) -> None:
    blob = store_file(io.BytesIO(picture()), organisation_id=world.other_organisation.pk)
    with pytest.raises(Invalid) as caught:
        services.add_items(batch, [NewItem(key="a.jpg", blob_id=blob.pk)], world.actor(world.manager))
    assert caught.value.code == "unknown_bytes"


def test_a_sealed_batch_takes_nothing_until_reopened(world: Any, batch: Any) -> None:
    by = world.actor(world.manager)
    services.seal(batch, by=by)
    with pytest.raises(Conflict):
        services.add_items(batch, [NewItem(key="a", text="x")], by)
    services.reopen(batch, by=by)
    assert services.add_items(batch, [NewItem(key="a", text="x")], by).accepted


@pytest.mark.parametrize("role", ["annotator", "reviewer", "viewer"])
def test_only_collectors_and_managers_add(world: Any, batch: Any, role: str) -> None:
    with pytest.raises(Denied):
        services.add_items(batch, [NewItem(key="a", text="x")], world.actor(getattr(world, role)))


@pytest.mark.parametrize(
    "key",
    [
        "", " ", "/etc/passwd", "../a", "a/../b", "a/..", "..", "a\\..\\b", "\\\\server\\a", "C:\\a", "c:a", "a//b", "./a",
        "a\nb", "a\x00b", "a\x7fb", "erased:3", "a" * 1025, "a/",
    ],
)  # fmt: skip
def test_keys_that_reach_elsewhere_are_refused(key: str) -> None:
    with pytest.raises(Invalid):
        services.check_key(key)


@pytest.mark.parametrize(
    "key", ["a.jpg", "march/02/a b.jpg", "雨/一.png", "a..b.jpg", "...jpg", "a" * 1024, "ü%2e.jpg"]
)
def test_ordinary_keys_pass(key: str) -> None:
    assert services.check_key(key) == key


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"width": 0, "text": "x"}, "width"),
        ({"height": True, "text": "x"}, "height"),
        ({"frame": -1, "text": "x"}, "frame"),
        ({"meta": {"a": float("nan")}, "text": "x"}, None),
        ({"meta": {"a": "\x00"}, "text": "x"}, None),
        ({"meta": {"a": "x" * 70_000}, "text": "x"}, "meta"),
        ({"text": "a\x00"}, None),
        ({"uri": "s3://a\nb"}, "uri"),
        ({}, "uri"),
    ],
)
def test_rows_that_cannot_be_stored_are_refused(world: Any, batch: Any, row: dict[str, Any], field: str | None) -> None:
    with pytest.raises(Invalid) as caught:
        services.add_items(batch, [NewItem(key="a", **row)], world.actor(world.manager))
    assert field is None or field in caught.value.fields


def test_every_kind_of_sign_comes_back_as_it_went_in(world: Any, batch: Any) -> None:
    words = "tab\there\nline\rback\\slash \\N \x0b\x08 雨 \u2028"
    row = NewItem(key="a b/雨.txt", text=words, group="g\\h", meta={"note": words})
    made = services.add_items(batch, [row], world.actor(world.manager)).accepted[row.key]
    item = Item.objects.get(pk=made)
    assert (item.key, item.text, item.group, item.meta, item.state) == (row.key, words, "g\\h", {"note": words}, "new")


def test_no_trigger_waits_for_rows_that_are_copied_without_a_look_at_their_references(world: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 4 = 4 AND tgrelid::regclass::text = ANY(%s)", [TRUSTED])
        assert cursor.fetchall() == []


def test_two_imports_of_the_same_keys_at_once_add_each_key_once(world: Any, batch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds a key taken between its look and its COPY."""
    looked: list[int] = []
    rows = sql.rows

    def late(statement: str, values: Any, **how: Any) -> Any:
        found = rows(statement, values, **how)
        if statement == adding._KNOWN:
            looked.append(len(found))
            return [] if len(looked) == 1 else found
        return found

    by = world.actor(world.manager)
    services.add_items(batch, [NewItem(key="b", text="first")], by)
    monkeypatch.setattr(sql, "rows", late)
    added = services.add_items(batch, [NewItem(key=key, text="second") for key in "abc"], by)
    assert (set(added.accepted), added.duplicates, looked) == ({"a", "c"}, {"b"}, [1, 1])
    assert Item.objects.get(key="b").text == "first"
