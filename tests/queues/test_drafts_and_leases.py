"""Drafts rise by revision and survive the lease; leases are renewed up to a bound, skipped and re-opened."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from annotate.kernel.errors import Conflict, Missing, Stale
from annotate.queues import drafts, leases
from annotate.queues.claim import next_task
from annotate.queues.models import Draft, Lease, Task
from annotate.queues.reopening import reopen
from annotate.queues.tasks import send_back
from tests.queues.conftest import a_document
from tests.queues.test_next import expire

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease(world: Any, make_items: Any, queue_of: Any) -> Any:
    make_items(3)
    return next_task(queue_of(), world.actor(world.annotator))


def test_a_stale_draft_changes_nothing_and_learns_the_present_revision(world: Any, lease: Any) -> None:
    actor = world.actor(world.annotator)
    assert drafts.save(lease.pk, actor, revision=0, document=a_document()) == 1
    newest = a_document("sign")
    assert drafts.save(lease.pk, actor, revision=1, document=newest) == 2
    for stale in (0, 1, 5):
        with pytest.raises(Stale) as error:
            drafts.save(lease.pk, actor, revision=stale, document=a_document("person"))
        assert (error.value.extra["revision"], error.value.extra["same"]) == (2, False)
        assert error.value.extra["annotation"]["objects"][0]["label"] == "sign"
    with pytest.raises(Stale) as error:  # its answer was lost: the same save again
        drafts.save(lease.pk, actor, revision=1, document=newest)
    assert (error.value.extra["revision"], error.value.extra["same"]) == (2, True)
    assert '"label":"sign"' in Draft.objects.get().document


def test_a_draft_waits_for_the_next_lease_of_the_same_person(world: Any, lease: Any) -> None:
    from annotate.workbench.bundle import bundle

    actor, document = world.actor(world.annotator), a_document("sign")
    drafts.save(lease.pk, actor, revision=0, document=document)
    expire(lease)
    again = bundle(next_task(lease.queue_id, actor))
    assert again["draft"]["revision"] == 1
    assert again["draft"]["annotation"]["objects"][0]["label"] == "sign"
    expire(Lease.objects.get(pk=again["lease"]["id"]))
    other = bundle(next_task(lease.queue_id, world.actor(world.annotator2)))
    assert other["task"]["id"] == lease.task_id
    assert other["draft"] is None


def test_a_draft_after_the_lease_is_refused_and_kept(world: Any, lease: Any) -> None:
    expire(lease)
    with pytest.raises(Conflict) as error:
        drafts.save(lease.pk, world.actor(world.annotator), revision=0, document=a_document())
    assert error.value.extra["draft_kept"] is True
    assert Draft.objects.count() == 1


def test_renewing_reaches_only_ones_own_live_lease_and_has_an_end(world: Any, lease: Any) -> None:
    actor = world.actor(world.annotator)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE annotate_lease SET expires_at = clock_timestamp() + interval '5 s' WHERE id = %s", [lease.pk])
    assert leases.renew(lease.pk, actor) > lease.expires_at
    with pytest.raises(Missing):
        leases.renew(lease.pk, world.actor(world.annotator2))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE annotate_lease SET created_at = created_at - interval '7 hours 59 minutes' WHERE id = %s", [lease.pk])
        cursor.execute("UPDATE annotate_lease SET expires_at = clock_timestamp() + interval '5 s' WHERE id = %s", [lease.pk])
    renewed = leases.renew(lease.pk, actor)
    lease.refresh_from_db()
    assert renewed == lease.created_at + leases.LONGEST
    expire(lease)
    with pytest.raises(Conflict):
        leases.renew(lease.pk, actor)


def test_returned_work_comes_first_and_to_its_person_alone(world: Any, lease: Any, answer: Any) -> None:
    done = answer(lease.queue_id, world.annotator)
    held = next_task(lease.queue_id, world.actor(world.annotator))
    send_back(done.annotation_id)
    other = next_task(lease.queue_id, world.actor(world.annotator2))
    assert other.task_id != lease.task_id
    leases.release(held.pk, world.actor(world.annotator))
    back = next_task(lease.queue_id, world.actor(world.annotator))
    assert (back.task_id, back.annotation_id) == (lease.task_id, done.annotation_id)
    again = answer(lease.queue_id, world.annotator, "sign")
    assert again.revision == 2
    assert Task.objects.get(pk=lease.task_id).annotation_id == again.annotation_id


def test_returned_work_that_is_skipped_goes_to_others(world: Any, lease: Any, answer: Any) -> None:
    done = answer(lease.queue_id, world.annotator)
    send_back(done.annotation_id)
    actor = world.actor(world.annotator)
    leases.skip(next_task(lease.queue_id, actor).pk, actor, reason="cannot")
    assert next_task(lease.queue_id, actor).task_id != lease.task_id
    taken = next_task(lease.queue_id, world.actor(world.annotator2))
    assert (taken.task_id, taken.annotation_id) == (lease.task_id, None)


def test_ones_own_answer_is_reopened_in_front_of_what_is_held(world: Any, lease: Any, answer: Any) -> None:
    actor = world.actor(world.annotator)
    done = answer(lease.queue_id, world.annotator)
    held = next_task(lease.queue_id, actor)
    ahead = next_task(lease.queue_id, actor, slot=1)
    again = reopen(lease.task_id, actor)
    assert (again.slot, again.task_id, again.annotation_id) == (0, lease.task_id, done.annotation_id)
    held.refresh_from_db()
    ahead.refresh_from_db()
    assert (held.slot, held.ended_at, ahead.ended_by) == (1, None, "release")
    assert answer(lease.queue_id, world.annotator).revision == 2
    assert next_task(lease.queue_id, actor).pk == held.pk


def test_an_answer_that_a_reviewer_has_opened_is_not_reopened(world: Any, lease: Any, answer: Any, queue_of: Any) -> None:
    done = answer(lease.queue_id, world.annotator)
    review = queue_of("review")
    opened = next_task(review, world.actor(world.reviewer))
    assert opened.annotation_id == done.annotation_id
    with pytest.raises(Conflict) as error:
        reopen(lease.task_id, world.actor(world.annotator))
    assert error.value.code == "opened_by_reviewer"
    for person in (world.annotator2, world.manager):
        with pytest.raises(Missing):
            reopen(lease.task_id, world.actor(person))


def test_reopening_takes_the_answer_out_of_review_until_it_is_given_again(world: Any, lease: Any, answer: Any, queue_of: Any) -> None:
    from annotate.queues.fill import fill

    review = queue_of("review")
    answer(lease.queue_id, world.annotator)
    assert fill(review.pk) == 1
    reopen(lease.task_id, world.actor(world.annotator))
    assert next_task(review, world.actor(world.reviewer)) is None
    again = answer(lease.queue_id, world.annotator, "sign")
    judged = next_task(review, world.actor(world.reviewer))
    assert (judged.annotation_id, judged.round) == (again.annotation_id, 2)


def test_what_one_had_when_the_time_ran_out_comes_before_what_was_fetched_ahead(world: Any, lease: Any) -> None:
    actor = world.actor(world.annotator)
    ahead = next_task(lease.queue_id, actor, slot=1)
    drafts.save(lease.pk, actor, revision=0, document=a_document("sign"))
    expire(lease)
    again = next_task(lease.queue_id, actor)
    assert (again.task_id, again.slot) == (lease.task_id, 0)
    assert again.pk != lease.pk
    assert next_task(lease.queue_id, actor, slot=1).pk == ahead.pk  # waits behind it


def test_what_somebody_else_has_taken_meanwhile_does_not_come_back(world: Any, lease: Any) -> None:
    actor = world.actor(world.annotator)
    ahead = next_task(lease.queue_id, actor, slot=1)
    expire(lease)
    theirs = next_task(lease.queue_id, world.actor(world.annotator2))
    assert theirs.task_id == lease.task_id
    assert next_task(lease.queue_id, actor).pk == ahead.pk
    leases.release(theirs.pk, world.actor(world.annotator2))
    assert next_task(lease.queue_id, actor).pk == ahead.pk  # what is at hand stays


def test_who_gives_back_what_they_have_begun_finds_it_again_first(world: Any, lease: Any) -> None:
    actor = world.actor(world.annotator)
    ahead = next_task(lease.queue_id, actor, slot=1)
    drafts.save(lease.pk, actor, revision=0, document=a_document("sign"))
    leases.release(lease.pk, actor)
    leases.release(ahead.pk, actor)
    assert next_task(lease.queue_id, actor).task_id == lease.task_id
