"""What single fields mean where the words alone do not say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from tests.search.conftest import thing


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("created = 2026-03-02", "bcd"),
        ('created = "2026-03-02"', "bcd"),
        ("created != 2026-03-02", "ae"),
        ("created > 2026-03-02", "e"),
        ("created >= 2026-03-02", "bcde"),
        ("created < 2026-03-02", "a"),
        ("created <= 2026-03-02", "abcd"),
        ("created > 2026-03-02T12:00:00Z", "de"),
        ('created >= "2026-03-02T13:00:00+01:00"', "cde"),
        ("created in (2026-03-01, 2026-03-03)", "ae"),
        ("captured = null", "abcde"),
        ("not captured < 2030-01-01", "abcde"),
    ],
)
def test_a_day_is_the_whole_day(put: Callable[..., Any], matching: Any, q: str, found: str) -> None:
    for key, at in zip("abcde", ("01T23:59:59", "02T00:00:00", "02T12:00:00", "02T23:59:59", "03T00:00:00"), strict=True):
        put(key, created=dt.datetime.fromisoformat(f"2026-03-{at}+00:00"))
    assert matching(q) == list(found)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("label = car and attribute.occluded = true", ["both", "mixed"]),  # each some object
        ("(label = car and attribute.occluded = true)", ["both"]),  # the same object
        ("(label = car and approved and attribute.occluded = true)", []),
        ("not (label = car and attribute.occluded = true)", ["mixed", "none"]),
        ("(label = car) and (attribute.occluded = true)", ["both", "mixed"]),
        ("((label = car) and (attribute.occluded = true))", ["both", "mixed"]),
        ("(label = car and (attribute.occluded = true))", ["both", "mixed"]),
        ("((label = car and attribute.occluded = true))", ["both"]),
        ("(attribute.occluded = true and not (label = car))", []),
        ("(label = car and attribute.occluded != true)", ["mixed"]),
        ("(label = car and not attribute.occluded = true)", ["mixed"]),
        ("(not label = car and not label = bus)", ["none"]),
        ("(label in (car, bus) and attribute.n >= 2 and kind = box)", ["both"]),
        ("(label = bus and attribute.n = null)", ["mixed"]),
        ("(label startswith c and label contains ar)", ["both", "mixed"]),
        ("(label = car and label = bus)", []),
        ("attribute.n > 1 and attribute.n < 1", ["both"]),
    ],
)
def test_brackets_bind_one_object(put: Callable[..., Any], matching: Any, q: str, found: list[str]) -> None:
    put("both", objects=[thing("car", occluded=True, n=2), thing("bus", n=0)])
    put("mixed", objects=[thing("car", occluded=False), thing("bus", occluded=True)])
    put("none")
    assert matching(q) == found


def test_counts_are_true_at_nothing(put: Callable[..., Any], matching: Any) -> None:
    put("none")
    put("empty", objects=[])
    put("one", objects=[thing("car")])
    put("two", objects=[thing("car"), thing("car"), thing("bus")])
    assert matching("count(car) >= 2") == ["two"]
    assert matching("count(car) < 2") == ["empty", "none", "one"]
    assert matching("count(car) in (0, 2)") == ["empty", "none", "two"]
    assert matching("count(car) != 1") == ["empty", "none", "two"]
    assert matching("count(*) = 0") == ["empty", "none"]
    assert matching("count(*) > 2") == ["two"]
    assert matching('count("no such label") = 0') == ["empty", "none", "one", "two"]


def test_stages_are_states_of_the_line(put: Callable[..., Any], matching: Any) -> None:
    for state in ("new", "returned", "labelled", "approved", "withdrawn"):
        put(state, state=state)
    assert matching("stage = label") == ["new", "returned", "withdrawn"]
    assert matching("stage in (review, approved)") == ["approved", "labelled"]


def test_words_find_no_wildcards(put: Callable[..., Any], matching: Any) -> None:
    put("a%b", meta={"x": "a.b"})
    put("axb", meta={"x": "axb"})
    assert matching('key contains "%"') == ["a%b"]
    assert matching('key startswith "a_"') == []
    assert matching('meta.x contains "a.b"') == ["a%b"]


def test_an_ended_hold_and_an_ended_approval_are_over(world: Any, put: Callable[..., Any], matching: Any) -> None:
    from django.utils import timezone

    from annotate.queues.models import Hold
    from annotate.reviews.models import Approval

    put("a", objects=[], held="blur", approved=True)
    assert matching("quarantined and approved and flagged(blur)") == ["a"]
    Hold.objects.update(ended_at=timezone.now())
    Approval.objects.update(ended_at=timezone.now())
    assert matching("not quarantined and not approved and not flagged(blur)") == ["a"]


def test_another_room_can_say_what_flags(put: Callable[..., Any], matching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db.models import Q

    from annotate.queues.fields import flags

    put("a", held="other")
    put("b")
    monkeypatch.setitem(flags._entries, "test", lambda rule, project_id: Q(key="b", pk__isnull=rule != "dark"))
    assert matching("flagged(dark)") == ["b"]
    assert matching("not flagged(dark)") == ["a"]


def test_other_projects_are_not_reached(world: Any, put: Callable[..., Any], matching: Any) -> None:
    put("mine", objects=[thing("car")], batch="b1")
    put("theirs", objects=[thing("bus")], batch="b2", project=world.other_project)
    assert matching("count(*) >= 0") == ["mine"]
    assert matching("batch = b2 or label = bus") == []
    assert matching("label = bus", world.other_project) == ["theirs"]


def test_a_query_fills_a_queue(world: Any, put: Callable[..., Any]) -> None:
    from annotate.queues.fill import fill
    from annotate.queues.models import Queue, Task

    put("a", meta={"x": "100%"}, objects=[thing("car", n=2)])
    put("b")
    queue = Queue.objects.create(project=world.project, name="q", stage="annotate", q='meta.x contains "0%" and (label = car and attribute.n > 1)')
    assert fill(queue.pk) == 1
    assert Task.objects.get(queue=queue).item.key == "a"


MANY = """
INSERT INTO annotate_item (project_id, batch_id, key, group_key, meta, state, created_at)
SELECT %(project)s, %(batch)s, 'many-' || n, 'g' || n / 5, jsonb_build_object('weather', 'w' || n %% 500),
       CASE WHEN n %% 500 = 7 THEN 'approved' ELSE 'new' END, now()
FROM generate_series(1, 20000) n;
INSERT INTO annotate_annotation (item_id, number, schema_version_id, source, document, digest)
SELECT id, 1, %(schema)s, 'import', '{}', '\\x00' FROM annotate_item WHERE project_id = %(project)s;
INSERT INTO annotate_currentannotation (item_id, project_id, annotation_id, objects_index, item_attributes)
SELECT a.item_id, %(project)s, a.id,
       jsonb_build_array(jsonb_build_object('l', 'l' || a.item_id %% 500, 'k', 'box', 'a', jsonb_build_object('n', 5))),
       jsonb_build_object('weather', 'w' || a.item_id %% 500)
FROM annotate_annotation a JOIN annotate_item i ON i.id = a.item_id WHERE i.project_id = %(project)s;
INSERT INTO annotate_labelcount (project_id, label, n, item_id)
SELECT project_id, 'l' || item_id %% 500, 1 + item_id %% 7, item_id FROM annotate_currentannotation WHERE project_id = %(project)s;
ANALYZE annotate_item; ANALYZE annotate_currentannotation; ANALYZE annotate_labelcount;
"""


def test_an_index_answers_when_items_are_many(world: Any) -> None:
    from annotate.items.models import Batch, Item
    from annotate.projects.queries import current_schema
    from annotate.search.compile import compile_query

    batch = Batch.objects.create(project=world.project, name="many")
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"project": world.project.pk, "batch": batch.pk, "schema": current_schema(world.project.pk).pk})
    plans = {
        q: Item.objects.filter(compile_query(q, world.project.pk), project=world.project).order_by().explain() for q in INDEXES
    }
    missed = {q: plans[q] for q, index in INDEXES.items() if index not in plans[q]}
    assert not missed, "\n\n".join(f"{q}: not {INDEXES[q]}\n{plan}" for q, plan in missed.items())


INDEXES = {
    "label = l3": "current_objects",
    "(label = l3 and attribute.n = 5)": "current_objects",
    "(label = l3 and attribute.n > 3)": "current_objects",
    "label in (l3, l4)": "current_objects",
    "count(l3) >= 2": "label_count_search",
    "meta.weather = w3": "item_meta",
    "item.weather = w3": "current_attributes",
    "state = approved": "item_project_state",
    "group = g3": "item_group",
    'key = "many-7"': "item_key_once",
}
