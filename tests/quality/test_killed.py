"""Measuring that is killed halfway: what was stored stays, the rest is measured by whoever looks next, nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.gold.services import add_truths
from annotate.items.services import NewItem, add_items, create_batch
from annotate.qualifications.models import Qualified, QualifyingRun
from annotate.qualifications.services import create
from annotate.qualifications.setting_up import give_run
from annotate.queues.claim import next_task
from annotate.queues.models import Pause
from annotate.queues.services import create_queue
from annotate.queues.submit import submit
from tests import own_process
from tests.concurrency.test_claims import at_once
from tests.conftest import make_world
from tests.qualifications.conftest import answer_of
from workflows.quality import gold
from workflows.quality.models import GoldScore, SkillPause
from workflows.quality.pause_rules import set_rule

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


def test_a_killed_worker_leaves_whole_scores_and_the_next_ones_end_the_run_once(world: Any) -> None:
    by, anna = world.actor(world.owner), world.actor(world.annotator)
    rows = [NewItem(key=f"{index}", uri=f"s3://b/{index}.jpg", width=64, height=48) for index in range(3)]
    added = add_items(create_batch(world.project, "gold", by=by), rows, by=by)
    add_truths(world.project, [{"item": item, "annotation": answer_of(True)} for item in added.accepted.values()], by=by)
    cells = give_run(create(world.project, "Cells", by=by), questions=3, pass_mark=0.5, by=by)
    for right in (True, True, False):
        lease = next_task(cells.queue_id, anna)
        assert lease is not None
        submit(lease.pk, anna, answer_of(right), 2.0)
    # With the third score the run ends, in the same transaction; the process dies in it.
    own_process.dies("tests.quality.process", 2)
    assert GoldScore.objects.count() == 2
    assert QualifyingRun.objects.get().state == "running"
    made = at_once(lambda _each: gold.measure_some(), range(4))
    assert sum(made) == 1, made
    assert [row.score for row in GoldScore.objects.order_by("annotation_id")] == [1.0, 1.0, 0.0]
    assert QualifyingRun.objects.get().state == "passed"
    assert Qualified.objects.get().score == pytest.approx(2 / 3)
    assert Activity.objects.filter(verb="qualification.pass").count() == 1
    assert gold.measure_some() == 0


def test_a_killed_worker_pauses_nobody_and_whoever_measures_next_does_so_once(world: Any) -> None:
    by, anna = world.actor(world.owner), world.actor(world.annotator)
    rows = [NewItem(key=f"{index}", uri=f"s3://b/{index}.jpg", width=64, height=48) for index in range(4)]
    added = add_items(create_batch(world.project, "gold", by=by), rows, by=by)
    add_truths(world.project, [{"item": item, "annotation": answer_of(True)} for item in added.accepted.values()], by=by)
    queue = create_queue(world.project, "drill", stage="annotate", gold_percent=100, by=by)
    set_rule(world.project, queue, least=3, by=by)
    for _each in range(4):
        lease = next_task(queue, anna)
        assert lease is not None
        submit(lease.pk, anna, answer_of(False), 2.0)
    # The third score pauses, in the same transaction; the process dies in it.
    own_process.dies("tests.quality.process", 2)
    assert (GoldScore.objects.count(), SkillPause.objects.count(), Pause.objects.count()) == (2, 0, 0)
    made = at_once(lambda _each: gold.measure_some(), range(4))
    assert sum(made) == 2, made
    assert SkillPause.objects.get().evidence["of"] == 3
    assert Pause.objects.count() == Activity.objects.filter(verb="person.pause_by_skill").count() == 1
