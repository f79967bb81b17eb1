"""A round is decided by its verdicts: passed, it approves what nobody looked at; failed, it approves none of that and escalates."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.items.erasure import erase
from annotate.items.models import Item
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.projects.services import remove_member
from annotate.queues import holding
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Lease, Task
from annotate.queues.reopening import reopen
from annotate.queues.submit import submit
from annotate.reviews.models import Approval, Comment, Review
from annotate.reviews.services import review, withdraw
from annotate.reviews.undoing import undo
from tests.queues.conftest import a_document
from tests.rounds.conftest import fresh
from workflows.rounds import deciding, planning, settling, tallying
from workflows.rounds.models import Round, RoundItem

pytestmark = pytest.mark.django_db


def outcomes(made: Any) -> dict[str, int]:
    return dict(Round.objects.get(pk=made.pk).counts)


def unsampled(made: Any) -> list[int]:
    return list(RoundItem.objects.filter(round=made, sampled=False).order_by("item_id").values_list("item_id", flat=True))


def test_a_passed_round_approves_what_nobody_looked_at_once(world: Any, line: Any, run_jobs: Any) -> None:
    bench = line(6)
    made = bench.plan("count", 2)
    bench.judge(made, "accept")
    assert deciding.decide_some() == 0
    assert fresh(made).state == "judging"
    bench.judge(made, "accept")
    assert deciding.decide_some() == 1
    assert fresh(made).state == "passing"
    assert (deciding.decide_some(), run_jobs()) == (0, 1)
    made = fresh(made)
    assert (made.state, made.judged, made.erring, made.rate) == ("passed", 2, 0, 0.0)
    assert (made.low, made.high) == pytest.approx((0, 0.6576), abs=5e-5)
    assert outcomes(made) == {"accepted": 2, "approved": 4}
    assert bench.states() == {"approved": 6}
    stands = Approval.objects.filter(cause="round")
    assert {(row.item_id, row.annotation_id) for row in stands} == set(RoundItem.objects.filter(round=made, sampled=False).values_list("item_id", "annotation_id"))
    assert CurrentAnnotation.objects.filter(item__in=unsampled(made)).count() == 4
    assert (made.queue.state, RoundItem.objects.filter(live=True).exists()) == ("closed", False)
    told = Activity.objects.get(verb="approval.add")
    assert (told.person_id, told.data["count"], told.data["cause"], told.data["round"]) == (None, 4, "round", made.pk)
    assert Activity.objects.get(verb="round.pass").data["cause"] == "sample judged"
    assert settling.carry_out(made.pk).state == "passed" and Approval.objects.count() == 6


def test_a_failed_round_approves_none_of_it_and_draws_twice_as_many_anew(world: Any, line: Any) -> None:
    bench = line(8)
    made = bench.plan("count", 2, pass_mark=0.8)
    bench.judge(made, "accept", "return")
    made = deciding.close(made, by=world.actor(world.manager))
    assert (made.state, made.rate, outcomes(made)) == ("failed", 0.5, {"accepted": 1, "returned": 1, "stays": 6})
    assert not Approval.objects.filter(cause="round").exists()
    following = made.next
    assert (following.number, following.after, following.kind, following.value, following.seed) == (2, made, "count", 4.0, 8)
    assert (following.items, following.sampled, following.pass_mark, following.state) == (6, 4, 0.8, "judging")
    assert set(RoundItem.objects.filter(round=following).values_list("item_id", flat=True)) == set(unsampled(made))
    assert Activity.objects.get(verb="round.plan", noun_id=following.pk).data["cause"] == "escalation"
    assert made.queue.state == "open"  # what its author mends is judged there
    bench.judge(following, *["accept"] * 4)
    assert deciding.close(following, by=world.actor(world.manager)).state == "passed"
    bench.label(world.annotator)
    [again] = bench.judge(made, "accept")
    assert Review.objects.get(pk=again.review_id).round == 2
    assert bench.states() == {"approved": 8}
    assert [one.outcome for one in tallying.kept(fresh(made))] == [one.outcome for one in tallying.kept(made)]  # what came later is no part of it


def test_a_failed_round_can_give_all_of_the_batch_back_with_a_reason(world: Any, line: Any) -> None:
    bench = line(4, authors=[world.annotator, world.annotator2] * 2)
    made = bench.plan("count", 1, escalation="return")
    bench.judge(made, "return")
    made = deciding.close(made, by=world.actor(world.manager))
    assert (made.state, outcomes(made)) == ("failed", {"returned": 1, "sent_back": 3})
    assert bench.states() == {"returned": 4}
    for task in Task.objects.filter(queue=bench.annotate):
        assert (task.state, task.person_id) == ("returned", Annotation.objects.get(pk=task.annotation_id).person_id)
    words = Comment.objects.filter(item__in=unsampled(made))
    assert words.count() == 3 and {row.annotation_id for row in words} == set(RoundItem.objects.filter(sampled=False).values_list("annotation_id", flat=True))
    assert "1 of 1" in words[0].text and "Review round 1" in words[0].text
    assert not hasattr(made, "next")
    lease = next_task(bench.annotate, world.actor(world.annotator))
    assert lease.annotation_id is not None
    assert Activity.objects.get(verb="item.return").data["round"] == made.pk


def test_a_failed_round_may_have_no_consequence(world: Any, line: Any, queue_of: Any) -> None:
    bench = line(3)
    made = bench.plan("count", 1, escalation="none")
    bench.judge(made, "fix")
    made = deciding.close(made, by=world.actor(world.manager))
    assert (made.state, outcomes(made), bench.states()) == ("failed", {"fixed": 1, "stays": 2}, {"approved": 1, "labelled": 2})
    assert Round.objects.count() == 1
    assert fill(queue_of("review").pk) == 2  # they are anybody's to judge again


def test_a_fix_that_changes_nothing_is_no_mistake(world: Any, line: Any) -> None:
    bench = line(3)
    made = bench.plan("all", None)
    bench.judge(made, "same", "accept", "fix")
    of = tallying.figures(tallying.found(made.pk))
    assert (of.judged, of.erring, of.pending) == (3, 1, 0)
    assert [one.outcome for one in tallying.found(made.pk)] == ["accepted", "accepted", "fixed"]


@pytest.mark.parametrize(("judged_by", "state"), [("point", "passed"), ("bound", "failed")])
def test_what_is_held_against_the_mark_is_said(world: Any, line: Any, judged_by: str, state: str) -> None:
    bench = line(5)
    made = bench.plan("count", 3, judged_by=judged_by, escalation="none")
    bench.judge(made, *["accept"] * 3)
    assert deciding.close(made, by=world.actor(world.manager)).state == state


def test_when_all_was_judged_the_bound_asks_no_more_than_the_point(world: Any, line: Any) -> None:
    bench = line(2)
    made = bench.plan("all", None, judged_by="bound")
    bench.judge(made, "accept", "accept")
    assert deciding.close(made, by=world.actor(world.manager)).state == "passed"


def test_the_mark_itself_is_kept_to(world: Any, line: Any) -> None:
    bench = line(5)
    made = bench.plan("all", None, pass_mark=0.8)
    bench.judge(made, "return", *["accept"] * 4)
    assert deciding.close(made, by=world.actor(world.manager)).state == "passed"


def test_what_changed_since_is_left_out_and_counted(world: Any, line: Any) -> None:
    bench = line(7)
    made = bench.plan("count", 1)
    rest = unsampled(made)
    by = world.actor(world.annotator)
    again = Task.objects.get(queue=bench.annotate, item=rest[0])
    submit(reopen(again.pk, by).pk, by, a_document("sign"))
    reopen(Task.objects.get(queue=bench.annotate, item=rest[1]).pk, by)  # and not yet answered
    holding.hold([rest[2]], cause="rule:dark", by=None)
    erase_item_of(world, rest[3])
    bench.judge(made, "accept")
    made = deciding.close(made, by=world.actor(world.manager))
    assert outcomes(made) == {"accepted": 1, "approved": 2, "changed": 2, "elsewhere": 1, "held": 1}
    assert set(Approval.objects.filter(cause="round").values_list("item_id", flat=True)) == set(rest[4:])


def erase_item_of(world: Any, item_id: int) -> None:
    erase(Item.objects.select_related("project").get(pk=item_id), reason="asked for", by=world.actor(world.owner))


def test_a_sampled_answer_that_its_author_changed_is_waited_for_no_longer(world: Any, line: Any, run_jobs: Any) -> None:
    bench = line(3)
    made = bench.plan("count", 2)
    first = RoundItem.objects.filter(round=made, sampled=True).order_by("place").first()
    by = world.actor(world.annotator)
    submit(reopen(Task.objects.get(queue=bench.annotate, item=first.item_id).pk, by).pk, by, a_document("sign"))
    [judged] = bench.judge(made, "accept")
    assert deciding.decide_some() == 1 and run_jobs() == 1
    made = fresh(made)
    assert (made.state, made.judged, outcomes(made)) == ("passed", 1, {"accepted": 1, "approved": 1, "unjudged": 1})
    assert judged.annotation_id != first.annotation_id


def test_a_sample_that_changed_altogether_withdraws_the_round(world: Any, line: Any) -> None:
    bench = line(2)
    made = bench.plan("count", 1)
    one = RoundItem.objects.get(round=made, sampled=True)
    erase_item_of(world, one.item_id)
    assert deciding.decide_some() == 1
    made = fresh(made)
    assert (made.state, made.reason, outcomes(made)) == ("withdrawn", "nothing_judged", {"unjudged": 1})


def test_closing_early_decides_by_what_is_judged_and_asks_for_no_more(world: Any, line: Any) -> None:
    bench = line(5)
    made = bench.plan("count", 3)
    bench.judge(made, "accept")
    lease = next_task(made.queue, world.actor(world.reviewer))
    made = deciding.close(made, by=world.actor(world.manager))
    assert (made.state, made.judged, made.decided_by) == ("passed", 1, world.manager)
    assert outcomes(made) == {"accepted": 1, "approved": 2, "unjudged": 2}
    with pytest.raises(Conflict):
        review(lease.pk, world.actor(world.reviewer), "accept")
    assert Lease.objects.get(pk=lease.pk).ended_by == "move"
    assert Approval.objects.filter(cause="round").count() == 2  # unjudged ones of the sample are not approved unseen
    with pytest.raises(Conflict):
        deciding.close(made, by=world.actor(world.manager))


def test_nothing_is_decided_on_nothing(world: Any, line: Any) -> None:
    bench = line(2)
    made = bench.plan("all", None)
    with pytest.raises(Conflict) as error:
        deciding.close(made, by=world.actor(world.manager))
    assert error.value.code == "nothing_judged"
    assert fresh(made).state == "judging" and next_task(made.queue, world.actor(world.reviewer))
    with pytest.raises(Denied):
        deciding.close(made, by=world.actor(world.reviewer))


def test_a_withdrawn_round_leaves_verdicts_and_lets_the_rest_go(world: Any, line: Any, queue_of: Any) -> None:
    bench = line(4)
    made = bench.plan("count", 2)
    bench.judge(made, "accept")
    with pytest.raises(Invalid):
        deciding.withdraw(made, reason="x" * 501, by=world.actor(world.manager))
    made = deciding.withdraw(made, reason="wrong batch", by=world.actor(world.manager))
    assert (made.state, made.reason, outcomes(made)) == ("withdrawn", "wrong batch", {"accepted": 1, "unjudged": 1})
    assert bench.states() == {"approved": 1, "labelled": 3}
    assert fill(queue_of("review").pk) == 3
    with pytest.raises(Conflict):
        deciding.withdraw(made, by=world.actor(world.manager))


def test_a_verdict_counts_until_it_is_taken_back_and_a_decided_one_stands(world: Any, line: Any) -> None:
    bench = line(3)
    made = bench.plan("count", 1, escalation="none")
    [first] = bench.judge(made, "return")
    undo(first.review_id, by=world.actor(world.reviewer))
    assert deciding.decide_some() == 0
    [second] = bench.judge(made, "fix")
    undo(second.review_id, by=world.actor(world.reviewer))  # a revision follows that says what the author's said
    assert deciding.decide_some() == 0 and tallying.figures(tallying.found(made.pk)).pending == 1
    [third] = bench.judge(made, "accept")
    made = deciding.close(made, by=world.actor(world.manager))
    assert (made.state, made.judged, made.erring) == ("passed", 1, 0)
    with pytest.raises(Conflict):
        undo(third.review_id, by=world.actor(world.reviewer))
    withdraw(Review.objects.get(pk=third.review_id).item, "wrong", by=world.actor(world.manager))


def test_an_escalation_that_finds_nothing_left_or_nobody_to_ask_says_so(world: Any, line: Any, run_jobs: Any) -> None:
    bench = line(2)
    made = bench.plan("all", None)
    bench.judge(made, "return", "return")
    made = deciding.close(made, by=world.actor(world.manager))
    assert (made.state, made.reason) == ("failed", "nothing_left")
    bench.label(world.annotator, world.annotator)
    assert fill(made.queue_id) == 2
    second = bench.plan("count", 1)
    assert second.items == 2  # they were waiting in the first round's queue, and are taken over
    bench.judge(second, "return")
    remove_member(world.project, world.manager, by=world.actor(world.owner))
    assert deciding.decide_some() == 1 and run_jobs() == 1
    assert (fresh(second).state, fresh(second).reason) == ("failed", "nobody_to_ask")


def test_a_decision_whose_job_was_lost_goes_on(world: Any, line: Any, run_jobs: Any) -> None:
    from annotate.jobs.models import Job

    bench = line(3)
    made = bench.plan("count", 1)
    bench.judge(made, "accept")
    deciding.decide_some()
    Job.objects.all().delete()
    assert deciding.decide_some() == 1 and run_jobs() == 1
    assert fresh(made).state == "passed"


def test_a_plan_whose_job_was_lost_is_withdrawn_and_says_so(line: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(planning, "AT_ONCE", 0)
    made = line(1).plan("all", None)
    assert deciding.decide_some() == 0
    made.job.state = "failed"
    made.job.save()
    assert deciding.decide_some() == 1
    assert (fresh(made).state, fresh(made).reason) == ("withdrawn", "not_planned")
