"""Overlapping answers brought together: what is approved, what is left and why, once each however often it is cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.jobs.models import Job
from annotate.reviews.models import Approval
from annotate.reviews.services import withdraw
from tests import own_process
from tests.conftest import make_world
from tests.queues.conftest import a_box, a_document, queue_of
from workflows.quality import concluding
from workflows.quality.models import Consensus

__all__ = ["queue_of"]
Give = Callable[..., Any]


def said(*boxes: Any, **item: Any) -> dict[str, Any]:
    return {"objects": [a_box(*box) if isinstance(box, tuple) else a_box(box) for box in boxes], "item": item}


def give(world: Any, queue: Any, person: Any, *answers: Any) -> None:
    """The person takes the next items of the queue and answers them so."""
    from annotate.queues.claim import next_task
    from annotate.queues.submit import submit

    for document in answers:
        lease = next_task(queue, world.actor(person))
        assert lease is not None
        submit(lease.pk, world.actor(person), document, 3.5)


@pytest.fixture
def three(world: Any, make_items: Any, queue_of: Any) -> Any:
    """Five items, three answers each: alike; two against one; three ways; a box that one saw; a box more that two saw."""
    items = make_items(5)
    queue = queue_of(overlap=3)
    ways = [("rain", "rain", "rain"), ("rain", "rain", "fog"), ("rain", "fog", "night"), ("fog", "fog", "fog"), ("fog", "fog", "fog")]
    for at, person in enumerate((world.annotator, world.annotator2, world.reviewer)):
        boxes: list[list[Any]] = [["car"], ["car"], ["car"], ["car"], ["car"]]
        if at == 0:
            boxes[3].append(("sign", (40, 20, 10, 10)))
        if at < 2:
            boxes[4].append(("sign", (40, 20, 10, 10)))
        give(world, queue, person, *(said(*boxes[place], weather=way[at]) for place, way in enumerate(ways)))
    return items


def decide(world: Any, run_jobs: Any, **body: Any) -> dict[str, Any]:
    answered = world.api(world.manager).post(f"/projects/{world.project.pk}/consensus", {"method": "majority", **body})
    assert answered.status_code == 202, answered.content
    run_jobs()
    job = Job.objects.get(pk=answered.json()["id"])
    assert job.state == "done", job.error
    result: dict[str, Any] = job.result
    return result


def test_what_most_say_is_approved_with_its_reasons_and_a_tie_is_left(world: Any, three: Any, run_jobs: Any) -> None:
    result = decide(world, run_jobs)
    assert result | {"answers": 0} == {
        "items": 5, "decided": 4, "methods": {"majority": 3, "unanimous": 1}, "left": {"tie": 1}, "answers": 0, "method": "majority", "dry_run": False
    }  # fmt: skip
    assert [Item.objects.get(pk=one.pk).state for one in three] == ["approved", "approved", "labelled", "approved", "approved"]
    kept = {row.item_id: row for row in Consensus.objects.select_related("annotation")}
    documents = [kept[three[at].pk].annotation.content for at in (0, 1, 3, 4)]
    assert [one["item"]["weather"] for one in documents] == ["rain", "rain", "fog", "fog"]
    assert [sorted(thing["label"] for thing in one["objects"]) for one in documents] == [["car"], ["car"], ["car"], ["car", "sign"]]
    assert {row.annotation.source for row in kept.values()} == {"consensus"} and {row.annotation.person_id for row in kept.values()} == {None}
    assert kept[three[1].pk].explanation["item"]["weather"]["weights"] == [["rain", 2.0], ["fog", 1.0]]
    assert kept[three[1].pk].confidence == pytest.approx(2 / 3)
    approval = Approval.objects.get(item=three[1])
    assert (approval.cause, approval.person, approval.annotation_id) == ("consensus", world.manager, kept[three[1].pk].annotation_id)
    row = Activity.objects.get(verb="approval.add")
    assert (row.data["count"], row.data["cause"]) == (4, "consensus") and Activity.objects.filter(verb="consensus.start").count() == 1


def test_again_decides_nothing_more_and_a_withdrawn_item_stays_withdrawn(world: Any, three: Any, run_jobs: Any) -> None:
    decide(world, run_jobs)
    withdraw(three[0], "not so", by=world.actor(world.manager))
    revisions = Annotation.objects.count()
    assert decide(world, run_jobs)["left"] == {"tie": 1, "withdrawn": 1}
    assert Annotation.objects.count() == revisions


def test_a_dry_run_counts_and_writes_nothing(world: Any, three: Any, run_jobs: Any) -> None:
    world.api(world.manager)  # a token is a row of the activity
    before = Activity.objects.count(), Annotation.objects.count()
    result = decide(world, run_jobs, dry_run=True)
    assert (result["decided"], result["left"], result["dry_run"]) == (4, {"tie": 1}, True)
    assert (Activity.objects.count(), Annotation.objects.count()) == before and not Approval.objects.exists() and not Consensus.objects.exists()


def test_a_quorum_of_all_leaves_what_one_saw_otherwise(world: Any, three: Any, run_jobs: Any) -> None:
    result = decide(world, run_jobs, quorum=3)
    assert (result["methods"], result["left"]) == ({"unanimous": 1}, {"below_quorum": 3, "tie": 1})


def test_a_query_says_which_items_are_decided(world: Any, three: Any, run_jobs: Any) -> None:
    assert decide(world, run_jobs, q=f"key = {three[1].key}")["methods"] == {"majority": 1}


@pytest.mark.parametrize("method", ["wawa", "dawid_skene", "one_coin", "best"])
def test_every_method_decides(world: Any, three: Any, run_jobs: Any, method: str) -> None:
    result = decide(world, run_jobs, method=method)
    assert result["decided"] >= 4 and Consensus.objects.get(item=three[1]).annotation.content["item"]["weather"] == "rain"
    assert Consensus.objects.get(item=three[1]).explanation["truth"]["weather"]["votes"]


def test_who_is_right_more_often_wins_over_an_equal_number(world: Any, make_items: Any, queue_of: Any, run_jobs: Any) -> None:
    make_items(6)
    queue = queue_of(overlap=3)
    give(world, queue, world.annotator, *(said(weather=one) for one in ("rain", "fog", "rain", "fog", "rain", "fog")))
    give(world, queue, world.annotator2, *(said(weather=one) for one in ("rain", "fog", "rain", "fog", "fog", "rain")))
    give(world, queue, world.reviewer, *(said(weather=one) for one in ("rain", "fog", "rain", "fog", "rain", "fog")))
    further = make_items(1)
    pair = queue_of(overlap=2, q=f"key = {further[0].key}")
    give(world, pair, world.annotator, said(weather="night"))
    give(world, pair, world.annotator2, said(weather="fog"))
    assert decide(world, run_jobs, dry_run=True)["left"] == {"tie": 1}
    assert decide(world, run_jobs, method="wawa")["left"] == {}
    assert Consensus.objects.get(item=further[0]).annotation.content["item"] == {"weather": "night"}


def test_items_whose_answers_are_not_all_in_or_that_are_held_are_left(world: Any, three: Any, run_jobs: Any, queue_of: Any, make_items: Any) -> None:
    from annotate.queues.models import Hold

    Hold.objects.create(item=three[0], cause="rule", reason="dark")
    [further] = make_items(1)
    give(world, queue_of(overlap=2, q=f"key = {further.key}"), world.annotator, said("car"))
    assert decide(world, run_jobs)["left"] == {"held": 1, "tie": 1, "unfinished": 1}


@pytest.mark.parametrize(("body", "field"), [({"method": "guess"}, "method"), ({"quorum": 0}, "quorum"), ({"more": 1}, "more")])
def test_what_does_not_fit_is_named(world: Any, body: dict[str, Any], field: str) -> None:
    answered = world.api(world.manager).post(f"/projects/{world.project.pk}/consensus", body)
    assert answered.status_code == 400 and field in answered.json()["fields"] and not Job.objects.exists()


def test_a_query_that_cannot_be_read_is_refused_at_once(world: Any) -> None:
    assert world.api(world.manager).post(f"/projects/{world.project.pk}/consensus", {"q": "labe = car"}).status_code == 400


def test_an_item_with_a_consensus_is_erased_whole(world: Any, three: Any, run_jobs: Any) -> None:
    decide(world, run_jobs)
    assert world.api(world.owner).delete(f"/items/{three[1].pk}", {"reason": "asked for"}).status_code == 204
    run_jobs()
    assert not Consensus.objects.filter(item=three[1]).exists() and Consensus.objects.count() == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_killed_decides_the_rest_and_nothing_twice(transactional_db: None) -> None:
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.jobs.services import execute
    from annotate.queues.services import create_queue

    world = make_world()
    by = world.actor(world.owner)
    batch = create_batch(world.project, "march", by=by)
    add_items(batch, [NewItem(key=f"{at}.jpg", uri=f"s3://b/{at}.jpg", width=64, height=48) for at in range(7)], by=by)
    queue = create_queue(world.project, "twice", stage="annotate", overlap=2, by=by)
    for person in (world.annotator, world.annotator2):
        give(world, queue, person, *[a_document("car")] * 7)
    job = concluding.start(world.project, method="wawa", by=by)
    own_process.dies("tests.quality.consensus_process", job.pk, 2)
    assert Approval.objects.count() == Consensus.objects.count() == 2
    Job.objects.filter(pk=job.pk).update(state="queued", lease_until=None)
    execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["decided"], job.result["methods"]) == ("done", 7, {"unanimous": 7})
    assert Approval.objects.count() == Consensus.objects.count() == Annotation.objects.filter(source="consensus").count() == 7
    assert sum(row.data["count"] for row in Activity.objects.filter(verb="approval.add")) == 7
