"""What follows from a decision is killed with -9 and comes to what it would have come to: each item once, one larger round."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.queues.models import Task
from annotate.reviews.models import Approval, Comment
from tests import own_process
from tests.rounds.bench import labelled
from tests.rounds.conftest import fresh
from workflows.rounds import deciding, settling
from workflows.rounds.models import Round, RoundItem

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bench(transactional_db: None) -> Any:
    return labelled(7)


def dies(what: str, made: Round, n: int) -> None:
    own_process.dies("tests.rounds.process", what, made.pk, n)


def decided(bench: Any, verdict: str, **more: Any) -> Round:
    made: Round = bench.plan("count", 1, **more)
    bench.judge(made, verdict)
    assert deciding.decide(made.pk)
    return made


@pytest.mark.parametrize("n", [1, 3])
def test_approving_that_is_killed_approves_the_rest_and_nothing_twice(bench: Any, n: int) -> None:
    made = decided(bench, "accept")
    dies("settle", made, n)
    assert RoundItem.objects.filter(round=made, outcome="approved").count() == Approval.objects.filter(cause="round").count() == (n - 1) * 2
    assert fresh(made).state == "passing"
    dies("over", made, 1)
    assert fresh(made).state == "passing" and RoundItem.objects.filter(live=True).count() == 7
    assert settling.carry_out(made.pk).state == "passed"
    assert Approval.objects.filter(cause="round", ended_at=None).count() == Approval.objects.filter(cause="round").count() == 6
    assert sum(row.data["count"] for row in Activity.objects.filter(verb="approval.add")) == 6
    assert bench.states() == {"approved": 7}


def test_returning_that_is_killed_returns_the_rest_with_one_word_each(bench: Any) -> None:
    made = decided(bench, "return", escalation="return")
    dies("settle", made, 2)
    assert Comment.objects.count() == RoundItem.objects.filter(outcome="sent_back").count() == 2
    assert settling.carry_out(made.pk).counts == {"returned": 1, "sent_back": 6}
    assert Comment.objects.count() == 6 and Task.objects.filter(queue=bench.annotate, state="returned").count() == 7


def test_an_escalation_that_is_killed_makes_one_larger_round(bench: Any) -> None:
    made = decided(bench, "return")
    dies("over", made, 1)
    assert Round.objects.count() == 1 and fresh(made).state == "failing"
    assert settling.carry_out(made.pk).state == "failed"
    settling.carry_out(made.pk)
    following = Round.objects.get(after=made)
    assert (following.items, following.sampled, RoundItem.objects.filter(round=following).count()) == (6, 2, 6)
