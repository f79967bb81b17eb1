"""A question parks its task, the answer brings it back to who asked, and may become an example of the guidelines."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from annotate.annotations.models import Annotation
from annotate.annotations.writing import append
from annotate.kernel.errors import Conflict, Denied, Invalid, Missing
from annotate.projects.models import Guideline
from annotate.projects.services import remove_member
from annotate.queues.claim import next_task
from annotate.queues.drafts import save
from annotate.queues.fill import fill
from annotate.queues.models import Lease, Task
from annotate.queues.submit import submit
from annotate.reviews import asking
from annotate.reviews.models import Question
from annotate.reviews.services import review
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(world: Any, make_items: Any, queue_of: Any) -> Any:
    """(queue, lease of the annotator, their draft); one item."""
    make_items(1)
    queue = queue_of()
    lease = next_task(queue, world.actor(world.annotator))
    document = a_document()
    save(lease.pk, world.actor(world.annotator), revision=0, document=document)
    return queue, lease, document


def asked(world: Any, held: Any, **more: Any) -> Question:
    return asking.ask(held[1].pk, world.actor(world.annotator), "Is a van a car?", **more)


def test_asking_frees_the_lease_and_nobody_is_served_the_item(world: Any, held: Any) -> None:
    queue, lease, document = held
    made = asked(world, held, object=document["objects"][0]["id"], at=[3, 4])
    assert (made.shape, made.at) == (document["objects"][0], [3, 4])
    assert Lease.objects.get(pk=lease.pk).ended_by == "ask"
    task = Task.objects.get()
    assert (task.state, task.person) == ("parked", world.annotator)
    for person in (world.annotator, world.annotator2, world.manager):
        assert next_task(queue, world.actor(person)) is None


def test_the_answer_brings_it_back_to_its_asker_first_with_draft_and_words(world: Any, held: Any, make_items: Any) -> None:
    queue, _lease, document = held
    question = asked(world, held)
    make_items(1)
    fill(queue.pk)
    asking.answer(question.pk, "Yes, it is.", by=world.actor(world.reviewer))
    assert Task.objects.get(pk=question.task_id).state == "returned"
    assert next_task(queue, world.actor(world.annotator2)).task_id != question.task_id
    bundle = world.api(world.annotator).post(f"/queues/{queue.pk}/next").json()
    assert bundle["task"]["id"] == question.task_id
    assert bundle["draft"]["annotation"] == document
    [told] = bundle["questions"]
    assert (told["text"], told["answer"], told["answered_by"]) == ("Is a van a car?", "Yes, it is.", "reviewer")
    submit(bundle["lease"]["id"], world.actor(world.annotator), document)
    assert Task.objects.get(pk=question.task_id).state == "answered"


def test_an_item_that_waits_for_an_answer_is_not_reviewed(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(1)
    queue, review = queue_of(overlap=2), queue_of("review")
    answer(queue, world.annotator2)
    lease = next_task(queue, world.actor(world.annotator))
    asking.ask(lease.pk, world.actor(world.annotator), "?")
    assert next_task(review, world.actor(world.reviewer)) is None


def test_what_does_not_fit_is_named_and_nothing_changes(world: Any, held: Any) -> None:
    for more, place in ((({"at": [900, 4]}), "at"), ({"object": "5e2b0000-0000-4000-8000-000000000000"}, "object")):
        with pytest.raises(Invalid) as refused:
            asked(world, held, **more)
        assert place in refused.value.fields
    with pytest.raises(Invalid):
        asking.ask(held[1].pk, world.actor(world.annotator), "  ")
    assert Lease.objects.get(pk=held[1].pk).ended_at is None
    assert not Question.objects.exists()


def test_only_the_holder_asks_and_only_reviewers_and_managers_answer(world: Any, held: Any) -> None:
    with pytest.raises(Missing):
        asking.ask(held[1].pk, world.actor(world.annotator2), "?")
    question = asked(world, held)
    with pytest.raises(Conflict):
        asked(world, held)
    with pytest.raises(Denied):
        asking.answer(question.pk, "Yes", by=world.actor(world.annotator))
    for person in (world.annotator2, world.outsider):
        with pytest.raises(Missing):
            asking.answer(question.pk, "Yes", by=world.actor(person))
    asking.answer(question.pk, "Yes", by=world.actor(world.manager))
    with pytest.raises(Conflict):
        asking.answer(question.pk, "No", by=world.actor(world.manager))


def test_who_judges_asks_as_well_and_gives_the_verdict_when_it_comes_back(desk: Any) -> None:
    world, reviewer = desk.world, desk.world.actor(desk.world.reviewer)
    thing = orjson.loads(Annotation.objects.get(pk=desk.lease.annotation_id).document)["objects"][0]
    question = asking.ask(desk.lease.pk, reviewer, "Is a van a car?", object=thing["id"])
    assert question.shape["label"] == thing["label"]
    assert Task.objects.get(pk=question.task_id).state == "parked"
    assert next_task(desk.lease.queue_id, world.actor(world.manager)) is None
    asking.answer(question.pk, "Yes", by=world.actor(world.manager))
    assert next_task(desk.lease.queue_id, world.actor(world.manager)) is None
    bundle = world.api(world.reviewer).post(f"/queues/{desk.lease.queue_id}/next").json()
    assert (bundle["task"]["id"], bundle["questions"][0]["answer"]) == (question.task_id, "Yes")
    assert bundle["annotation"]["id"] == desk.lease.annotation_id
    assert next_task(desk.lease.queue_id, reviewer).pk == bundle["lease"]["id"]  # it stays on the desk
    assert review(bundle["lease"]["id"], reviewer, "accept").verdict == "accept"
    assert Task.objects.get(pk=question.task_id).state == "answered"


def test_a_question_about_a_revision_that_another_followed_is_not_judged_any_more(desk: Any) -> None:
    world, reviewer = desk.world, desk.world.actor(desk.world.reviewer)
    question = asking.ask(desk.lease.pk, reviewer, "?")
    seen = Annotation.objects.get(pk=desk.lease.annotation_id)
    document = {"objects": [], "item": {}}
    append(item_id=seen.item_id, project_id=world.project.pk, document=document, schema_version_id=seen.schema_version_id, source="fix", person_id=world.manager.pk)
    asking.answer(question.pk, "Yes", by=world.actor(world.manager))
    assert getattr(next_task(desk.lease.queue_id, reviewer), "annotation_id", None) != seen.pk
    assert Task.objects.get(pk=question.task_id).state == "void"


def test_parked_work_of_somebody_who_leaves_goes_to_others(world: Any, held: Any) -> None:
    question = asked(world, held)
    remove_member(world.project, world.annotator, by=world.actor(world.owner))
    assert next_task(held[0], world.actor(world.annotator2)).task_id == question.task_id
    asking.answer(question.pk, "Yes", by=world.actor(world.manager))
    assert Task.objects.get(pk=question.task_id).state == "open"


def test_an_answer_becomes_an_example_once(world: Any, held: Any) -> None:
    question = asked(world, held, object=held[2]["objects"][0]["id"])
    by = world.actor(world.manager)
    with pytest.raises(Conflict):
        asking.make_example(question.pk, good=True, by=by)
    asking.answer(question.pk, "Yes", by=world.actor(world.reviewer))
    with pytest.raises(Denied):
        asking.make_example(question.pk, good=True, by=world.actor(world.reviewer))
    made = asking.make_example(question.pk, good=True, by=by)
    [example] = made.examples
    assert (made.number, example["label"], example["text"]) == (1, "car", "Is a van a car? — Yes")
    with pytest.raises(Conflict):
        asking.make_example(question.pk, good=True, by=by)
    assert Guideline.objects.count() == 1


def test_an_erased_item_takes_its_questions_along(world: Any, held: Any) -> None:
    from annotate.items.erasure import erase

    question = asked(world, held)
    erase(question.item, reason="asked for", by=world.actor(world.owner))
    assert not Question.objects.exists()
    assert Task.objects.get().state == "void"


def test_the_routes_ask_and_answer(world: Any, held: Any) -> None:
    _queue, lease, _document = held
    response = world.api(world.annotator).post(f"/leases/{lease.pk}/ask", {"text": "Is it?", "at": [1, 2]})
    assert response.status_code == 201, response.content
    question = response.json()
    assert (question["text"], question["at"], question["answer"]) == ("Is it?", [1, 2], None)
    assert world.api(world.annotator2).post(f"/questions/{question['id']}/answer", {"text": "x"}).status_code == 404
    done = world.api(world.reviewer).post(f"/questions/{question['id']}/answer", {"text": "It is."})
    assert (done.status_code, done.json()["answered_by"]["name"]) == (200, "reviewer")
    renew = world.api(world.annotator).post(f"/leases/{lease.pk}/renew")
    assert (renew.status_code, renew.json()["ended_by"]) == (409, "ask")
