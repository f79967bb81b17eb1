"""Erasure takes an item's content everywhere and leaves its place in the history."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from annotate.activity.models import Activity
from annotate.annotations.models import Annotation, CurrentAnnotation, LabelCount, Prediction
from annotate.items import services
from annotate.items.models import Item
from annotate.items.services import NewItem, erasures
from annotate.kernel.errors import Denied, Gone, Invalid
from annotate.media import store
from annotate.media.models import Blob
from annotate.media.renditions import rendition
from annotate.queues.models import Draft, Lease, Task
from annotate.reviews.models import Approval, Comment

SECRET = "Ferrari-SECRET"


@pytest.fixture
def full(world: Any, make_items: Any, answer: Any, box: Any, task: Any) -> Item:
    """An item with all that can be said about one."""
    (item,) = make_items(1, key=f"{SECRET}.jpg", meta={"owner": SECRET}, group=SECRET, uri=f"s3://{SECRET}")
    made = answer(item, world.annotator, box(SECRET), approved=True)
    held = task(item, world.annotator2)
    Draft.objects.create(task=held, person=world.annotator2, document=SECRET)
    Prediction.objects.create(item=item, model="m", document=SECRET, digest=b"1" * 32)
    Comment.objects.create(item=item, annotation=made, text=SECRET, person=world.reviewer)
    LabelCount.objects.create(item=item, project_id=item.project_id, label=SECRET, n=1)
    return item


def _holding() -> list[str]:
    """Tables of ours that still hold the secret anywhere."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'annotate_%%' OR tablename LIKE 'workflows_%%'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{SECRET}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return sorted(found)


def test_the_content_goes_from_every_table(world: Any, full: Item) -> None:
    assert len(_holding()) >= 6
    services.erase(full, reason="asked by its owner", by=world.actor(world.manager))
    assert _holding() == []


def test_who_when_and_digests_stay(world: Any, full: Item) -> None:
    before = Annotation.objects.get()
    services.erase(full, reason="asked by its owner", by=world.actor(world.manager))
    after = Annotation.objects.get()
    assert (after.number, after.person, after.digest, after.created_at) == (
        before.number,
        before.person,
        before.digest,
        before.created_at,
    )
    assert after.document == '{"objects":[]}'
    act = Activity.objects.get(verb="item.erase")
    assert (act.person_id, act.noun_id, act.data) == (world.manager.pk, full.pk, {"reason": "asked by its owner"})
    item = Item.objects.get()
    assert (item.state, item.key, item.blob, item.text, item.meta) == ("erased", f"erased:{item.pk}", None, None, {})


def test_work_on_it_ends(world: Any, full: Item) -> None:
    services.erase(full, reason="x", by=world.actor(world.manager))
    assert not Lease.objects.filter(ended_at=None).exists()
    assert [task.state for task in Task.objects.all()] == ["void"]
    assert not Approval.objects.filter(ended_at=None).exists()
    assert not CurrentAnnotation.objects.exists()


def test_bytes_go_with_the_last_item_that_refers_to_them(world: Any, make_items: Any, run_jobs: Any) -> None:
    by = world.actor(world.manager)
    (first,) = make_items(1)
    blob = first.blob
    services.add_items(first.batch, [NewItem(key="again.jpg", blob_id=blob.pk)], by)
    stored, thumb = store.blob_path(blob.organisation_id, blob.hex), rendition(blob, "thumb")[0]
    services.erase(first, reason="x", by=by)
    run_jobs()
    assert store.exists(stored)
    services.erase(Item.objects.get(key="again.jpg"), reason="x", by=by)
    run_jobs()
    assert not store.exists(stored)
    assert not store.exists(thumb)
    assert not Blob.objects.exists()


def test_the_same_bytes_may_come_in_again_before_the_purge(world: Any, make_items: Any, run_jobs: Any) -> None:
    from annotate.media.services import store_file

    (item,) = make_items(1)
    with store.local(store.blob_path(item.project.organisation_id, item.blob.hex)) as file:
        content = file.read()
    services.erase(item, reason="x", by=world.actor(world.manager))
    again = store_file(io.BytesIO(content), organisation_id=world.organisation.pk)
    run_jobs()
    assert store.exists(store.blob_path(again.organisation_id, again.hex))


def test_the_same_key_may_come_in_again(world: Any, make_items: Any) -> None:
    by = world.actor(world.manager)
    (item,) = make_items(1)
    services.erase(item, reason="x", by=by)
    assert services.add_items(item.batch, [NewItem(key=item.key and "picture-0000.jpg", text="x")], by).accepted


def test_once_only_with_a_reason_by_a_manager(world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    with pytest.raises(Denied):
        services.erase(item, reason="x", by=world.actor(world.reviewer))
    with pytest.raises(Invalid):
        services.erase(item, reason=" ", by=world.actor(world.manager))
    services.erase(item, reason="x", by=world.actor(world.manager))
    with pytest.raises(Gone):
        services.erase(item, reason="x", by=world.actor(world.manager))


def test_those_who_hold_derived_data_are_told_before_it_goes(world: Any, make_items: Any) -> None:
    seen: list[tuple[str, int]] = []
    erasures.add("test", lambda item, act: seen.append((item.key, act)))
    try:
        (item,) = make_items(1)
        key = item.key
        services.erase(item, reason="x", by=world.actor(world.manager))
    finally:
        del erasures._entries["test"]
    assert seen == [(key, Activity.objects.get(verb="item.erase").pk)]


def test_nothing_else_may_be_changed_afterwards(world: Any, full: Item) -> None:
    services.erase(full, reason="x", by=world.actor(world.manager))
    with pytest.raises((InternalError, Exception), match="only added to"), transaction.atomic():
        Annotation.objects.update(document="{}")


def test_by_the_api(world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    assert world.api(world.viewer).delete(f"/items/{item.pk}", {"reason": "x"}).status_code == 403
    assert world.api(world.manager).delete(f"/items/{item.pk}", {}).json()["fields"]["reason"]
    assert world.api(world.manager).delete(f"/items/{item.pk}", {"reason": "x"}).status_code == 204
    assert world.api(world.manager).delete(f"/items/{item.pk}", {"reason": "x"}).status_code == 410
