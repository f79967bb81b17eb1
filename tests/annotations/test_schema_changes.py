"""Annotations follow a change of the labels as new revisions, once; approvals go on where nothing was lost; undo restores."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.annotations import changes
from annotate.annotations.change_jobs import look_at_all, outcomes
from annotate.annotations.models import Annotation, LabelCount, MappedRevision, SchemaChange
from annotate.annotations.services import add_revision
from annotate.jobs.models import Job
from annotate.jobs.services import execute
from annotate.kernel.errors import Conflict, Denied, Invalid, Missing, Stale
from annotate.projects.queries import current_schema
from annotate.queues.models import Queue, Task
from annotate.reviews.models import Approval
from annotate.reviews.services import review
from tests.annotations.changing import DROP, MERGE, RENAME, RETIRE, labels, newest, number, shown
from tests.queues.conftest import a_box, a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def say(world: Any) -> Any:
    def say(item: Any, *names: str, by: Any = None, **more: Any) -> Any:
        by = world.actor(by or world.annotator)
        return add_revision(item.pk, document=a_document(*names, **more), schema_version=current_schema(world.project.pk), by=by)

    return say


def approve(item: Any, annotation: Any, **more: Any) -> Any:
    from annotate.reviews.approving import approve as stand

    return stand(item.pk, annotation.pk, cause="review", person_id=more.get("person_id"))


def test_a_rename_writes_a_new_revision_of_the_same_person(world: Any, make_items: Any, say: Any, change: Any) -> None:
    touched, other = make_items(2)
    before = say(touched, "car", "sign", weather="fog")
    say(other, "person")
    made = change(RENAME)
    after = newest(touched)
    assert (after.source, after.parent_id, after.person_id, after.number) == ("migration", before.pk, world.annotator.pk, 2)
    assert after.schema_version_id == made.after_id
    assert [(a["id"], a["box"]) for a in after.content["objects"]] == [(b["id"], b["box"]) for b in before.content["objects"]]
    assert labels(after) == ["auto", "sign"]
    assert shown(touched).pk == after.pk
    assert dict(LabelCount.objects.filter(item=touched).values_list("label", "n")) == {"auto": 1, "sign": 1}
    assert Annotation.objects.filter(item=other).count() == 1
    assert labels(Annotation.objects.get(pk=before.pk)) == ["car", "sign"]


def test_a_change_is_one_act_on_record(make_items: Any, say: Any, change: Any) -> None:
    for item in make_items(3):
        say(item, "car")
    before = Activity.objects.count()
    change(RENAME, MERGE)
    acts = list(Activity.objects.order_by("id").values_list("verb", "data"))[before:]
    assert [verb for verb, _data in acts] == ["schema.change"]
    assert acts[0][1]["acts"] == ["merge_label", "rename_label"]


def test_an_approval_goes_on_to_the_renamed_revision(world: Any, make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    stood = approve(item, say(item, "car"), person_id=world.reviewer.pk)
    change(RENAME)
    standing = Approval.objects.get(item=item, ended_at=None)
    assert (standing.cause, standing.person_id, standing.annotation_id) == ("migration", world.reviewer.pk, newest(item).pk)
    stood.refresh_from_db()
    assert stood.ended_reason == "superseded"
    item.refresh_from_db()
    assert item.state == "approved"


def test_an_approval_stays_where_something_was_lost(make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    approved = say(item, "car", "sign")
    approve(item, approved)
    made = change(DROP)
    assert labels(newest(item)) == ["car"]
    assert shown(item).pk == approved.pk
    change.undo(made)
    assert shown(item).pk == newest(item).pk
    assert shown(item).document == approved.document


def test_a_newer_answer_stays_the_newest(make_items: Any, say: Any, change: Any) -> None:
    [item] = make_items(1)
    approve(item, say(item, "car"))
    say(item, "person")
    change(RENAME)
    assert labels(shown(item)) == ["auto"]
    assert labels(newest(item)) == ["person"]


def test_a_retired_label_that_is_kept_keeps_its_annotations(make_items: Any, say: Any, change: Any) -> None:
    kept, other = make_items(2)
    say(kept, "car", "sign")
    say(other, "car")
    made = change(RETIRE, RENAME)
    assert labels(newest(kept)) == ["car", "sign"]
    assert labels(newest(other)) == ["auto"]
    assert outcomes(made) == {"kept": 1, "mapped": 1}


def test_every_answer_of_an_item_follows_with_its_task(world: Any, make_items: Any, queue_of: Any, answer: Any, change: Any) -> None:
    [item] = make_items(1)
    queue = queue_of("annotate", overlap=2)
    answer(queue, world.annotator, "car")
    answer(queue, world.annotator2, "car", "sign")
    change(RENAME)
    answers = [task.annotation for task in Task.objects.filter(item=item).order_by("n")]
    assert sorted(labels(one) for one in answers) == [["auto"], ["auto", "sign"]]
    assert {one.person_id for one in answers} == {world.annotator.pk, world.annotator2.pk}


def test_an_open_review_goes_on_with_the_renamed_revision(world: Any, make_items: Any, queue_of: Any, answer: Any, change: Any) -> None:
    from annotate.queues.claim import next_task

    make_items(1)
    annotate, judge = queue_of("annotate"), queue_of("review")
    answer(annotate, world.annotator, "car")
    from annotate.queues.fill import fill

    assert fill(judge.pk) == 1
    change(RENAME)
    lease = next_task(judge, world.actor(world.reviewer))
    assert lease is not None and labels(lease.annotation) == ["auto"]
    assert Task.objects.filter(queue=judge).count() == 1
    assert review(lease.pk, world.actor(world.reviewer), "accept").annotation_id == lease.annotation_id


def test_what_a_reviewer_looks_at_waits_for_the_verdict(world: Any, make_items: Any, queue_of: Any, answer: Any, change: Any) -> None:
    from annotate.queues.claim import next_task

    [item] = make_items(1)
    annotate, judge = queue_of("annotate"), queue_of("review")
    answer(annotate, world.annotator, "car")
    lease = next_task(judge, world.actor(world.reviewer))
    made = change(RENAME)
    assert outcomes(made) == {"waiting": 1}
    look_at_all()
    made.refresh_from_db()
    assert made.settled_at is None
    review(lease.pk, world.actor(world.reviewer), "accept")
    look_at_all()
    assert labels(shown(item)) == ["auto"]
    assert Approval.objects.get(item=item, ended_at=None).cause == "migration"


def test_an_answer_under_the_version_of_its_lease_follows_when_it_comes(world: Any, make_items: Any, queue_of: Any, change: Any) -> None:
    from annotate.queues.claim import next_task
    from annotate.queues.submit import submit

    [item] = make_items(1)
    lease = next_task(queue_of("annotate"), world.actor(world.annotator))
    made = change(RENAME)
    with pytest.raises(Invalid):
        submit(lease.pk, world.actor(world.annotator), a_document("auto"))
    submit(lease.pk, world.actor(world.annotator), a_document("car"))
    assert look_at_all() == 1
    assert labels(shown(item)) == ["auto"]
    assert Task.objects.get(item=item).annotation_id == shown(item).pk
    assert look_at_all() == 0
    made.refresh_from_db()
    assert made.settled_at is not None


def test_a_draft_of_an_older_version_is_shown_in_the_words_of_the_new(world: Any, make_items: Any, queue_of: Any, change: Any) -> None:
    from annotate.queues.drafts import save
    from annotate.queues.leases import release

    make_items(1)
    queue, api = queue_of("annotate"), world.api(world.annotator)
    lease = api.post(f"/queues/{queue.pk}/next").json()["lease"]["id"]
    save(lease, world.actor(world.annotator), revision=0, document=a_document("car"))
    change(RENAME)
    bundle = api.post(f"/queues/{queue.pk}/next").json()
    assert bundle["draft"]["annotation"]["objects"][0]["label"] == "car"
    assert bundle["schema"]["number"] == 1
    release(lease, world.actor(world.annotator))
    bundle = api.post(f"/queues/{queue.pk}/next").json()
    assert bundle["draft"]["annotation"]["objects"][0]["label"] == "auto"
    assert bundle["schema"]["number"] == 2


def test_undo_restores_documents_approval_and_schema(world: Any, make_items: Any, say: Any, change: Any) -> None:
    one, two = make_items(2)
    documents = {item.pk: say(item, "car", "sign", weather="rain").document for item in (one, two)}
    approve(one, newest(one))
    schema = current_schema(world.project.pk)
    made = change.undo(change(RENAME, MERGE, {"op": "rename_option", "attribute": "weather", "from": "rain", "to": "wet"}))
    assert {item.pk: newest(item).document for item in (one, two)} == documents
    assert {item.pk: shown(item).document for item in (one, two)} == documents
    assert [row.number for row in Annotation.objects.filter(item=one).order_by("number")] == [1, 2, 3]
    assert current_schema(world.project.pk).document == schema.document
    assert number(world.project) == 3
    assert Approval.objects.get(item=one, ended_at=None).annotation_id == newest(one).pk
    assert outcomes(made) == {"restored": 2}


def test_undo_puts_what_was_worked_on_since_into_the_old_words(make_items: Any, say: Any, change: Any) -> None:
    one, two = make_items(2)
    say(one, "car")
    say(two, "car")
    made = change(RENAME)
    say(one, "auto", "sign")
    change.undo(made)
    assert labels(newest(one)) == ["car", "sign"]
    assert labels(newest(two)) == ["car"]
    assert outcomes(made) == {"restored": 2}


def test_answers_by_names_that_an_undo_took_back_follow_when_they_come(world: Any, make_items: Any, queue_of: Any, change: Any) -> None:
    from annotate.queues.claim import next_task
    from annotate.queues.submit import submit

    [item] = make_items(1)
    made = change(RENAME)
    lease = next_task(queue_of("annotate"), world.actor(world.annotator))
    change.undo(made)
    submit(lease.pk, world.actor(world.annotator), a_document("auto"))
    assert look_at_all() == 1
    assert outcomes(made) == {"restored": 1}
    assert labels(shown(item)) == ["car"]
    assert look_at_all() == 0


def test_only_the_last_change_is_undone(change: Any) -> None:
    first = change(RENAME)
    second = change(MERGE)
    with pytest.raises(Conflict) as refused:
        change.undo(first)
    assert refused.value.code == "changed_since"
    change.undo(second)
    change.undo(first)
    with pytest.raises(Conflict):
        change.undo(first)


def test_one_change_at_a_time(world: Any, change: Any) -> None:
    made = change(RENAME, run=False)
    for act in (lambda: change(MERGE), lambda: change.undo(made), lambda: changes.resume(made, by=change.by)):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "change_at_work"
    assert number(world.project) == 2


def test_a_stale_preview_is_not_applied(world: Any, change: Any) -> None:
    change(RENAME)
    with pytest.raises(Stale):
        changes.apply(world.project, [MERGE], base=1, by=change.by)
    assert number(world.project) == 2


def test_what_changes_nothing_is_refused(world: Any, change: Any) -> None:
    with pytest.raises(Invalid):
        change(RENAME, {"op": "rename_label", "from": "auto", "to": "car"})
    assert number(world.project) == 1
    assert not SchemaChange.objects.exists()


def test_only_managers_change_labels(world: Any, change: Any) -> None:
    made = change(RENAME)
    with pytest.raises(Denied):
        changes.apply(world.project, [MERGE], by=world.actor(world.reviewer))
    with pytest.raises(Denied):
        changes.get(world.actor(world.viewer), made.pk)
    with pytest.raises(Missing):
        changes.get(world.actor(world.outsider), made.pk)


def test_a_job_that_stopped_goes_on_where_it_was(make_items: Any, say: Any, change: Any, monkeypatch: Any, run_jobs: Any) -> None:
    items = make_items(6)
    for item in items:
        say(item, "car")
    from annotate.annotations import change_jobs
    from annotate.annotations.following import Following

    monkeypatch.setattr(change_jobs, "CHUNK", 2)
    real, calls = Following.follow, []

    def stumbling(self: Any, wanted: Any) -> Any:
        calls.append(list(wanted))
        done = real(self, wanted)
        if len(calls) == 2:
            raise RuntimeError("the power went")
        return done

    monkeypatch.setattr(Following, "follow", stumbling)
    made = change(RENAME, run=False)
    execute(made.job_id)
    assert Annotation.objects.filter(source="migration").count() == 2
    run_jobs()
    made.refresh_from_db()
    assert made.state == "done"
    assert [len(call) for call in calls[:4]] == [2, 2, 2, 2]
    assert calls[1] == calls[2]
    assert Annotation.objects.filter(source="migration").count() == 6
    assert MappedRevision.objects.count() == 6


def test_a_cancelled_change_is_carried_on_with_or_undone(world: Any, make_items: Any, say: Any, change: Any, run_jobs: Any) -> None:
    from annotate.jobs.services import cancel

    [item] = make_items(1)
    say(item, "car")
    made = change(RENAME, run=False)
    cancel(Job.objects.get(pk=made.job_id), by=change.by)
    assert changes.stopped(made)
    changes.resume(made, by=change.by)
    run_jobs()
    assert labels(newest(item)) == ["auto"]


def test_a_split_opens_a_queue_that_begins_from_what_there_is(world: Any, make_items: Any, say: Any, change: Any) -> None:
    one, _other = make_items(2)
    before = say(one, "car", "sign")
    made = change({"op": "split_label", "from": "car", "into": ["taxi", "bus"]})
    queue = Queue.objects.get(pk=made.queue_id)
    api = world.api(world.annotator2)
    bundle = api.post(f"/queues/{queue.pk}/next").json()
    assert bundle["item"]["id"] == one.pk
    assert bundle["annotation"]["id"] == before.pk
    assert [thing["label"] for thing in bundle["annotation"]["objects"]] == ["car", "sign"]
    given = {"objects": bundle["annotation"]["objects"], "item": {}}
    refused = api.post(f"/leases/{bundle['lease']['id']}/submit", {"annotation": given})
    assert refused.status_code == 400
    given["objects"][0]["label"] = "bus"
    assert api.post(f"/leases/{bundle['lease']['id']}/submit", {"annotation": given}).status_code == 201
    assert labels(shown(one)) == ["bus", "sign"]
    assert api.post(f"/queues/{queue.pk}/next").status_code == 204


def test_an_erased_item_is_passed_over(world: Any, make_items: Any, say: Any, change: Any) -> None:
    from annotate.items.services import erase

    one, two = make_items(2)
    say(one, "car")
    say(two, "car")
    made = change(RENAME, run=False)
    erase(one, reason="asked for", by=world.actor(world.owner))
    change.run_jobs()
    made.refresh_from_db()
    assert outcomes(made) == {"mapped": 1}


def test_attributes_of_objects_are_found_by_what_search_knows(make_items: Any, world: Any, change: Any) -> None:
    one, two = make_items(2)
    schema = current_schema(world.project.pk)
    for item, attributes in ((one, {"occluded": True}), (two, {})):
        document = {"objects": [a_box(**({"attributes": attributes} if attributes else {}))], "item": {}}
        add_revision(item.pk, document=document, schema_version=schema, by=world.actor(world.annotator))
    change({"op": "rename_attribute", "label": "car", "from": "occluded", "to": "hidden"})
    assert newest(one).content["objects"][0]["attributes"] == {"hidden": True}
    assert Annotation.objects.filter(item=two).count() == 1
