"""Revisions are numbered without gaps; what an item shows now is kept right by every write."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from annotate.annotations.models import Annotation, CurrentAnnotation, LabelCount
from annotate.annotations.projection import refresh
from annotate.annotations.services import ImportedAnnotation, add_imported, add_revision
from annotate.items.models import Item
from annotate.kernel.errors import Gone, Missing
from annotate.projects.queries import current_schema
from annotate.reviews.models import Approval
from tests.queues.conftest import a_box, a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(world: Any) -> Any:
    schema = current_schema(world.project.pk)

    def revise(item: Any, document: dict[str, Any], **more: Any) -> Any:
        return add_revision(item.pk, document=document, schema_version=schema, by=world.actor(world.annotator), **more)

    return revise


def derived() -> tuple[list[Any], list[Any]]:
    return (
        list(CurrentAnnotation.objects.order_by("item_id").values_list("item_id", "project_id", "annotation_id", "objects_index", "item_attributes")),
        list(LabelCount.objects.order_by("item_id", "label").values_list("item_id", "project_id", "label", "n")),
    )


def test_numbers_rise_without_gaps_and_the_latest_is_shown(make_items: Any, add: Any) -> None:
    [item] = make_items(1)
    first, second = add(item, a_document("car", "car")), add(item, a_document("sign", weather="fog"))
    assert (first.number, second.number) == (1, 2)
    assert CurrentAnnotation.objects.get(item=item).annotation_id == second.pk
    assert dict(LabelCount.objects.values_list("label", "n")) == {"sign": 1}


def test_search_sees_each_kind_of_object_once(make_items: Any, add: Any) -> None:
    [item] = make_items(1)
    add(item, {"objects": [a_box(), a_box(), a_box(attributes={"occluded": True})], "item": {}})
    assert CurrentAnnotation.objects.get(item=item).objects_index == [
        {"a": {}, "k": "box", "l": "car"},
        {"a": {"occluded": True}, "k": "box", "l": "car"},
    ]
    assert LabelCount.objects.get(item=item).n == 3


def test_an_approved_annotation_stays_current_while_the_item_is_labelled_again(make_items: Any, add: Any) -> None:
    [item] = make_items(1)
    approved = add(item, a_document("car"))
    approval = Approval.objects.create(item=item, annotation=approved, cause="review")
    Item.objects.filter(pk=item.pk).update(state="approved")
    newer = add(item, a_document("sign"))
    assert CurrentAnnotation.objects.get(item=item).annotation_id == approved.pk
    assert Item.objects.get(pk=item.pk).state == "approved"
    Approval.objects.filter(pk=approval.pk).update(ended_at="2026-01-01T00:00:00Z")
    assert refresh([item.pk]) == 1
    assert CurrentAnnotation.objects.get(item=item).annotation_id == newer.pk
    assert list(LabelCount.objects.values_list("label", flat=True)) == ["sign"]


def test_items_that_are_not_there_or_erased_take_no_revision(make_items: Any, add: Any) -> None:
    [item] = make_items(1)
    Item.objects.filter(pk=item.pk).update(state="erased")
    with pytest.raises(Gone):
        add(item, a_document())
    with pytest.raises(Missing):
        add(Item(pk=10**12), a_document())


def test_an_import_adds_shows_and_approves_and_the_same_again_adds_nothing(world: Any, make_items: Any) -> None:
    items, schema, by = make_items(3), current_schema(world.project.pk), world.actor(world.owner)
    documents = [a_document("car", "sign"), a_document("person"), a_document("car")]
    rows = [ImportedAnnotation(item.pk, document, schema.pk, approved=index == 0) for index, (item, document) in enumerate(zip(items, documents, strict=True))]
    rows.append(ImportedAnnotation(items[0].pk, a_document("car"), schema.pk, prediction=("detector 2", 0.9)))
    first = add_imported(rows, by=by)
    assert (first.added, first.repeated, first.approved, first.predictions) == (3, 0, 1, 1)
    assert list(Item.objects.order_by("id").values_list("state", flat=True)) == ["approved", "labelled", "labelled"]
    approval = Approval.objects.get()
    assert (approval.item_id, approval.cause, approval.ended_at) == (items[0].pk, "import", None)
    again = add_imported(rows, by=by)
    assert (again.added, again.repeated, again.approved, again.predictions) == (0, 3, 0, 0)
    assert Annotation.objects.count() == 3


def test_a_newer_approved_import_replaces_the_approval_and_a_plain_one_does_not_show(world: Any, make_items: Any) -> None:
    [item], schema, by = make_items(1), current_schema(world.project.pk), world.actor(world.owner)
    for document, approved in ((a_document("car"), True), (a_document("sign"), False), (a_document("person"), True)):
        add_imported([ImportedAnnotation(item.pk, document, schema.pk, approved=approved)], by=by)
        shown = "car" if not approved else document["objects"][0]["label"]
        assert list(LabelCount.objects.values_list("label", flat=True)) == [shown]
    assert list(Annotation.objects.order_by("id").values_list("number", flat=True)) == [1, 2, 3]
    assert Approval.objects.filter(ended_at=None).count() == 1
    assert Approval.objects.filter(ended_reason="superseded").count() == 1


def test_items_of_two_projects_in_one_import_are_refused(world: Any, make_items: Any) -> None:
    from annotate.items.services import NewItem, add_items, create_batch

    schema, theirs = current_schema(world.project.pk), world.actor(world.outsider)
    added = add_items(create_batch(world.other_project, "x", by=theirs), [NewItem(key="a", text="words")], by=theirs)
    items = [make_items(1)[0].pk, *added.accepted.values()]
    rows = [ImportedAnnotation(item, a_document(), schema.pk) for item in items]
    with pytest.raises(Missing):
        add_imported(rows, by=None)
    assert not Annotation.objects.exists()


def test_what_writes_keep_equals_what_a_rebuild_makes(world: Any, make_items: Any, add: Any) -> None:
    items, schema = make_items(6), current_schema(world.project.pk)
    add_imported([ImportedAnnotation(item.pk, a_document("car", "sign"), schema.pk, approved=index % 2 == 0) for index, item in enumerate(items[:4])], by=None)
    for item in items[2:5]:
        add(item, a_document("person", "person", weather="night"))
    add(items[4], a_document("sign", "car"))
    kept = derived()
    call_command("rebuild_current", verbosity=0)
    assert derived() == kept
    CurrentAnnotation.objects.all().delete()
    LabelCount.objects.update(n=99)
    call_command("rebuild_current", "--project", str(world.project.pk), verbosity=0)
    assert derived() == kept
    assert len(kept[0]) == 5
