"""The figures behind gates are those of the quality pages, of a batch or of what a query finds."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.gold.services import add_truths
from annotate.items.models import Item
from annotate.queues.claim import next_task
from annotate.queues.submit import submit
from tests.qualifications.conftest import answer_of
from tests.quality.test_consensus_of_project import give, said
from tests.quality.test_figures import look_everywhere
from tests.rounds.conftest import Line
from workflows.gating.logic import Figure
from workflows.gating.measuring import ALL, Scope, figures
from workflows.quality import agreeing, gold, parts
from workflows.quality.standings import standings
from workflows.rounds import deciding

pytestmark = pytest.mark.django_db


def of(one: dict[str, Any]) -> Figure:
    return Figure(one["value"], one["low"], one["high"], one["of"] if "of" in one else one["items"], one["why"])


def test_agreement_of_answers_and_of_a_label_is_that_of_the_reports(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(12)
    queue = queue_of(overlap=2)
    give(world, queue, world.annotator, *[said("car") for _at in range(12)])
    give(world, queue, world.annotator2, *[said("car" if at > 2 else "person") for at in range(12)])
    look_everywhere()
    batch = Item.objects.first().batch
    asked = [("agreement", None), ("agreement", "car"), ("alpha", "car"), ("agreement", "sign"), ("answers", None), ("people", None), ("items", None)]
    found = figures(Scope(world.project, batches=[batch.pk]), asked)[batch.pk]
    [row] = standings(world.project, "batch", actor=world.actor(world.manager))
    assert found["agreement", None] == of(row["agreement"]) and found["agreement", None].of == 12
    parts.refresh(world.project)
    for name, measure in (("agreement", "percent"), ("alpha", "alpha")):
        rows = {one["label"]: one for one in agreeing.measure(world.project, measure, "label", batch=batch.pk)}
        assert found[name, "car"] == of(rows["car"]) and found[name, "car"].value is not None
    assert 0 < found["agreement", "car"].value < 1
    assert found["agreement", "sign"].value is None
    assert [found[name, None].value for name in ("answers", "people", "items")] == [24, 2, 12]
    together = figures(Scope(world.project, items=Item.objects.filter(project=world.project)), asked)[ALL]
    assert together == found
    part = figures(Scope(world.project, items=Item.objects.filter(key__lt=Item.objects.order_by("key")[3].key)), asked)[ALL]
    assert part["items", None].value == 3 and part["agreement", None].value is None


def test_what_is_too_much_to_look_at_now_is_left_to_the_cut(world: Any, make_items: Any, queue_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_items(3)
    queue = queue_of(overlap=2)
    for person in (world.annotator, world.annotator2):
        give(world, queue, person, *[said("car")] * 3)
    monkeypatch.setattr(agreeing, "AT_ONCE", 2)
    batch = Item.objects.first().batch_id
    at_once, cut = (figures(Scope(world.project, batches=[batch], at_once=now), [("agreement", "car")])[batch]["agreement", "car"] for now in (True, False))
    assert (at_once.why, cut.why) == ("large", "not_enough")
    parts.refresh(world.project)  # what has not changed since needs no second look
    assert figures(Scope(world.project, batches=[batch]), [("agreement", "car")])[batch]["agreement", "car"].why == "not_enough"


def test_gold_stands_for_the_people_and_queues_of_the_answers(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.items.services import create_batch

    by = world.actor(world.owner)
    known = create_batch(world.project, "known", by=by)
    add_truths(world.project, [{"item": item.pk, "annotation": answer_of(True)} for item in make_items(24, batch=known)], by=by)
    exercise, queue = queue_of(gold_percent=100), queue_of(q='batch = "march"')
    march = create_batch(world.project, "march", by=by)
    make_items(2, batch=march)
    for person, rights in ((world.annotator, [True] * 9 + [False]), (world.annotator2, [False] * 10)):
        for right in rights:
            lease = next_task(exercise, world.actor(person))
            submit(lease.pk, world.actor(person), answer_of(right), 1.0)
    gold.measure_some()
    lease = next_task(queue, world.actor(world.annotator))
    submit(lease.pk, world.actor(world.annotator), answer_of(True), 1.0)
    asked = [("gold_accuracy", None), ("gold_answers", None)]
    scope = Scope(world.project, batches=[march.pk])
    assert figures(scope, asked)[march.pk]["gold_answers", None].value == 0  # gold of another queue says nothing of this work
    from workflows.quality.models import GoldScore

    GoldScore.objects.update(queue=queue)
    found = figures(scope, asked)[march.pk]
    assert (found["gold_accuracy", None].value, found["gold_accuracy", None].of, found["gold_answers", None].value) == (0.9, 10, 10)  # the other has no answer here


def test_reviews_and_rounds_are_those_of_the_quality_page(world: Any, make_items: Any, queue_of: Any, run_jobs: Any) -> None:
    items = make_items(12)
    batch = items[0].batch
    line = Line(world, batch, queue_of(), items)
    line.label(*[world.annotator] * 12)
    line.judge(line.plan("all", None), *["return"] * 3, *["accept"] * 9)
    assert deciding.decide_some() == 1
    run_jobs()
    asked = [(name, None) for name in ("returned_rate", "round_error_rate", "reviewed_share", "approved_share", "quarantined_share")]
    found = figures(Scope(world.project, batches=[batch.pk]), asked)[batch.pk]
    [row] = standings(world.project, "batch", actor=world.actor(world.manager))
    assert found["returned_rate", None] == of(row["returned"]) and found["returned_rate", None].value == 0.25
    assert found["round_error_rate", None] == of(row["round_errors"]) and found["round_error_rate", None].of == 12
    assert found["reviewed_share", None] == Figure(1, 1, 1, 12, "")
    assert found["quarantined_share", None] == Figure(0, 0, 0, 12, "")
    assert 0 < found["approved_share", None].value < 1
