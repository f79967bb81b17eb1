"""Whatever renames and merges are carried out, undoing them brings back the same documents, schema and approvals, beside
what was said since; and a change does what its preview says."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.annotations.change_jobs import outcomes
from annotate.annotations.models import Annotation, CurrentAnnotation, LabelCount, MappedRevision
from annotate.annotations.previewing import preview
from annotate.annotations.projection import refresh
from annotate.annotations.services import add_revision
from annotate.kernel.errors import Invalid
from annotate.labels.mapping import unnamed
from annotate.labels.operations import applied, read
from annotate.labels.schema import parse
from annotate.projects.queries import current_schema
from annotate.projects.services import change_schema
from annotate.reviews.approving import approve
from annotate.reviews.models import Approval
from tests.annotations.changing import Changing, newest

pytestmark = pytest.mark.django_db
NAMES = ("a", "b", "汽车", "d")
SCHEMA: dict[str, Any] = {
    "labels": [
        {
            "name": name,
            "kinds": ["box"],
            "attributes": [
                {"name": "size", "type": "choice", "options": ["s", "m", "l"]},
                {"name": "parts", "type": "choice", "options": ["x", "y"], "multiple": True},
                {"name": "seen", "type": "bool"},
            ],
        }
        for name in NAMES[:3]
    ],
    "item": [{"name": "light", "type": "choice", "options": ["day", "dusk", "night"]}],
}
name = st.sampled_from(NAMES)
attribute = st.sampled_from(("size", "parts", "seen", "shown"))
option = st.sampled_from(("s", "m", "l", "x", "y", "day", "dusk", "night", "new"))
operation = st.one_of(
    st.builds(lambda f, t: {"op": "rename_label", "from": f, "to": t}, name, name),
    st.builds(lambda f, t: {"op": "merge_label", "from": f, "to": t}, name, name),
    st.builds(lambda w, f, t: {"op": "rename_attribute", "label": w, "from": f, "to": t}, name, attribute, attribute),
    st.builds(lambda act, w, a, f, t: {"op": f"{act}_option", "label": w, "attribute": a, "from": f, "to": t}, st.sampled_from(("rename", "merge")), name, attribute, option, option),
    st.builds(lambda act, f, t: {"op": f"{act}_option", "attribute": "light", "from": f, "to": t}, st.sampled_from(("rename", "merge")), option, option),
)
thing = st.fixed_dictionaries(
    {"label": st.sampled_from(NAMES[:3])},
    optional={
        "attributes": st.fixed_dictionaries(
            {}, optional={"size": st.sampled_from("sml"), "parts": st.lists(st.sampled_from("xy"), unique=True, min_size=1), "seen": st.booleans()}
        ).filter(bool)
    },
)
document = st.builds(
    lambda things, item: {"objects": [{"id": str(uuid.uuid4()), "kind": "box", "box": [0, 0, 5, 5], **one} for one in things], "item": item},
    st.lists(thing, max_size=4),
    st.fixed_dictionaries({}, optional={"light": st.sampled_from(("day", "dusk", "night"))}),
)
rounds = st.lists(st.lists(operation, min_size=2, max_size=8), min_size=1, max_size=4)
documents = st.lists(document, min_size=3, max_size=3)


@contextmanager
def apart() -> Iterator[None]:
    """Each example begins with the same project: nothing of those before it is there."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def sound(schema: dict[str, Any], wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the operations that can be carried out one after the other."""
    kept: list[dict[str, Any]] = []
    for one in wanted:
        try:
            applied(schema, read([*kept, one]))
        except Invalid:
            continue
        kept.append(one)
    return kept


def derived() -> tuple[list[Any], list[Any]]:
    return (
        list(CurrentAnnotation.objects.order_by("item_id").values_list("item_id", "annotation_id", "objects_index", "item_attributes")),
        list(LabelCount.objects.order_by("item_id", "label").values_list("item_id", "label", "n")),
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rounds=rounds, documents=documents, approved=st.sets(st.integers(0, 2)))
def test_undoing_every_change_brings_back_the_same_documents(
    world: Any, make_items: Any, run_jobs: Any, rounds: list[Any], documents: list[Any], approved: set[int]
) -> None:
    with apart():
        change = Changing(world, run_jobs)
        schema = change_schema(world.project, SCHEMA, by=change.by)
        items = make_items(3)
        for place, (item, content) in enumerate(zip(items, documents, strict=True)):
            made = add_revision(item.pk, document=content, schema_version=schema, by=world.actor(world.annotator))
            if place in approved:
                approve(item.pk, made.pk, cause="review", person_id=world.reviewer.pk)
        before = {item.pk: newest(item).document for item in items}
        done = []
        for wanted in rounds:
            present = current_schema(world.project.pk).content
            operations = sound(present, wanted)
            if operations and applied(present, read(operations)) != present:
                seen = preview(world.project, operations, by=change.by)
                done.append(change(*operations))
                assert {"mapped": seen["items"] - seen["kept"], "kept": seen["kept"]} == {"mapped": 0, "kept": 0} | outcomes(done[-1])
                assert seen["judged_anew"] == MappedRevision.objects.filter(change=done[-1], lossless=False, before__in=Approval.objects.filter(ended_at=None).values("annotation")).count()
                now = parse(done[-1].after.content)
                assert all(not unnamed(newest(item).content, now) for item in items)
        assert {item.pk for item in items if Approval.objects.filter(item=item, ended_at=None, annotation=newest(item)).exists()} == {items[place].pk for place in approved}
        for one in reversed(done):
            change.undo(one)
        assert current_schema(world.project.pk).document == schema.document
        assert {item.pk: newest(item).document for item in items} == before
        assert {row.item_id for row in Approval.objects.filter(item__in=items, ended_at=None) if row.annotation_id == newest(row.item).pk} == {
            items[place].pk for place in approved
        }
        for item in items:
            numbers = list(Annotation.objects.filter(item=item).order_by("number").values_list("number", flat=True))
            assert numbers == list(range(1, len(numbers) + 1))
        assert not MappedRevision.objects.filter(item__in=items).exclude(outcome="restored").exists()
        kept = derived()
        refresh(item.pk for item in items)
        assert derived() == kept


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rounds=rounds, documents=documents, more=st.lists(thing, min_size=4, max_size=4))
def test_what_is_said_between_changes_is_in_the_words_of_every_undo(
    world: Any, make_items: Any, run_jobs: Any, rounds: list[Any], documents: list[Any], more: list[Any]
) -> None:
    """After each change somebody adds an object; each undo keeps it, in the old words, beside what was there, untouched."""
    with apart():
        change = Changing(world, run_jobs)
        schema = change_schema(world.project, SCHEMA, by=change.by)
        [item] = make_items(1)
        made = add_revision(item.pk, document=documents[0], schema_version=schema, by=world.actor(world.annotator))
        known = {thing["id"]: thing for thing in made.content["objects"]}
        done = []
        for wanted, one in zip(rounds, more, strict=False):
            present = current_schema(world.project.pk).content
            operations = sound(present, wanted)
            if not operations or applied(present, read(operations)) == present:
                continue
            done.append(change(*operations))
            label = next((entry["name"] for entry in done[-1].after.content["labels"] if entry["name"] == one["label"]), done[-1].after.content["labels"][0]["name"])
            content = {**newest(item).content, "objects": [*newest(item).content["objects"], {"id": str(uuid.uuid4()), "kind": "box", "box": [1, 1, 2, 2], "label": label}]}
            add_revision(item.pk, document=content, schema_version=done[-1].after, by=world.actor(world.annotator), parent=newest(item))
        for one in reversed(done):
            said = newest(item).content
            change.undo(one)
            assert "left" not in outcomes(one)
            assert [thing["id"] for thing in newest(item).content["objects"]] == [thing["id"] for thing in said["objects"]]
            assert not unnamed(newest(item).content, parse(one.before.content))
        assert len(newest(item).content["objects"]) == len(known) + len(done)
        assert {thing["id"]: thing for thing in newest(item).content["objects"] if thing["id"] in known} == known
        assert newest(item).content["item"] == made.content["item"]
