"""A working day of the demo's crew: they take tasks and answer them, a reviewer judges, through the services of real work."""

from __future__ import annotations

import random
from collections.abc import Mapping

from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.people.actor import Actor
from annotate.queues.claim import next_task
from annotate.queues.models import Lease, Queue, Task
from annotate.queues.submit import submit
from annotate.reviews.models import Review
from annotate.reviews.services import review
from workflows.demo import accounts
from workflows.demo.crew import EXACT, HANDS, Hand, answer
from workflows.demo.pictures import Frame

HAND_OF = {"anna": HANDS["careful"], "ben": HANDS["steady"], "chen": HANDS["hasty"]}
REASONS = {
    "missed_object": "The one behind is missing; please add it.",
    "badly_placed": "Please draw the edges closer.",
    "wrong_label": "Please look at this label again.",
}
Truth = Mapping[str, Frame]


def _document(frame: Frame, hand: Hand, seed: int) -> tuple[dict[str, object], float]:
    if not frame.usable:
        return {"objects": [], "item": {"weather": frame.weather, "usable": False}}, 4.0
    document, seconds = answer(frame.truths, frame.weather, hand, seed=seed)
    document["item"]["usable"] = True
    return document, seconds


def answer_lease(lease: Lease, by: Actor, truth: Truth, hand: Hand) -> None:
    """What this hand draws of the picture, submitted."""
    frame = truth[Item.objects.values_list("key", flat=True).get(pk=lease.item_id)]
    document, seconds = _document(frame, hand, seed=lease.item_id * 31 + len(hand.name))
    submit(lease.pk, by, document, seconds)


def label(queue: Queue, truth: Truth, *, until: int) -> None:
    """The annotators take turns until `until` tasks of the queue are answered, or nothing is left for them."""
    crew = [(accounts.actor(name), hand) for name, hand in HAND_OF.items()]
    while crew and Task.objects.filter(queue=queue, state="answered").count() < until:
        for place in list(crew):
            lease = next_task(queue, place[0])
            if lease is None:
                crew.remove(place)
            else:
                answer_lease(lease, place[0], truth, place[1])


def judge(queue: Queue, truth: Truth, annotate: Queue, *, until: int, everything: bool) -> None:
    """The reviewer judges until `until` verdicts are given: accepts most, returns some, mends a few by hand.

    With `everything`, what came back is done again by its author and judged once more, until nothing is returned.
    """
    reviewer = accounts.actor("rosa")
    while Review.objects.filter(task__queue=queue).count() < until:
        lease = next_task(queue, reviewer)
        if lease is None:
            if not everything or not _again(annotate, truth):
                return
            continue
        _judge(lease, reviewer, truth, may_return=True)
    while everything and (_again(annotate, truth) or next_task(queue, reviewer) is not None):
        lease = next_task(queue, reviewer)
        if lease is not None:
            _judge(lease, reviewer, truth, may_return=False)


def _judge(lease: Lease, reviewer: Actor, truth: Truth, *, may_return: bool) -> None:
    assert lease.annotation_id is not None, "a review names its revision"
    seen = Annotation.objects.select_related("item").get(pk=lease.annotation_id)
    frame = truth[seen.item.key]
    rng = random.Random(seen.pk * 7919)
    wanted = len(frame.truths) if frame.usable else 0
    wrong = len(seen.content["objects"]) != wanted or rng.random() < 0.06
    if not wrong or (seen.number > 1 and not may_return):
        review(lease.pk, reviewer, "accept")
    elif rng.random() < 0.45 or seen.number > 1:
        document = _document(frame, EXACT, seed=seen.pk)[0]
        review(lease.pk, reviewer, "fix", annotation=document)
    else:
        reason = "missed_object" if len(seen.content["objects"]) < wanted else rng.choice(("badly_placed", "wrong_label"))
        objects = seen.content["objects"]
        comment: dict[str, object] = {"text": REASONS[reason]}
        if objects and reason != "missed_object":
            comment["object"] = objects[0]["id"]
        review(lease.pk, reviewer, "return", reason_key=reason, comments=[comment])


def _again(queue: Queue, truth: Truth) -> int:
    """Returned work, done again by those it belongs to; how many."""
    done = 0
    for task in Task.objects.filter(queue=queue, state="returned", person__isnull=False).select_related("person"):
        assert task.person is not None
        by = Actor.of(task.person)
        lease = next_task(queue, by)
        if lease is not None:
            answer_lease(lease, by, truth, EXACT)
            done += 1
    return done
