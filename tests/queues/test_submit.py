"""Submit: durable, counted once, refused when late, checked against the schema version that the lease pinned."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from annotate.activity.models import Activity
from annotate.annotations.models import Annotation, CurrentAnnotation, LabelCount
from annotate.items.models import Item
from annotate.kernel.errors import Conflict, Gone, Invalid, KeyReused, Missing, Stale
from annotate.queues import drafts
from annotate.queues.claim import next_task
from annotate.queues.models import Draft, Task
from annotate.queues.submit import submit
from tests.queues.conftest import a_box, a_document
from tests.queues.test_next import expire

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease(world: Any, make_items: Any, queue_of: Any) -> Any:
    make_items(2)
    return next_task(queue_of(), world.actor(world.annotator))


def test_a_submit_answers_the_task_shows_the_annotation_and_leaves_one_record(world: Any, lease: Any) -> None:
    done = submit(lease.pk, world.actor(world.annotator), a_document("car", "car", "sign", weather="rain"), 12.5)
    stored = Annotation.objects.get(pk=done.annotation_id)
    assert (stored.number, stored.source, stored.seconds, stored.person_id) == (1, "person", 12.5, world.annotator.pk)
    assert (stored.lease_id, stored.task_id) == (lease.pk, lease.task_id)
    task = Task.objects.get(pk=lease.task_id)
    assert (task.state, task.person_id, task.annotation_id) == ("answered", world.annotator.pk, stored.pk)
    assert Item.objects.get(pk=lease.item_id).state == "labelled"
    current = CurrentAnnotation.objects.get(item_id=lease.item_id)
    assert current.item_attributes == {"weather": "rain"}
    assert dict(LabelCount.objects.filter(item_id=lease.item_id).values_list("label", "n")) == {"car": 2, "sign": 1}
    [record] = Activity.objects.filter(verb="annotation.submit", noun_id=stored.pk)
    assert bytes(record.after) == bytes(stored.digest)


def test_the_same_request_again_gets_the_first_answer(world: Any, lease: Any) -> None:
    actor, document = world.actor(world.annotator), a_document()
    first = submit(lease.pk, actor, document, request_key="k", request_digest=b"1" * 32)
    again = submit(lease.pk, actor, document, request_key="k", request_digest=b"1" * 32)
    assert (again.annotation_id, again.revision, again.repeated) == (first.annotation_id, first.revision, True)
    assert Annotation.objects.count() == 1
    with pytest.raises(KeyReused):
        submit(lease.pk, actor, document, request_key="k", request_digest=b"2" * 32)
    with pytest.raises(Conflict):
        submit(lease.pk, actor, document, request_key="other", request_digest=b"1" * 32)
    with pytest.raises(Conflict) as ended:
        submit(lease.pk, actor, document)
    assert (ended.value.code, ended.value.extra) == ("lease_ended", {"ended_by": "submit", "draft_kept": False})


def test_a_late_submit_changes_nothing_but_its_body_is_kept_as_a_draft(world: Any, lease: Any) -> None:
    expire(lease)
    with pytest.raises(Conflict) as late:
        submit(lease.pk, world.actor(world.annotator), a_document("sign"))
    assert late.value.extra == {"ended_by": "expiry", "draft_kept": True}
    assert not Annotation.objects.exists()
    draft = Draft.objects.get(task_id=lease.task_id, person=world.annotator)
    assert '"label":"sign"' in draft.document


def test_a_late_body_never_replaces_the_draft_of_a_newer_lease(world: Any, lease: Any) -> None:
    from annotate.queues.drafts import save

    actor = world.actor(world.annotator)
    expire(lease)
    newer = next_task(lease.queue_id, actor)
    assert newer.task_id == lease.task_id
    save(newer.pk, actor, revision=0, document=a_document("person"))
    with pytest.raises(Conflict) as late:
        submit(lease.pk, actor, a_document("sign"))
    assert late.value.extra["draft_kept"] is False
    assert '"label":"person"' in Draft.objects.get().document


def test_a_lease_of_someone_else_is_not_there(world: Any, lease: Any) -> None:
    for person in (world.annotator2, world.manager, world.outsider):
        with pytest.raises(Missing):
            submit(lease.pk, world.actor(person), a_document())
    with pytest.raises(Missing):
        submit(10**15, world.actor(world.annotator), a_document())


def test_a_wrong_document_is_refused_whole_and_names_the_object(world: Any, lease: Any) -> None:
    actor, wrong = world.actor(world.annotator), a_box("dragon")
    with pytest.raises(Invalid) as error:
        submit(lease.pk, actor, {"objects": [a_box(), wrong], "item": {}})
    assert any(wrong["id"] in path for path in error.value.fields)
    assert not Annotation.objects.exists()
    for document in (None, [], "x"):
        with pytest.raises(Invalid):
            submit(lease.pk, actor, document)
    for seconds in (-1, True, "5", float("inf"), 1e9):
        with pytest.raises(Invalid):
            submit(lease.pk, actor, a_document(), seconds)
    assert submit(lease.pk, actor, a_document(), 1).revision == 1


def test_an_answer_is_checked_against_the_schema_version_of_its_lease(world: Any, lease: Any) -> None:
    from annotate.projects.services import change_schema

    change_schema(world.project, {"labels": [{"name": "tree", "kinds": ["box"]}]}, by=world.actor(world.owner))
    actor = world.actor(world.annotator)
    submit(lease.pk, actor, a_document("car"))
    newer = next_task(lease.queue_id, actor)
    assert newer.schema_version_id != lease.schema_version_id
    with pytest.raises(Invalid):
        submit(newer.pk, actor, a_document("car"))
    submit(newer.pk, actor, a_document("tree"))


def test_an_answer_that_has_not_seen_the_present_draft_changes_nothing(world: Any, lease: Any) -> None:
    actor, newer = world.actor(world.annotator), a_document("sign")
    drafts.save(lease.pk, actor, revision=0, document=newer)
    with pytest.raises(Stale) as stale:
        submit(lease.pk, actor, a_document("car"), draft=0)
    assert (stale.value.code, stale.value.extra["revision"]) == ("stale_draft", 1)
    assert stale.value.extra["annotation"]["objects"][0]["label"] == "sign"
    assert (Annotation.objects.count(), Draft.objects.count()) == (0, 1)
    submit(lease.pk, actor, newer, draft=0)  # the same words: only the answer to its save was lost
    assert Annotation.objects.count() == 1


def test_an_erased_item_takes_no_answer(world: Any, lease: Any) -> None:
    Item.objects.filter(pk=lease.item_id).update(state="erased")
    with pytest.raises(Gone):
        submit(lease.pk, world.actor(world.annotator), a_document())


def test_an_archived_project_takes_no_answer_but_keeps_the_draft(world: Any, lease: Any) -> None:
    from annotate.projects.services import change

    change(world.project, archived=True, by=world.actor(world.owner))
    with pytest.raises(Conflict) as error:
        submit(lease.pk, world.actor(world.annotator), a_document())
    assert (error.value.code, error.value.extra["draft_kept"]) == ("archived", True)


def test_a_submit_drops_the_draft(world: Any, lease: Any) -> None:
    from annotate.queues.drafts import save

    actor = world.actor(world.annotator)
    save(lease.pk, actor, revision=0, document=a_document())
    submit(lease.pk, actor, a_document())
    assert not Draft.objects.exists()


def test_answers_cannot_be_changed_afterwards(world: Any, lease: Any) -> None:
    from django.db import DatabaseError, transaction

    done = submit(lease.pk, world.actor(world.annotator), a_document())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE annotate_annotation SET document = '{}' WHERE id = %s", [done.annotation_id])
