"""Answers to gold are measured, each once, and who asked is told."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.annotations.models import Annotation
from annotate.gold.models import Gold
from annotate.gold.scored import scored
from annotate.gold.services import add_truths
from annotate.queues.claim import next_task
from annotate.queues.reopening import reopen
from annotate.queues.submit import submit
from tests.queues.conftest import a_box, a_document, answer, queue_of  # noqa: F401  fixtures
from workflows.quality import gold
from workflows.quality.models import GoldScore

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(world: Any, make_items: Any, queue_of: Any) -> Any:  # noqa: F811
    """A queue of gold: three items with one car each."""
    truths = [{"item": item.pk, "annotation": {"objects": [a_box("car", (1, 2, 10, 8))], "item": {}}} for item in make_items(3)]
    add_truths(world.project, truths, by=world.actor(world.owner))
    return queue_of(gold_percent=100)


def answered(queue: Any, actor: Any, document: dict[str, Any]) -> Any:
    lease = next_task(queue, actor)
    assert lease is not None
    submit(lease.pk, actor, document)
    return lease


def test_an_answer_is_measured_once_against_the_truth(world: Any, queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(scored, "_entries", {"test": lambda *about: told.append(about)})
    actor = world.actor(world.annotator)
    answered(queue, actor, {"objects": [a_box("car", (1, 2, 10, 8))], "item": {}})
    answered(queue, actor, {"objects": [a_box("person", (1, 2, 10, 8))], "item": {}})
    answered(queue, actor, {"objects": [], "item": {}})
    assert gold.measure_some() == 3
    assert gold.measure_some() == 0
    assert [row.score for row in GoldScore.objects.order_by("pk")] == [1.0, 0.0, 0.0]
    assert GoldScore.objects.order_by("pk")[1].parts["confused"] == [["car", "person", 1]]
    assert told == [(actor.person_id, queue.pk, value) for value in (1.0, 0.0, 0.0)]


def test_of_several_answers_to_one_task_the_last_counts(world: Any, queue: Any) -> None:
    actor = world.actor(world.annotator)
    lease = answered(queue, actor, {"objects": [], "item": {}})
    gold.measure_some()
    again = reopen(lease.task_id, actor)
    submit(again.pk, actor, {"objects": [a_box("car", (1, 2, 10, 8))], "item": {}})
    gold.measure_some()
    assert GoldScore.objects.count() == 2
    ids = list(Gold.objects.values_list("pk", flat=True))
    assert gold.mean_scores(ids) == {Gold.objects.get(item=lease.item_id).pk: 1.0}


def test_the_truth_itself_and_other_answers_are_not_measured(world: Any, queue: Any, queue_of: Any, answer: Any) -> None:  # noqa: F811
    assert answer(queue_of(), world.annotator2, "car") is not None
    assert gold.measure_some() == 0
    assert Annotation.objects.exclude(source="gold").count() == 1


def test_nothing_tells_gold_from_work(world: Any, queue: Any, queue_of: Any) -> None:  # noqa: F811
    """Bundle, answer, list of own answers: the same keys, and nowhere the word."""
    api = world.api(world.annotator)

    def keys(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: keys(inner) for name, inner in value.items() if name not in ("document", "meta")}
        return [keys(inner) for inner in value[:1]] if isinstance(value, list) else type(value).__name__

    seen = []
    for place in (queue.pk, queue_of().pk):
        bundle = api.post(f"/queues/{place}/next")
        lease = bundle.json()["lease"]["id"]
        kept = api.put(f"/leases/{lease}/draft", {"revision": 0, "annotation": a_document()}, format="json")
        done = api.post(f"/leases/{lease}/submit", {"annotation": a_document(), "seconds": 2}, format="json")
        mine = api.get(f"/queues/{place}/mine")
        item = api.get(f"/items/{bundle.json()['item']['id']}")
        revisions = api.get(f"/items/{bundle.json()['item']['id']}/annotations")
        told = [bundle, kept, done, mine, item, revisions]
        assert [one.status_code for one in told] == [200, 200, 201, 200, 200, 200], [one.content for one in told]
        assert not any(b"gold" in one.content.lower() for one in told)
        seen.append([keys(one.json()) for one in told] + [bundle.json()["task"]["round"], done.json()["revision"]])
    assert seen[0] == seen[1]


def test_an_answer_that_cannot_be_measured_holds_up_no_other(world: Any, queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = world.actor(world.annotator)
    for _each in range(3):
        answered(queue, actor, a_document("car"))
    bad, *rest = gold.waiting()
    whole = gold.measure
    monkeypatch.setattr(gold, "_set_aside", set())
    monkeypatch.setattr(gold, "measure", lambda one: 1 // 0 if one == bad else whole(one))
    assert gold.measure_some() == len(rest)
    assert gold.waiting() == []


def test_what_was_looked_through_a_while_ago_is_not_looked_at_again(world: Any, queue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gold, "_floor", 0)
    monkeypatch.setattr(gold, "_mark", (0.0, 0))
    answered(queue, world.actor(world.annotator), a_document())
    gold.measure_some()
    now = gold.time.monotonic()
    for later in (1, 2, 1000):
        monkeypatch.setattr(gold.time, "monotonic", lambda later=later: now + later)
        gold.measure_some()
    assert gold._floor == Annotation.objects.latest("pk").pk
    answered(queue, world.actor(world.annotator), a_document())
    assert gold.measure_some() == 1


def test_a_truth_that_the_labels_have_outgrown_measures_nobody(world: Any, queue: Any) -> None:
    from annotate.projects.services import change_schema
    from tests.conftest import SCHEMA

    actor = world.actor(world.annotator)
    lease = answered(queue, actor, {"objects": [], "item": {}})
    change_schema(world.project, SCHEMA | {"labels": [one for one in SCHEMA["labels"] if one["name"] != "car"]}, by=world.actor(world.owner))
    assert gold.measure_some() == 0
    assert Gold.objects.get(item=lease.item_id).state == "retired"
    assert not GoldScore.objects.exists()
