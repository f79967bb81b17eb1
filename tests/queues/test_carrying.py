"""Objects carried along to other frames of a group."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from annotate.kernel.errors import Invalid
from annotate.queues import drafts
from annotate.queues.carrying import carry
from annotate.queues.claim import next_task
from annotate.queues.frames import frames
from annotate.queues.leases import lock
from annotate.queues.models import Draft
from annotate.queues.stepping import step
from annotate.queues.submit import submit
from tests.queues.conftest import a_document, states, tracked

pytestmark = pytest.mark.django_db


def test_carried_objects_begin_the_drafts_of_other_frames(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(3)
    queue, actor = queue_of(), world.actor(world.annotator)
    lease = next_task(queue, actor)
    assert lease is not None
    one = tracked(source="interpolated")
    told = carry(lease.pk, actor, [{"item": item.pk, "revision": 0, "put": [one]} for item in (items[2], items[1])])
    assert told == [{"item": items[2].pk, "revision": 1, "filled": []}, {"item": items[1].pk, "revision": 1, "filled": []}]
    assert states(lease, actor) == {1: "here", 2: "mine", 3: "mine"}
    shown = {row["frame"]: row for row in frames(lock(lease.pk, actor)).rows}
    assert shown[2]["objects"][0]["source"] == "interpolated"
    moved = one | {"box": [5, 5, 10, 8]}
    told = carry(lease.pk, actor, [{"item": items[1].pk, "revision": 1, "put": [moved]}, {"item": items[2].pk, "revision": 1, "drop": [one["id"]]}])
    assert [row["revision"] for row in told] == [2, 2]
    shown = {row["frame"]: row for row in frames(lock(lease.pk, actor)).rows}
    assert [row["box"] for row in shown[2]["objects"]] == [[5, 5, 10, 8]]
    assert shown[3]["objects"] == []


def test_answers_about_the_item_fill_frames_that_have_none_and_can_be_cleared(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(3)
    queue, actor = queue_of(), world.actor(world.annotator)
    lease = next_task(queue, actor)
    assert lease is not None
    other = step(lease.pk, actor, item_id=items[1].pk)
    drafts.save(other.pk, actor, revision=0, document={"objects": [], "item": {"weather": "clear"}})
    lease = step(other.pk, actor, item_id=items[0].pk)
    change = {"fill": {"weather": "rain"}}
    told = carry(lease.pk, actor, [change | {"item": items[1].pk, "revision": 1}, change | {"item": items[2].pk, "revision": 0}])
    assert [row["filled"] for row in told] == [[], ["weather"]]
    assert [orjson.loads(row.document)["item"] for row in Draft.objects.order_by("task__item__frame")] == [{"weather": "clear"}, {"weather": "rain"}]
    carry(lease.pk, actor, [{"item": items[2].pk, "revision": 1, "clear": ["weather"]}])
    assert orjson.loads(Draft.objects.get(task__item=items[2]).document)["item"] == {}


def test_all_of_the_previous_frame_with_objects_is_told_also_what_has_no_track(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(4)
    queue, actor = queue_of(), world.actor(world.annotator)
    lease = next_task(queue, actor)
    assert lease is not None
    assert frames(lock(lease.pk, actor)).previous is None
    document = a_document("person")
    drafts.save(lease.pk, actor, revision=0, document=document)
    later = step(lease.pk, actor, item_id=items[3].pk)
    assert frames(lock(later.pk, actor)).previous == {"of": items[0].pk, "objects": document["objects"], "item": {}}


def test_a_frame_that_cannot_be_written_is_named_and_the_others_are_written(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(5)
    queue, anna, ben = queue_of(), world.actor(world.annotator), world.actor(world.annotator2)
    answered = next_task(queue, anna)
    assert answered is not None
    submit(answered.pk, anna, a_document())
    lease = next_task(queue, anna)
    assert lease is not None
    theirs = next_task(queue, ben)
    assert theirs is not None
    assert theirs.item_id == items[2].pk
    carry(lease.pk, anna, [{"item": items[3].pk, "revision": 0, "put": [tracked()]}])
    change: dict[str, Any] = {"revision": 0, "put": [tracked()]}
    told = carry(lease.pk, anna, [change | {"item": item.pk} for item in (items[0], items[1], items[2], items[3], items[4])])
    assert [row.get("code") for row in told] == ["frame_away", "frame_away", "frame_away", "stale_draft", None]
    told = carry(lease.pk, anna, [{"item": items[4].pk, "revision": 1, "put": [tracked() | {"id": 7}]}])
    assert told[0]["code"] == "invalid"
    assert Draft.objects.filter(person_id=anna.person_id).count() == 2


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ([], "frames"),
        ("all", "frames"),
        ([{"item": "x"}], "frames[0].item"),
        ([{"item": 1, "revision": -1}], "frames[0].revision"),
        ([{"item": 1, "put": {}}], "frames[0].put"),
        ([{"item": 1, "drop": [1]}], "frames[0].drop"),
        ([{"item": 1, "fill": []}], "frames[0].fill"),
        ([{"item": 1, "clear": [1]}], "frames[0].clear"),
        ([{"item": 1, "more": 1}], "frames[0]"),
        ([{"item": 1}, {"item": 1}], "frames"),
    ],
)
def test_a_list_that_is_not_sound_is_refused_by_name(world: Any, clip: Any, queue_of: Any, changes: Any, named: str) -> None:
    clip(2)
    queue, actor = queue_of(), world.actor(world.annotator)
    lease = next_task(queue, actor)
    assert lease is not None
    with pytest.raises(Invalid) as refused:
        carry(lease.pk, actor, changes)
    assert named in refused.value.fields


def test_a_carried_draft_begins_from_what_the_task_begins_from(world: Any, clip: Any, queue_of: Any) -> None:
    """An answer that was opened again is not lost under what is carried into it."""

    items = clip(2)
    queue, actor = queue_of(), world.actor(world.annotator)
    first = next_task(queue, actor)
    assert first is not None
    ahead = step(first.pk, actor, item_id=items[1].pk)
    submit(ahead.pk, actor, a_document("person"))
    lease = next_task(queue, actor)
    assert lease is not None
    back = step(lease.pk, actor, item_id=items[1].pk)  # opened again: its answer is what a draft begins from
    here = step(back.pk, actor, item_id=items[0].pk)
    carry(here.pk, actor, [{"item": items[1].pk, "revision": 0, "put": [tracked()]}])
    assert '"person"' in Draft.objects.get(task=ahead.task_id).document
