"""Frames as gold: asked about in runs alone, each as a picture of its own; neither its neighbours nor the workbench help or tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from annotate.gold.services import add_gold
from annotate.items.models import Item
from annotate.kernel.errors import Missing
from annotate.qualifications.models import Qualification
from annotate.qualifications.services import create
from annotate.qualifications.setting_up import give_run
from annotate.queues import mixing, reopening
from annotate.queues.carrying import carry
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.frames import frames
from annotate.queues.leases import lock, renew
from annotate.queues.models import Draft, GroupClaim, Task
from annotate.queues.services import create_queue
from annotate.queues.stepping import step
from annotate.queues.submit import submit
from tests.queues.conftest import a_document, clip, queue_of, states, tracked  # noqa: F401  fixtures
from workflows.insight.work import offers

pytestmark = pytest.mark.django_db


@pytest.fixture
def golden(world: Any, clip: Any, approved: Any) -> Callable[..., list[Item]]:  # noqa: F811
    """`golden(4, "b")`: as many approved frames of a group, all of them gold."""

    def make(n: int, group: str = "clip") -> list[Item]:
        found: list[Item] = clip(n, group)
        for item in found:
            approved(item)
        made = add_gold(world.project, [item.pk for item in found], by=world.actor(world.manager))
        assert len(made.gold) == n
        return found

    return make


@pytest.fixture
def run(world: Any) -> Callable[..., Qualification]:
    def make(questions: int, **more: Any) -> Qualification:
        by = world.actor(world.manager)
        return give_run(create(world.project, "Streets", by=by), questions=questions, by=by, **more)

    return make


def test_a_run_asks_about_frames_as_pictures_of_their_own(world: Any, golden: Any, run: Any) -> None:
    golden(3)
    queue, api = run(3).queue, world.api(world.annotator)
    for place in range(3):
        bundle = api.post(f"/queues/{queue.pk}/next").json()
        assert (bundle["item"]["group"], bundle["item"]["frame"]) == (None, None)
        lease = f"/leases/{bundle['lease']['id']}"
        assert api.get(f"{lease}/frames").json() == {"frames": [], "previous": None}
        api.post(f"{lease}/submit", {"annotation": a_document(), "seconds": 2})
        assert Task.objects.filter(queue=queue, state="answered").count() == place + 1
    assert not GroupClaim.objects.exists()
    # Opened again, it is still a picture of its own.
    task = Task.objects.filter(queue=queue).latest("pk")
    again = api.post(f"/tasks/{task.pk}/reopen").json()
    assert again["annotation"]["revision"] == 1
    assert (again["item"]["group"], again["item"]["frame"]) == (None, None)
    assert api.get(f"/leases/{again['lease']['id']}/frames").json() == {"frames": [], "previous": None}
    assert not GroupClaim.objects.exists()


def test_what_was_drawn_on_neighbours_is_not_at_hand_in_a_run(world: Any, golden: Any, run: Any, clip: Any, queue_of: Any) -> None:  # noqa: F811
    """The person has drafts and answers of the neighbouring frames; from the question there is no way to them, or from it to them."""
    free = clip(4)
    ordinary, actor = queue_of(q="state = new", name="label"), world.actor(world.annotator)
    fill(ordinary.pk)
    first = next_task(ordinary, actor)
    assert first is not None
    submit(first.pk, actor, {"objects": [tracked()], "item": {}})
    [known] = golden(1)
    Item.objects.filter(pk=known.pk).update(group="clip", frame=9)
    lease = next_task(run(1).queue, actor)
    assert lease is not None
    assert lease.item_id == known.pk
    found = frames(lock(lease.pk, actor))
    assert (found.rows, found.previous, found.tasks) == ([], None, {})
    with pytest.raises(Missing):
        step(lease.pk, actor, item_id=free[1].pk)
    told = carry(lease.pk, actor, [{"item": free[1].pk, "revision": 0, "put": [tracked()]}])
    assert told[0]["code"] == "frame_away"
    assert not Draft.objects.exists()
    renew(lease.pk, actor)
    assert GroupClaim.objects.filter(queue=lease.queue).count() == 0


def test_a_question_does_not_show_on_the_strip_of_its_group(world: Any, golden: Any, run: Any, clip: Any, queue_of: Any) -> None:  # noqa: F811
    clip(2)
    ordinary, actor = queue_of(q="state = new", name="label"), world.actor(world.annotator)
    fill(ordinary.pk)
    known = golden(2)
    Item.objects.filter(pk=known[0].pk).update(frame=3)
    Item.objects.filter(pk=known[1].pk).update(frame=4)
    lease = next_task(run(1).queue, actor)
    assert lease is not None
    before = next_task(ordinary, actor)
    assert before is not None
    seen = states(before, actor)
    submit(lease.pk, actor, a_document())
    assert states(before, actor) == seen == {1: "here", 2: "open", 3: "away", 4: "away"}


def test_frames_are_never_mixed_into_work(world: Any, golden: Any, clip: Any, make_items: Any, queue_of: Any) -> None:  # noqa: F811
    clip(3, "work")
    make_items(3)
    queue, actor = queue_of(gold_percent=99, q="state = new"), world.actor(world.annotator)
    fill(queue.pk)
    golden(4)
    only = queue_of(gold_percent=100)
    waiting = {offer.queue: offer.waiting for offer in offers(world.annotator.pk, {world.project.pk: "annotator"})}
    assert waiting == {queue.pk: 6, only.pk: 0}
    while (lease := next_task(queue, actor)) is not None:
        submit(lease.pk, actor, a_document())
    assert next_task(only, actor) is None
    assert not Task.objects.filter(gold=True).exists()


def test_a_run_goes_from_group_to_group(world: Any, golden: Any, run: Any) -> None:
    """Frames of one group are nearly one question: each group is asked about once before any is asked about twice."""
    for group in "abc":
        golden(4, group)
    queue, actor = run(6).queue, world.actor(world.annotator)
    groups = []
    while (lease := next_task(queue, actor)) is not None:
        groups.append(lease.item.group)
        submit(lease.pk, actor, a_document())
    assert set(groups[:3]) == {"a", "b", "c"}
    assert Counter(groups) == {"a": 2, "b": 2, "c": 2}


def test_frames_count_for_the_questions_of_a_run_and_its_score(world: Any, golden: Any, run: Any) -> None:
    from annotate.qualifications.models import Qualified
    from workflows.quality.gold import measure_some

    golden(2)
    assert mixing.unseen(world.project.pk, world.annotator.pk, 10, run=True) == 2
    assert mixing.unseen(world.project.pk, world.annotator.pk, 10, run=False) == 0
    found, actor = run(2, pass_mark=0.5), world.actor(world.annotator)
    while (lease := next_task(found.queue, actor)) is not None:
        submit(lease.pk, actor, {"objects": [{**a_document()["objects"][0]}], "item": {}})
    measure_some()
    assert Qualified.objects.get(person=world.annotator).score == pytest.approx(1.0)
    with pytest.raises(reopening.Conflict):
        reopening.reopen(Task.objects.latest("pk").pk, actor)


def test_the_page_says_where_frames_are_asked_about(world: Any, golden: Any, make_items: Any, approved: Any, run: Any) -> None:
    golden(2)
    page = world.page(world.manager)
    address = f"/p/{world.project.pk}/gold"
    said = page.get(address).content.decode()
    assert "2 of them are frames of groups" in said
    assert said.count("frame: in runs only") == 2
    assert "hand out none now" not in said
    create_queue(world.project, "mixed", stage="annotate", gold_percent=10, by=world.actor(world.owner))
    assert "hand out none now" in page.get(address).content.decode()
    run(2)
    assert "a run of 2 questions" in page.get(address).content.decode()
    [picture] = make_items(1)
    approved(picture)
    add_gold(world.project, [picture.pk], by=world.actor(world.manager))
    said = page.get(address).content.decode()
    assert "hand out none now" not in said
    assert "3 items are handed out as gold" in said
