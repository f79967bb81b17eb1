"""What is taken for what: people against what was approved and gold, models against people, and the very things behind a cell."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.annotations.models import Annotation, Prediction
from annotate.items.erasure import erase
from annotate.kernel.canonical import digest, dumps
from annotate.reviews.services import review
from tests.gold.conftest import approved
from tests.quality.test_consensus_of_project import decide, give, said
from tests.queues.conftest import queue_of
from workflows.quality import comparing, confused
from workflows.quality.confused import Thing, matrix, things
from workflows.quality.models import Confused, Kept

__all__ = ["approved", "queue_of"]
SIGN = ("sign", (40, 20, 10, 10))
AS_CAR = ("car", (40, 20, 10, 10))


@pytest.fixture
def decided(world: Any, make_items: Any, queue_of: Any, run_jobs: Any) -> Any:
    """Three items that two people see alike; the third takes a sign for a car, misses one, and draws a person that nobody sees."""
    items = make_items(3)
    queue = queue_of(overlap=3)
    alike = [said("car", SIGN, weather="rain")] * 3
    give(world, queue, world.annotator, *alike)
    give(world, queue, world.annotator2, *alike)
    give(world, queue, world.reviewer, said("car", AS_CAR, weather="rain"), said("car", weather="fog"), said("car", SIGN, ("person", (20, 30, 10, 10)), weather="rain"))
    decide(world, run_jobs)
    return items


def cells(found: confused.Matrix) -> dict[tuple[str, str], int]:
    """(meant, given) → how many, but for none."""
    names = (*found.labels, "")
    return {(meant, given): n for meant, row in zip(names, found.counts, strict=True) for given, n in zip(names, row, strict=True) if n}


def test_people_are_held_against_what_was_approved(world: Any, decided: Any) -> None:
    found = matrix(world.project)
    assert cells(found) == {("car", "car"): 9, ("sign", "sign"): 7, ("sign", "car"): 1, ("sign", ""): 1, ("", "person"): 1}
    assert (found.items, found.answers, found.right, found.total) == (3, 9, 16, 19) and found.measured_at
    assert found.labels == ("car", "person", "sign")  # as the schema has them
    assert cells(matrix(world.project, about="weather")) == {("rain", "rain"): 8, ("rain", "fog"): 1}


def test_a_cell_names_the_very_things(world: Any, decided: Any) -> None:
    [wrong] = things(world.project, given="car", meant="sign")
    annotation = Annotation.objects.get(pk=wrong.annotation_id)
    [thing] = [one for one in annotation.content["objects"] if one["id"] == wrong.object_id]
    assert (annotation.person, annotation.item_id, thing["label"], thing["box"]) == (world.reviewer, decided[0].pk, "car", [40, 20, 10, 10])
    [missed] = things(world.project, given=None, meant="sign")
    truth = Annotation.objects.get(pk=missed.annotation_id)
    assert truth.source == "consensus" and [one["label"] for one in truth.content["objects"] if one["id"] == missed.object_id] == ["sign"]
    assert [one.item_id for one in things(world.project, given="person", meant=None)] == [decided[2].pk]
    assert things(world.project, given="fog", meant="rain", about="weather") == [Thing(decided[1].pk, Annotation.objects.get(item=decided[1], person=world.reviewer).pk, None)]


def test_things_come_page_by_page_each_once(world: Any, decided: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confused, "ITEMS", 1)
    whole = things(world.project, given="car", meant="car")
    assert len(whole) == 9 and whole == sorted(whole, key=lambda one: one.place)
    paged: list[Thing] = []
    while page := things(world.project, given="car", meant="car", limit=2, after=paged[-1] if paged else None):
        paged += page
    assert paged == whole


def test_only_the_batch_that_is_asked_for(world: Any, decided: Any) -> None:
    here, elsewhere = decided[0].batch_id, decided[0].batch_id + 99
    assert matrix(world.project, batch=here).total == 19 and matrix(world.project, batch=elsewhere).total == 0 == matrix(world.project, batch=elsewhere).items
    assert len(things(world.project, given="car", meant="sign", batch=here)) == 1 and not things(world.project, given="car", meant="sign", batch=elsewhere)


def test_the_first_answer_that_was_judged_counts_and_one_that_nobody_looked_at_does_not(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.queues.claim import next_task

    make_items(2)
    queue, judged = queue_of(), queue_of("review")
    give(world, queue, world.annotator, said(AS_CAR), said("car"))
    returned = next_task(judged, world.actor(world.reviewer))
    review(returned.pk, world.actor(world.reviewer), "return", reason="a sign")
    give(world, queue, world.annotator, said(SIGN))
    assert matrix(world.project).answers == 0  # nothing is approved
    for _item in range(2):
        lease = next_task(judged, world.actor(world.reviewer))
        review(lease.pk, world.actor(world.reviewer), "accept")
    found = matrix(world.project)
    assert cells(found) == {("sign", "car"): 1, ("car", "car"): 1} and found.answers == 2


def test_a_fix_shows_what_was_wrong(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.queues.claim import next_task

    make_items(1)
    judged = queue_of("review")
    give(world, queue_of(), world.annotator, said(AS_CAR))
    lease = next_task(judged, world.actor(world.reviewer))
    review(lease.pk, world.actor(world.reviewer), "fix", annotation=said(SIGN))
    assert cells(matrix(world.project)) == {("sign", "car"): 1}


def predict(item: Any, *boxes: Any) -> Prediction:
    text = dumps(said(*boxes))
    made: Prediction = Prediction.objects.create(item=item, model="m", document=text.decode() if isinstance(text, bytes) else text, digest=digest(text))
    return made


def test_the_newest_prediction_is_held_against_people(world: Any, decided: Any) -> None:
    predict(decided[0], "car", SIGN)
    newest = predict(decided[0], "car", AS_CAR, ("person", (20, 30, 10, 10)))
    assert cells(matrix(world.project, of="model")) == {("car", "car"): 1, ("sign", "car"): 1, ("", "person"): 1}
    [extra] = things(world.project, given="person", meant=None, of="model")
    truth = Annotation.objects.get(item=decided[0], source="consensus")
    assert (extra.item_id, extra.annotation_id, extra.prediction_id) == (decided[0].pk, truth.pk, newest.pk)
    [wrong] = things(world.project, given="car", meant="sign", of="model")
    assert wrong.annotation_id == truth.pk and wrong.object_id in {one["id"] for one in truth.content["objects"]} and wrong.prediction_id is None
    assert cells(matrix(world.project))[("car", "car")] == 9


def test_only_what_changed_is_compared_again(world: Any, decided: Any) -> None:
    assert comparing.refresh(world.project, "people") == 3
    assert comparing.refresh(world.project, "people") == 0
    from annotate.reviews.services import withdraw

    withdraw(decided[0], "not so", by=world.actor(world.manager))
    assert comparing.refresh(world.project, "people") == 1
    assert not Kept.objects.filter(item=decided[0]).exists() and matrix(world.project).items == 2


def test_a_large_project_has_no_figures_before_its_job(world: Any, decided: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confused, "AT_ONCE", 2)
    assert matrix(world.project).measured_at is None and not things(world.project, given="car", meant="sign")
    told: list[tuple[int, int]] = []
    confused.measure(world.project, "people", lambda done, total: told.append((done, total)))
    assert matrix(world.project).total == 19 and told[-1] == (3, 3)


def test_an_erased_item_leaves_nothing_that_was_compared(world: Any, decided: Any) -> None:
    matrix(world.project)
    erase(decided[0], by=world.actor(world.manager), reason="asked for")
    assert not Confused.objects.filter(item=decided[0]).exists() and not Kept.objects.filter(item=decided[0]).exists()
    assert matrix(world.project).items == 2
