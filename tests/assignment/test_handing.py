"""A batch goes to a team in one step: shown first, divided evenly or by share, undone once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from annotate.items.models import Batch
from annotate.kernel.errors import Conflict, Denied, Invalid, Missing
from annotate.people.models import Team
from annotate.projects import teams
from annotate.queues import pausing
from annotate.queues.models import Queue, Task
from annotate.queues.services import create_queue
from workflows.assignment import handing
from workflows.assignment.models import Handing
from workflows.assignment.planning import Wish

pytestmark = pytest.mark.django_db
DOCUMENT: dict[str, Any] = {"objects": [], "item": {}}


@pytest.fixture
def team(world: Any) -> Team:
    people = [world.annotator, world.annotator2, world.viewer]
    return teams.create_team("night", organisation_id=world.organisation.pk, project=world.project, members=people, by=world.actor(world.manager))


@pytest.fixture
def batch(world: Any, make_items: Any) -> Batch:
    make_items(10)
    return Batch.objects.get(project=world.project)


def kept(queue: Queue) -> Counter[str]:
    return Counter(Task.objects.filter(queue=queue, state="open", person__isnull=False).values_list("person__name", flat=True))


def test_a_preview_says_who_gets_what_and_changes_nothing(world: Any, team: Team, batch: Batch) -> None:
    plan = handing.preview(Wish(batch, team), by=world.actor(world.manager))
    assert (plan.items, plan.answers, sorted(plan.given.values()), plan.queue) == (10, 10, [5, 5], None)
    assert [(person.name, why) for person, why in plan.left_out] == [("viewer", "no_role")]
    assert not Queue.objects.exists() and not Handing.objects.exists()


def test_it_makes_the_queue_names_the_team_and_keeps_each_item_for_one_of_them(world: Any, team: Team, batch: Batch) -> None:
    before = handing.preview(Wish(batch, team), by=world.actor(world.manager))
    made = handing.hand_out(Wish(batch, team), by=world.actor(world.manager))
    assert made.state == "done" and made.queue.stage == "annotate" and made.queue.q == f'batch = "{batch.name}"'
    assert set(made.queue.assignments.values_list("person__name", flat=True)) == {"annotator", "annotator2"}
    assert kept(made.queue) == {"annotator": 5, "annotator2": 5}
    assert made.counts["given"] == {str(person): number for person, number in before.given.items()}


def test_people_are_served_what_is_theirs(world: Any, team: Team, batch: Batch) -> None:
    made = handing.hand_out(Wish(batch, team), by=world.actor(world.manager))
    theirs = set(Task.objects.filter(queue=made.queue, person=world.annotator).values_list("item_id", flat=True))
    got = set()
    for _number in range(5):
        bundle = world.api(world.annotator).post(f"/queues/{made.queue.pk}/next").json()
        got.add(bundle["item"]["id"])
        world.api(world.annotator).post(f"/leases/{bundle['lease']['id']}/submit", {"annotation": DOCUMENT})
    assert got == theirs
    assert world.api(world.annotator).post(f"/queues/{made.queue.pk}/next").status_code == 204


def test_shares_divide_as_they_say_and_nothing_leaves_out(world: Any, team: Team, batch: Batch) -> None:
    shares = {world.annotator.pk: 4, world.annotator2.pk: 1}
    made = handing.hand_out(Wish(batch, team, "shares", shares), by=world.actor(world.manager))
    assert kept(made.queue) == {"annotator": 8, "annotator2": 2}


def test_wrong_shares_are_named(world: Any, team: Team, batch: Batch) -> None:
    by = world.actor(world.manager)
    for shares, place in (({world.reviewer.pk: 1}, f"shares.{world.reviewer.pk}"), ({world.annotator.pk: -1}, f"shares.{world.annotator.pk}"), ({}, "shares")):
        with pytest.raises(Invalid) as error:
            handing.preview(Wish(batch, team, "shares", shares), by=by)
        assert place in error.value.fields


def test_a_team_in_which_nobody_may_label_gets_nothing(world: Any, team: Team, batch: Batch) -> None:
    teams.change_team(team, members=[world.viewer], by=world.actor(world.manager))
    with pytest.raises(Invalid):
        handing.hand_out(Wish(batch, team), by=world.actor(world.manager))
    assert not Queue.objects.exists() and not Handing.objects.exists()


def test_who_is_paused_is_left_out(world: Any, team: Team, batch: Batch) -> None:
    pausing.pause(world.project, world.annotator2, by=world.actor(world.manager))
    made = handing.hand_out(Wish(batch, team), by=world.actor(world.manager))
    assert kept(made.queue) == {"annotator": 10}


def test_the_queue_of_the_batch_is_used_and_its_people_stay(world: Any, team: Team, batch: Batch) -> None:
    by = world.actor(world.manager)
    queue = create_queue(world.project, "label", stage="annotate", q=f'batch = "{batch.name}"', members=[world.reviewer], by=by)
    bundle = world.api(world.reviewer).post(f"/queues/{queue.pk}/next").json()
    made = handing.hand_out(Wish(batch, team), by=by)
    assert made.queue == queue and not made.opened
    assert set(queue.assignments.values_list("person__name", flat=True)) == {"annotator", "annotator2", "reviewer"}
    assert sum(kept(queue).values()) == 9, "what somebody works on is not given away"
    assert world.api(world.reviewer).post(f"/leases/{bundle['lease']['id']}/renew").status_code == 200


def test_items_that_come_later_are_divided_by_a_second_step(world: Any, team: Team, batch: Batch, make_items: Any) -> None:
    by = world.actor(world.manager)
    first = handing.hand_out(Wish(batch, team), by=by)
    make_items(4, batch=batch)
    second = handing.hand_out(Wish(batch, team), by=by)
    assert second.queue == first.queue and second.counts["answers"] == 4
    assert kept(first.queue) == {"annotator": 7, "annotator2": 7}


def test_two_answers_of_an_item_are_kept_for_two_people(world: Any, team: Team, batch: Batch) -> None:
    made = handing.hand_out(Wish(batch, team, overlap=2), by=world.actor(world.manager))
    assert kept(made.queue) == {"annotator": 10, "annotator2": 10}


def test_an_undo_takes_all_of_it_back(world: Any, team: Team, batch: Batch) -> None:
    by = world.actor(world.manager)
    made = handing.undo(handing.hand_out(Wish(batch, team), by=by), by=by)
    assert made.state == "undone" and made.queue is None and made.undone_at is not None
    assert not Queue.objects.exists()
    with pytest.raises(Conflict):
        handing.undo(made, by=by)
    assert handing.hand_out(Wish(batch, team), by=by).counts["answers"] == 10


def test_an_undo_leaves_what_was_begun(world: Any, team: Team, batch: Batch) -> None:
    by = world.actor(world.manager)
    made = handing.hand_out(Wish(batch, team), by=by)
    bundle = world.api(world.annotator).post(f"/queues/{made.queue.pk}/next").json()
    undone = handing.undo(made, by=by)
    queue = undone.queue
    assert queue is not None and set(queue.assignments.values_list("person__name", flat=True)) == {"annotator"}
    assert world.api(world.annotator).post(f"/leases/{bundle['lease']['id']}/submit", {"annotation": DOCUMENT}).status_code == 201
    assert sum(kept(queue).values()) == 0


def test_an_undo_gives_a_queue_its_people_back(world: Any, team: Team, batch: Batch) -> None:
    by = world.actor(world.manager)
    queue = create_queue(world.project, "label", stage="annotate", q=f'batch = "{batch.name}"', by=by)
    handing.undo(handing.hand_out(Wish(batch, team), by=by), by=by)
    assert not queue.assignments.exists() and sum(kept(queue).values()) == 0


def test_only_who_manages_the_project_hands_out_and_only_to_its_teams(world: Any, team: Team, batch: Batch) -> None:
    with pytest.raises(Denied):
        handing.preview(Wish(batch, team), by=world.actor(world.reviewer))
    foreign = teams.create_team("far", organisation_id=world.other_organisation.pk, by=world.actor(world.outsider))
    with pytest.raises(Missing):
        handing.preview(Wish(batch, foreign), by=world.actor(world.manager))


def test_a_large_batch_is_a_jobs(world: Any, team: Team, batch: Batch, run_jobs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "AT_ONCE", 3)
    by = world.actor(world.manager)
    made = handing.hand_out(Wish(batch, team), by=by)
    assert made.state == "running" and made.job is not None
    with pytest.raises(Conflict):
        handing.hand_out(Wish(batch, team), by=by)
    run_jobs()
    made.refresh_from_db()
    assert made.state == "done" and kept(made.queue) == {"annotator": 5, "annotator2": 5}


def test_who_answered_an_item_is_not_given_its_other_answer(world: Any, team: Team, batch: Batch) -> None:
    by = world.actor(world.manager)
    queue = create_queue(world.project, "label", stage="annotate", q=f'batch = "{batch.name}"', overlap=2, by=by)
    bundle = world.api(world.annotator).post(f"/queues/{queue.pk}/next").json()
    world.api(world.annotator).post(f"/leases/{bundle['lease']['id']}/submit", {"annotation": DOCUMENT})
    plan = handing.preview(Wish(batch, team), by=by)
    made = handing.hand_out(Wish(batch, team), by=by)
    other = Task.objects.get(queue=queue, item_id=bundle["item"]["id"], state="open")
    assert other.person == world.annotator2 and plan.answers == made.counts["answers"] == 19
