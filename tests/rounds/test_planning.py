"""Planning: what a round takes up, what it leaves out, and that nobody else judges its items meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotate.activity.models import Activity
from annotate.annotations.models import Annotation
from annotate.annotations.services import ImportedAnnotation, add_imported
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.projects.queries import current_schema
from annotate.queues import holding
from annotate.queues.claim import next_task
from annotate.queues.fill import fill, missing
from annotate.queues.models import Agreement, Queue, Task
from annotate.reviews.services import review
from tests.queues.conftest import a_document
from workflows.rounds import planning
from workflows.rounds.models import Round, RoundItem
from workflows.rounds.sampling import Candidate, Plan, draw
from workflows.rounds.states import ROUND

pytestmark = pytest.mark.django_db


def test_a_round_takes_up_what_is_answered_and_sends_its_sample_to_a_queue_of_its_own(world: Any, line: Any, make_items: Any) -> None:
    bench = line(8)
    make_items(2)  # nobody has answered these
    made = bench.plan("percent", 25, seed=11)
    assert (made.state, made.number, made.items, made.sampled, made.left_out) == ("judging", 1, 8, 2, {})
    wanted = draw(Plan("percent", 25, 11), [Candidate(item.pk) for item in bench.items]).ids
    assert tuple(RoundItem.objects.filter(round=made, sampled=True).order_by("place").values_list("item_id", flat=True)) == wanted
    tasks = Task.objects.filter(queue=made.queue).order_by("rank")
    assert [task.item_id for task in tasks] == list(wanted)
    assert {task.annotation_id for task in tasks} == set(Annotation.objects.filter(item__in=wanted).values_list("pk", flat=True))
    assert (made.queue.stage, made.queue.name) == ("review", "march · 1")
    row = Activity.objects.get(verb="round.plan")
    assert (row.noun_id, row.person_id, row.data["sampled"], row.data["seed"]) == (made.pk, world.manager.pk, 2, 11)
    assert fill(made.queue_id) == 0


def test_nobody_is_handed_their_own_work(world: Any, line: Any) -> None:
    bench = line(2, authors=[world.reviewer, world.annotator])
    made = bench.plan("all", None)
    lease = next_task(made.queue, world.actor(world.reviewer))
    assert lease.item_id == bench.items[1].pk
    review(lease.pk, world.actor(world.reviewer), "accept")
    assert next_task(made.queue, world.actor(world.reviewer)) is None
    assert next_task(made.queue, world.actor(world.manager)).item_id == bench.items[0].pk


def test_only_those_who_are_named_judge(world: Any, line: Any) -> None:
    made = line(2).plan("all", None, reviewers=(world.manager,))
    with pytest.raises(Denied):
        next_task(made.queue, world.actor(world.reviewer))
    assert next_task(made.queue, world.actor(world.manager)) is not None


def test_no_other_queue_asks_for_the_items_of_a_round_until_it_is_over(world: Any, line: Any, queue_of: Any) -> None:
    bench = line(4)
    before = queue_of("review")
    assert fill(before.pk) == 4
    made = bench.plan("percent", 25)
    assert not Task.objects.filter(queue=before, state="open").exists()
    assert next_task(before, world.actor(world.reviewer)) is None
    later = queue_of("review")
    assert (fill(later.pk), missing(later)) == (0, 0)
    [own] = Task.objects.filter(queue=made.queue)
    Task.objects.filter(pk=own.pk).update(state="void")
    assert fill(later.pk) == 0 and fill(made.queue_id) == 1  # its own queue asks anew
    RoundItem.objects.filter(round=made).update(live=False)
    assert fill(later.pk) == 3


def test_what_is_in_somebodys_hands_is_left_to_them(world: Any, line: Any, queue_of: Any) -> None:
    bench = line(3)
    queue = queue_of("review")
    lease = next_task(queue, world.actor(world.reviewer))
    made = bench.plan("all", None)
    assert (made.items, made.left_out) == (2, {"at_review": 1})
    assert review(lease.pk, world.actor(world.reviewer), "accept")


def test_what_is_left_out_is_counted_by_why(world: Any, line: Any, queue_of: Any, make_items: Any) -> None:
    bench = line(6)
    first = bench.plan("count", 1)
    taken = RoundItem.objects.filter(round=first).order_by("item_id").values_list("pk", flat=True)
    RoundItem.objects.filter(pk__in=list(taken)[2:]).delete()
    Task.objects.filter(queue=first.queue).exclude(item__in=RoundItem.objects.values("item")).delete()
    holding.hold([bench.items[2].pk], cause="rule:dark", by=None)
    Task.objects.filter(item=bench.items[3], queue=bench.annotate).update(state="returned")
    seen = bench.preview("all", None)
    assert (seen.items, seen.left_out) == (2, {"in_round": 2, "held": 1, "unfinished": 1})


def test_imported_labels_are_taken_up_too_unless_somebody_is_to_answer(world: Any, line: Any, make_items: Any) -> None:
    bench = line(1)
    [item] = make_items(1)
    add_imported([ImportedAnnotation(item.pk, a_document(), current_schema(world.project.pk).pk)], by=world.actor(world.owner))
    assert bench.preview("all", None).items == 2
    fill(bench.annotate.pk)
    seen = bench.preview("all", None)
    assert (seen.items, seen.left_out) == (1, {"unfinished": 1})


def test_strata_come_from_labels_people_and_metadata(world: Any, line: Any) -> None:
    bench = line(4, authors=[world.annotator] * 3 + [world.annotator2])
    for item, said in zip(bench.items, ["night", "day", "day", None], strict=True):
        item.meta = {"time": said} if said else {}
        item.save(update_fields=["meta"])
    assert bench.preview("stratified", 1, by="meta.time").sample.strata == {"": (1, 1), "day": (2, 1), "night": (1, 1)}
    people = bench.preview("stratified", 1, by="person").sample.strata
    assert people == {str(world.annotator.pk): (3, 1), str(world.annotator2.pk): (1, 1)}
    assert bench.preview("stratified", 1, by="label").sample.strata == {"car": (4, 1)}


def test_disagreement_first_takes_what_agrees_least(world: Any, line: Any) -> None:
    bench = line(3, authors=[], overlap=2)
    bench.label(world.annotator, world.annotator2, world.annotator, labels=("car",))
    bench.label(world.annotator2, labels=("sign",))
    bench.label(world.annotator, world.annotator2, labels=("car",))
    for item, value in zip(bench.items, [0.9, 0.2, 0.5], strict=True):
        Agreement.objects.update_or_create(queue=bench.annotate, item=item, round=1, defaults={"value": value, "answers": 2})
    made = bench.plan("disagreement", 60)
    assert list(RoundItem.objects.filter(round=made, sampled=True).order_by("place").values_list("item_id", flat=True)) == [bench.items[1].pk, bench.items[2].pk]


def test_people_whose_work_came_back_are_sampled_more(world: Any, line: Any, queue_of: Any, make_items: Any) -> None:
    bench = line(4, authors=[world.annotator, world.annotator2] * 2)
    queue, judge = queue_of("review"), world.actor(world.reviewer)
    for _each in range(4):
        lease = next_task(queue, judge)
        bad = lease.annotation.person_id == world.annotator2.pk
        review(lease.pk, judge, "return" if bad else "accept", reason="loose" if bad else "")
    make_items(2)
    bench.label(world.annotator)
    rates = bench.preview("adaptive", 10).sample.rates
    assert rates[world.annotator.pk] == pytest.approx(10 * (0.5 / 12) / 0.05)
    assert world.annotator2.pk not in rates  # what came back is not answered yet
    Queue.objects.filter(pk=queue.pk).update(state="closed")
    bench.label(world.annotator2)
    assert bench.preview("adaptive", 10).sample.rates[world.annotator2.pk] == pytest.approx(10 * (2.5 / 12) / 0.05)


@pytest.mark.parametrize(
    ("plan", "more", "field"),
    [
        (Plan("some", 1), {}, "sample.kind"),
        (Plan("percent", 0), {}, "sample.value"),
        (Plan("percent", None), {}, "sample.value"),
        (Plan("percent", float("nan")), {}, "sample.value"),
        (Plan("count", 1.5), {}, "sample.value"),
        (Plan("count", float("inf")), {}, "sample.value"),
        (Plan("stratified", 10), {}, "sample.by"),
        (Plan("stratified", 10, 0, "meta."), {}, "sample.by"),
        (Plan("percent", 10, 0, "label"), {}, "sample.by"),
        (Plan("percent", 10, -1), {}, "sample.seed"),
        (Plan("all"), {"pass_mark": 0}, "pass_mark"),
        (Plan("all"), {"judged_by": "luck"}, "judged_by"),
        (Plan("all"), {"escalation": "shout"}, "escalation"),
    ],
)
def test_a_wish_that_does_not_fit_names_the_place(world: Any, line: Any, plan: Plan, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        planning.plan(planning.Wish(line(1).batch, plan, **more), by=world.actor(world.manager))
    assert list(error.value.fields) == [field]
    assert not Round.objects.exists()


def test_reviewers_who_may_not_judge_and_an_empty_batch_are_refused(world: Any, line: Any) -> None:
    bench = line(1)
    with pytest.raises(Invalid) as error:
        bench.plan("all", None, reviewers=(world.annotator,))
    assert list(error.value.fields) == ["reviewers[0]"]
    with pytest.raises(Denied):
        bench.plan("all", None, person=world.reviewer)
    bench.plan("all", None)
    with pytest.raises(Invalid) as empty:
        bench.plan("all", None)
    assert empty.value.code == "nothing_to_judge"
    assert Round.objects.count() == 1 and Queue.objects.filter(stage="review").count() == 1


def test_a_bound_says_beforehand_what_it_cannot_prove(line: Any) -> None:
    bench = line(3)
    assert bench.preview("count", 1, judged_by="bound").least == 73
    assert bench.preview("count", 1).least is None
    assert bench.preview("all", None, judged_by="bound").least is None  # all of it is seen: nothing is inferred


def test_a_large_batch_is_planned_by_a_job(world: Any, line: Any, run_jobs: Any, monkeypatch: Any) -> None:
    bench = line(3)
    monkeypatch.setattr(planning, "AT_ONCE", 2)
    made = bench.plan("all", None)
    assert (made.state, made.queue, made.job.kind) == ("planning", None, "rounds.plan")
    run_jobs()
    made.refresh_from_db()
    assert (made.state, made.items, made.sampled) == ("judging", 3, 3)


def test_an_archived_project_plans_nothing(world: Any, line: Any) -> None:
    bench = line(1)
    bench.batch.project.archived_at = timezone.now()
    with pytest.raises(Conflict):
        bench.plan("all", None)


@pytest.mark.parametrize(
    "wrong",
    [{"state": "odd"}, {"state": "passed"}, {"kind": "odd"}, {"judged_by": "odd"}, {"escalation": "odd"}, {"pass_mark": 1.1}, {"sampled": 9}],
)
def test_the_database_refuses_what_cannot_be(line: Any, wrong: dict[str, Any]) -> None:
    made = line(2).plan("all", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=made.pk).update(**wrong)
    assert made.state in ROUND.states


def test_the_database_keeps_an_item_in_one_live_round(line: Any) -> None:
    bench = line(1)
    made = bench.plan("all", None)
    [row] = RoundItem.objects.all()
    other = Round.objects.create(batch=bench.batch, number=2, kind="all", pass_mark=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoundItem.objects.create(round=other, item_id=row.item_id, annotation_id=row.annotation_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoundItem.objects.filter(pk=row.pk).update(outcome="odd")
    assert made.members.count() == 1
