"""Whatever renames and merges are carried out, undoing them brings back the same documents, schema and approvals."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.annotations.models import Annotation, CurrentAnnotation, LabelCount, MappedRevision
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
NAMES = ("a", "b", "c", "d")
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


@settings(max_examples=25, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rounds=st.lists(st.lists(operation, min_size=1, max_size=4), min_size=1, max_size=3), documents=st.lists(document, min_size=3, max_size=3), approved=st.sets(st.integers(0, 2)))
def test_undoing_every_change_brings_back_the_same_documents(
    world: Any, make_items: Any, run_jobs: Any, rounds: list[Any], documents: list[Any], approved: set[int]
) -> None:
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
            done.append(change(*operations))
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
