"""Frames of a group: their order, who works through them, and stepping between them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from annotate.items.models import Item
from annotate.kernel import sql
from annotate.kernel.errors import Conflict, Missing
from annotate.queues import claim, drafts, picking
from annotate.queues.carrying import carry
from annotate.queues.claim import admitted, next_task
from annotate.queues.fill import fill, reorder
from annotate.queues.frames import _FRAMES
from annotate.queues.holding import hold
from annotate.queues.leases import lock, release, renew
from annotate.queues.models import Draft, GroupClaim, Lease, Task
from annotate.queues.services import change_queue, set_place
from annotate.queues.stepping import step
from annotate.queues.submit import submit
from annotate.queues.taking_back import take_back
from tests.queues.conftest import a_document, states, tracked
from tests.queues.test_next import expire

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("order", ["oldest", "newest", "random:5", "priority"])
def test_items_of_a_group_come_in_frame_order(world: Any, clip: Any, queue_of: Any, order: str) -> None:
    one, two = clip(5, "b"), clip(4, "a")
    queue, actor = queue_of(order=order), world.actor(world.annotator)
    seen = []
    while (lease := next_task(queue, actor)) is not None:
        seen.append(lease.item_id)
        submit(lease.pk, actor, a_document())
    numbers = [Item.objects.get(pk=item).frame for item in seen]
    assert numbers in ([*range(1, 6), *range(1, 5)], [*range(1, 5), *range(1, 6)])
    assert len(seen) == len(one) + len(two)


def test_frames_that_come_later_stand_with_their_group(world: Any, clip: Any, make_items: Any, queue_of: Any) -> None:
    early, between = clip(2), make_items(1)
    queue, ben = queue_of(), world.actor(world.annotator)
    first = next_task(queue, ben)
    late = make_items(1)[0]
    Item.objects.filter(pk=late.pk).update(group="clip", frame=3)
    assert first is not None
    fill(queue.pk)
    served = [first.item_id]
    submit(first.pk, ben, a_document())
    while (lease := next_task(queue, ben)) is not None:
        served.append(lease.item_id)
        submit(lease.pk, ben, a_document())
    assert served == [early[0].pk, early[1].pk, late.pk, between[0].pk]


def test_a_new_order_of_a_queue_keeps_frames_together(world: Any, clip: Any, queue_of: Any) -> None:
    clip(3, "a"), clip(3, "b")
    queue = queue_of()
    next_task(queue, world.actor(world.annotator))
    change_queue(queue, by=world.actor(world.owner), order="random:9")
    reorder(queue)
    waiting = Task.objects.filter(queue=queue).order_by("rank", "id").select_related("item")
    assert [(t.item.group, t.item.frame) for t in waiting] in (
        [(g, f) for g in "ab" for f in (1, 2, 3)],
        [(g, f) for g in "ba" for f in (1, 2, 3)],
    )


def test_two_people_work_through_two_groups(world: Any, clip: Any, queue_of: Any) -> None:
    a, b = clip(3, "a"), clip(3, "b")
    queue, anna, ben = queue_of(), world.actor(world.annotator), world.actor(world.annotator2)
    got: dict[str, list[int]] = {"anna": [], "ben": []}
    for _round in range(3):
        for name, actor in (("anna", anna), ("ben", ben)):
            lease = next_task(queue, actor)
            assert lease is not None
            got[name].append(lease.item_id)
            submit(lease.pk, actor, a_document())
    assert got == {"anna": [one.pk for one in a], "ben": [one.pk for one in b]}


def test_when_nothing_else_is_left_another_person_gets_frames_of_the_same_group(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(3)
    queue = queue_of()
    first, second = next_task(queue, world.actor(world.annotator)), next_task(queue, world.actor(world.annotator2))
    assert first is not None
    assert second is not None
    assert [first.item_id, second.item_id] == [items[0].pk, items[1].pk]


def test_a_claim_that_runs_out_between_two_looks_hides_no_frame(world: Any, clip: Any, queue_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    items = clip(3)
    queue = queue_of()
    assert next_task(queue, world.actor(world.annotator)) is not None
    row, last = sql.row, picking.statement("annotate", wait=True)
    looks: list[str] = []

    def running_out(statement: str, values: Any, **how: Any) -> Any:
        if statement == claim._OTHERS and looks.count(last) == 2:
            GroupClaim.objects.update(expires_at="2000-01-01T00:00:00Z")
        looks.append(statement)
        return row(statement, values, **how)

    monkeypatch.setattr(sql, "row", running_out)
    found = next_task(queue, world.actor(world.annotator2))
    assert looks.count(last) == 2
    assert found is not None
    assert found.item_id == items[1].pk


def test_a_frame_that_somebody_has_begun_is_theirs_while_they_work_there(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(2)
    queue, anna, ben = queue_of(), world.actor(world.annotator), world.actor(world.annotator2)
    lease = next_task(queue, anna)
    assert lease is not None
    carry(lease.pk, anna, [{"item": items[1].pk, "revision": 0, "put": [tracked()]}])
    assert next_task(queue, ben) is None
    GroupClaim.objects.filter(person_id=anna.person_id).update(expires_at="2000-01-01T00:00:00Z")
    found = next_task(queue, ben)
    assert found is not None
    assert found.item_id == items[1].pk


def test_with_overlap_as_many_people_share_a_group_as_it_needs_answers(world: Any, clip: Any, queue_of: Any) -> None:
    items, others = clip(2, "a"), clip(2, "b")
    queue = queue_of(overlap=2)
    people = [world.actor(one) for one in (world.annotator, world.annotator2, world.reviewer)]
    got = [next_task(queue, actor) for actor in people]
    assert [one and one.item_id for one in got] == [items[0].pk, items[0].pk, others[0].pk]


def test_a_step_leads_to_the_frame_and_back_with_its_draft(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(4)
    queue, actor = queue_of(), world.actor(world.annotator)
    first = next_task(queue, actor)
    assert first is not None
    drafts.save(first.pk, actor, revision=0, document=a_document())
    third = step(first.pk, actor, item_id=items[2].pk)
    assert third.item_id == items[2].pk
    assert states(third, actor) == {1: "mine", 2: "open", 3: "here", 4: "open"}
    again = step(third.pk, actor, item_id=items[0].pk)
    assert again.task_id == first.task_id
    assert Draft.objects.get(task=again.task_id).revision == 1
    assert Lease.objects.filter(person_id=actor.person_id, ended_at=None).count() == 1
    with pytest.raises(Conflict) as refused:
        renew(first.pk, actor)
    assert refused.value.extra["ended_by"] == "step"


def test_what_was_fetched_ahead_stays_so_over_a_step_and_is_taken_when_it_is_the_one_asked_for(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(3)
    queue, actor = queue_of(), world.actor(world.annotator)
    first, ahead = next_task(queue, actor), next_task(queue, actor, slot=1)
    assert first is not None
    assert ahead is not None
    last = step(first.pk, actor, item_id=items[2].pk)
    assert next_task(queue, actor, slot=1).pk == ahead.pk  # type: ignore[union-attr]
    second = step(last.pk, actor, item_id=items[1].pk)
    assert (second.pk, second.slot) == (ahead.pk, 0)
    assert next_task(queue, actor, slot=1).item_id == items[2].pk  # type: ignore[union-attr]


def test_a_step_to_an_own_answer_opens_it_again_until_a_reviewer_has_seen_it(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(2)
    queue, actor = queue_of(), world.actor(world.annotator)
    first = next_task(queue, actor)
    assert first is not None
    done = submit(first.pk, actor, a_document())
    second = next_task(queue, actor)
    assert second is not None
    assert states(second, actor) == {1: "answered", 2: "here"}
    back = step(second.pk, actor, item_id=items[0].pk)
    assert (back.item_id, back.annotation_id) == (items[0].pk, done.annotation_id)
    submit(back.pk, actor, a_document())
    judged = queue_of("review")
    assert next_task(judged, world.actor(world.reviewer)) is not None
    second = next_task(queue, actor)
    assert second is not None
    with pytest.raises(Conflict) as refused:
        step(second.pk, actor, item_id=items[0].pk)
    assert refused.value.code == "opened_by_reviewer"
    assert states(second, actor) == {1: "done", 2: "here"}
    assert lock(second.pk, actor).live


def test_a_frame_of_somebody_else_is_away_and_a_step_there_changes_nothing(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(3)
    queue, anna, ben = queue_of(), world.actor(world.annotator), world.actor(world.annotator2)
    mine, theirs = next_task(queue, anna), next_task(queue, ben)
    assert mine is not None
    assert theirs is not None
    hold([items[2].pk], cause="dark", reason="", by=world.actor(world.owner))
    assert states(mine, anna) == {1: "here", 2: "away", 3: "away"}
    for away in items[1:]:
        with pytest.raises(Conflict) as refused:
            step(mine.pk, anna, item_id=away.pk)
        assert refused.value.code == "frame_away"
    assert lock(mine.pk, anna).live


def test_a_step_reaches_only_frames_of_the_same_group(world: Any, clip: Any, make_items: Any, queue_of: Any) -> None:
    clip(2, "a")
    others, alone = clip(2, "b"), make_items(1)
    queue, actor = queue_of(), world.actor(world.annotator)
    lease = next_task(queue, actor)
    assert lease is not None
    for item in (others[0].pk, alone[0].pk, 10**9):
        with pytest.raises(Missing):
            step(lease.pk, actor, item_id=item)
    with pytest.raises(Missing):
        step(lease.pk, world.actor(world.annotator2), item_id=lease.item_id)


def test_a_step_takes_no_more_than_the_quota(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(3)
    queue, actor = queue_of(), world.actor(world.annotator)
    set_place(queue, world.annotator, by=world.actor(world.owner), quota_total=1)
    lease = next_task(queue, actor)
    assert lease is not None
    ahead = step(lease.pk, actor, item_id=items[1].pk)
    submit(ahead.pk, actor, a_document())
    assert next_task(queue, actor) is None


def blocks(statement: str, values: dict[str, Any]) -> int:
    """Blocks of tables and indexes that a statement looks at."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.mark.parametrize("known", [(-1, 0), (0, 1)])
def test_a_new_queue_of_thousands_is_not_read_through_for_a_frame(world: Any, make_items: Any, queue_of: Any, planner: Any, known: tuple[int, int]) -> None:
    planner(*known)
    (first,) = make_items(1, group="take 0", frame=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO annotate_item (project_id, batch_id, key, uri, group_key, frame, meta, state, created_at)"
            " SELECT %s, %s, 'f' || n, 's3://x/' || n, 'take ' || n / 20, n %% 20, '{}', 'new', now() FROM generate_series(1, 5000) n",
            [world.project.pk, first.batch_id],
        )
    queue, actor = queue_of(), world.actor(world.annotator)
    lease = next_task(queue, actor)
    assert lease is not None
    context = admitted(queue.pk, actor)
    here: dict[str, Any] = {"queue": queue.pk, "person": actor.person_id, "item": lease.item_id}
    leasing = here | context.leasing(1) | {"group": context.group, "project": context.project_id}
    assert blocks(picking.in_group("annotate", ahead=True), leasing) < 1500
    assert blocks(picking.one("annotate", by="item"), leasing | {"item": lease.item_id + 1}) < 1500
    assert blocks(_FRAMES, here | {"judges": False, "most": 250}) < 3000


def test_taking_back_frees_the_rest_of_the_group(world: Any, clip: Any, make_items: Any, queue_of: Any) -> None:
    items = clip(2)
    make_items(1)
    queue, anna, ben = queue_of(), world.actor(world.annotator), world.actor(world.annotator2)
    lease = next_task(queue, anna)
    assert lease is not None
    take_back(queue, lease.pk, by=world.actor(world.owner))
    found = next_task(queue, ben)
    assert found is not None
    assert found.item_id == items[0].pk


def test_renewing_keeps_the_group(world: Any, clip: Any, queue_of: Any) -> None:
    clip(2)
    queue, anna = queue_of(), world.actor(world.annotator)
    lease = next_task(queue, anna)
    assert lease is not None
    GroupClaim.objects.update(expires_at="2000-01-01T00:00:00Z")
    renew(lease.pk, anna)
    assert GroupClaim.objects.get().expires_at.year > 2000
    release(lease.pk, anna)


def test_a_step_from_a_lease_that_ran_out_is_refused(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(2)
    queue, anna = queue_of(), world.actor(world.annotator)
    lease = next_task(queue, anna)
    assert lease is not None
    expire(lease)
    with pytest.raises(Conflict):
        step(lease.pk, anna, item_id=items[1].pk)


def test_the_routes_answer_and_tell_nothing_of_others(world: Any, clip: Any, queue_of: Any) -> None:
    items = clip(3)
    queue = queue_of()
    api, other = world.api(world.annotator), world.api(world.annotator2)
    lease = api.post(f"/queues/{queue.pk}/next").json()["lease"]["id"]
    other.post(f"/queues/{queue.pk}/next")
    rows = api.get(f"/leases/{lease}/frames").json()["frames"]
    assert [(row["state"], row["key"], row["task"] is None) for row in rows] == [
        ("here", items[0].key, False),
        ("away", None, True),
        ("open", None, True),
    ]
    body = {"frames": [{"item": items[2].pk, "put": [tracked()]}]}
    assert api.put(f"/leases/{lease}/frames", body).json() == {"frames": [{"item": items[2].pk, "revision": 1, "filled": []}]}
    answer = api.post(f"/leases/{lease}/frame", {"item": items[2].pk})
    assert answer.status_code == 201
    assert answer.json()["draft"]["annotation"]["objects"][0]["label"] == "car"
    assert other.get(f"/leases/{answer.json()['lease']['id']}/frames").status_code == 404
    assert api.post(f"/leases/{lease}/frame", {"item": "x"}).status_code == 400
