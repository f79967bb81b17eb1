"""Runs: who gets in, how they end, and that they end once."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.gold.models import Gold
from annotate.gold.services import retire
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.qualifications.models import Qualified, QualifyingRun
from annotate.qualifications.running import settle
from annotate.qualifications.services import end, give
from annotate.qualifications.setting_up import give_run, take_run
from annotate.qualifications.standing import standings
from annotate.queues import queries
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.leases import skip
from annotate.queues.models import Task
from annotate.queues.reopening import reopen
from annotate.queues.services import change_queue
from annotate.queues.submit import submit
from tests.qualifications.conftest import answer_of
from workflows.quality.gold import measure_some

pytestmark = pytest.mark.django_db


def standing(world: Any, person: Any, found: Any) -> Any:
    return standings(person.pk, [world.project.pk], [found.pk])[0]


def test_a_newcomer_is_not_served_takes_the_run_passes_and_is_served(
    world: Any, make_items: Any, gold: Any, qualification: Any, queue_of: Any, take: Any
) -> None:
    gold(3)
    make_items(2)
    cells = qualification(questions=3, pass_mark=0.6, attempts=2)
    queue = queue_of(requires=[{"qualification": cells.pk, "bar": None}])
    api = world.api(world.annotator)
    refused = api.post(f"/queues/{queue.pk}/next")
    assert refused.status_code == 403
    said = refused.json()
    assert said["code"] == "not_qualified"
    assert said["missing"] == [{"qualification": cells.pk, "name": "Cells", "bar": None, "score": None, "run": cells.queue_id, "state": "begin"}]
    assert "Cells" in said["detail"]
    for right in (True, True, False):
        bundle = api.post(f"/queues/{said['missing'][0]['run']}/next").json()
        done = api.post(f"/leases/{bundle['lease']['id']}/submit?next=1", {"annotation": answer_of(right)})
        assert done.status_code == 201, done.content
    assert done.json()["next"] is None
    assert api.post(f"/queues/{cells.queue_id}/next").status_code == 204  # all answered, being measured
    assert api.post(f"/queues/{queue.pk}/next").json()["missing"][0]["state"] == "measuring"
    measure_some()
    mine = api.get(f"/qualifications/{cells.pk}").json()["mine"]
    assert mine["state"] == "has"
    assert mine["score"] == pytest.approx(2 / 3)
    assert api.post(f"/queues/{cells.queue_id}/next").json()["code"] == "has_qualification"
    assert api.post(f"/queues/{queue.pk}/next").status_code == 200
    assert Activity.objects.filter(verb="qualification.pass", noun_id=cells.pk, person_id=None).count() == 1


def test_who_fails_twice_is_refused(world: Any, gold: Any, qualification: Any, queue_of: Any, take: Any) -> None:
    gold(4)
    cells = qualification(questions=2, pass_mark=0.8, attempts=2)
    queue = queue_of(requires=[{"qualification": cells.pk}])
    assert take(cells, world.annotator, right=1, wrong=1) == 2
    after = standing(world, world.annotator, cells)
    assert (after.state, after.left, after.last_state, after.last_score) == ("begin", 1, "failed", 0.5)
    assert take(cells, world.annotator, wrong=2) == 2
    with pytest.raises(Denied) as refused:
        next_task(cells.queue, world.actor(world.annotator))
    assert refused.value.code == "attempts_used"
    with pytest.raises(Denied) as kept_out:
        next_task(queue, world.actor(world.annotator))
    assert kept_out.value.code == "not_qualified"
    assert kept_out.value.extra["missing"][0]["state"] == "used_up"
    assert not Qualified.objects.exists()
    assert [(run.attempt, run.state) for run in QualifyingRun.objects.order_by("attempt")] == [(1, "failed"), (2, "failed")]


def test_a_second_attempt_asks_about_other_items(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(4)
    cells = qualification(questions=2, attempts=2)
    take(cells, world.annotator, wrong=2)
    take(cells, world.annotator, right=2)
    items = Task.objects.filter(queue=cells.queue, person=world.annotator, state="answered").values_list("item_id", flat=True)
    assert len(set(items)) == 4
    assert Qualified.objects.get(person=world.annotator).score == 1.0


def test_a_second_attempt_does_not_begin_without_enough_items_not_seen(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(5)
    cells = qualification(questions=3, attempts=2)
    take(cells, world.annotator, wrong=3)
    with pytest.raises(Conflict) as refused:
        next_task(cells.queue, world.actor(world.annotator))
    assert refused.value.code == "too_little_gold"
    assert refused.value.extra["missing"] == 1
    assert "1 question too few" in refused.value.detail
    assert QualifyingRun.objects.count() == 1


def test_a_run_of_more_questions_than_there_is_gold_is_not_set_up(world: Any, gold: Any, qualification: Any) -> None:
    gold(3)
    cells = qualification()
    with pytest.raises(Invalid) as refused:
        give_run(cells, questions=5, by=world.actor(world.manager))
    assert "2 are missing" in refused.value.fields["questions"]
    cells.refresh_from_db()
    assert cells.queue is None


@pytest.mark.parametrize(
    ("wrong", "field"), [({"questions": 0}, "questions"), ({"pass_mark": 1.2}, "pass_mark"), ({"attempts": 0}, "attempts"), ({"pass_mark": float("nan")}, "pass_mark")]
)
def test_settings_of_a_run_are_bounded(world: Any, gold: Any, qualification: Any, wrong: dict[str, Any], field: str) -> None:
    gold(1)
    with pytest.raises(Invalid) as refused:
        give_run(qualification(), **({"questions": 1} | wrong), by=world.actor(world.manager))
    assert field in refused.value.fields


def test_a_run_hands_out_gold_only_and_so_many_questions(world: Any, make_items: Any, gold: Any, qualification: Any, take: Any) -> None:
    make_items(5)
    gold(4)
    cells = qualification(questions=2)
    assert fill(cells.queue_id) == 0
    assert take(cells, world.annotator, right=4, measure=False) == 2
    assert next_task(cells.queue, world.actor(world.annotator)) is None
    assert not Task.objects.filter(queue=cells.queue, gold=False).exists()


def test_the_mark_itself_passes(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(5)
    cells = qualification(questions=5, pass_mark=0.6)
    take(cells, world.annotator, right=3, wrong=2)
    assert Qualified.objects.get().score == pytest.approx(0.6)


def test_a_run_ends_by_its_last_score_and_not_before(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(3)
    cells = qualification(questions=3)
    take(cells, world.annotator, right=2)
    assert standing(world, world.annotator, cells).state == "running"
    take(cells, world.annotator, right=1, measure=False)
    assert standing(world, world.annotator, cells).state == "measuring"
    assert settle(world.annotator.pk, cells.queue_id) is None
    measure_some()
    assert standing(world, world.annotator, cells).state == "has"
    assert settle(world.annotator.pk, cells.queue_id) is None
    assert Qualified.objects.count() == 1


def test_an_answer_may_be_changed_while_the_run_lasts_and_counts_as_it_stands(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(2)
    cells, actor = qualification(questions=2, pass_mark=1.0), world.actor(world.annotator)
    take(cells, world.annotator, wrong=1)
    task = Task.objects.get(queue=cells.queue, person=world.annotator)
    again = reopen(task.pk, actor)
    take(cells, world.annotator)
    assert next_task(cells.queue, actor).pk == again.pk
    submit(again.pk, actor, answer_of(True))
    take(cells, world.annotator, right=1)
    assert Qualified.objects.get().score == 1.0
    with pytest.raises(Conflict) as refused:
        reopen(task.pk, actor)
    assert refused.value.code == "run_over"


def test_no_question_is_skipped(world: Any, gold: Any, qualification: Any) -> None:
    gold(2)
    cells, actor = qualification(questions=1), world.actor(world.annotator)
    lease = next_task(cells.queue, actor)
    with pytest.raises(Conflict) as refused:
        skip(lease.pk, actor)
    assert refused.value.code == "run_no_skip"
    assert next_task(cells.queue, actor).pk == lease.pk


def test_gold_that_is_retired_in_a_run_is_still_answered(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(3)
    cells = qualification(questions=2)
    take(cells, world.annotator, right=1)
    for row in Gold.objects.all():
        retire(row, by=world.actor(world.manager))
    assert standing(world, world.annotator, cells).state == "running"
    assert next_task(cells.queue, world.actor(world.annotator)) is None  # the run waits until there is gold again


def test_an_item_erased_in_a_run_is_replaced(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    from annotate.items.erasure import erase

    gold(3)
    cells = qualification(questions=2)
    take(cells, world.annotator, right=1, measure=False)
    erase(Task.objects.get(queue=cells.queue, state="answered").item, reason="asked for", by=world.actor(world.owner))
    take(cells, world.annotator, right=1)
    assert standing(world, world.annotator, cells).state == "running"
    take(cells, world.annotator, right=1)
    assert standing(world, world.annotator, cells).state == "has"


def test_fewer_questions_end_a_run_that_has_them(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(4)
    cells = qualification(questions=4)
    take(cells, world.annotator, right=3)
    give_run(cells, questions=3, by=world.actor(world.manager))
    assert standing(world, world.annotator, cells).state == "has"


def test_a_run_taken_away_ends_attempts_without_a_result(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(3)
    cells = qualification(questions=3)
    queue = cells.queue
    take(cells, world.annotator, right=1)
    next_task(queue, world.actor(world.annotator))
    cells = take_run(cells, by=world.actor(world.manager))
    queue.refresh_from_db()
    assert queue.state == "closed"
    assert not QualifyingRun.objects.exists()
    assert standing(world, world.annotator, cells).state == "by_hand"
    again = give_run(cells, questions=1, by=world.actor(world.manager))
    assert again.queue.name == "Run: Cells 2"
    take(again, world.annotator, right=1)
    assert standing(world, world.annotator, cells).state == "has"


def test_what_a_manager_gives_ends_the_attempt(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    gold(3)
    cells = qualification(questions=3)
    take(cells, world.annotator, right=1)
    lease = next_task(cells.queue, world.actor(world.annotator))
    give(cells, world.annotator, score=0.9, by=world.actor(world.manager))
    assert not QualifyingRun.objects.exists()
    with pytest.raises(Conflict):
        submit(lease.pk, world.actor(world.annotator), answer_of(True))
    end(cells, world.annotator, by=world.actor(world.manager))
    assert standing(world, world.annotator, cells).state == "begin"


def test_the_queue_of_a_run_is_not_among_the_work(world: Any, gold: Any, qualification: Any, queue_of: Any) -> None:
    gold(1)
    cells = qualification(questions=1)
    ordinary = queue_of()
    names = [queue.pk for queue in queries.visible(world.actor(world.annotator), world.project)]
    assert names == [ordinary.pk]
    with pytest.raises(Conflict) as refused:
        change_queue(cells.queue, gold_percent=10, by=world.actor(world.manager))
    assert refused.value.code == "queue_of_run"
    change_queue(cells.queue, lease_seconds=60, gold_percent=100, by=world.actor(world.manager))
