"""What was skipped waits for a manager, with who and why, and is put back, held or taken out."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.projects.models import Project
from annotate.projects.skip_reasons import of, usual
from annotate.queues import skips
from annotate.queues.claim import next_task
from annotate.queues.leases import skip
from annotate.queues.models import Hold, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def passed(world: Any, make_items: Any, queue_of: Any) -> Any:
    """(queue, item): skipped by both annotators."""
    [item] = make_items(1)
    queue = queue_of()
    for person in (world.annotator, world.annotator2):
        lease = next_task(queue, world.actor(person))
        skip(lease.pk, world.actor(person), reason=f"blurred, says {person.name}")
    return queue, item


def test_an_item_skipped_by_all_is_in_the_inbox_with_who_and_why(world: Any, passed: Any) -> None:
    queue, item = passed
    for person in (world.annotator, world.annotator2):
        assert next_task(queue, world.actor(person)) is None
    [row], total = skips.inbox(world.project)
    assert (row.item, row.queue, total) == (item, queue, 1)
    assert {each.reason for each in row.skips} == {"blurred, says annotator", "blurred, says annotator2"}
    body = world.page(world.manager).get(f"/p/{world.project.pk}/skipped").content.decode()
    assert "blurred, says annotator2" in body and "Put back" in body
    assert "1 skipped" in world.page(world.manager).get(f"/p/{world.project.pk}/queues").content.decode()


def settle(world: Any, passed: Any, act: str) -> Any:
    queue, item = passed
    return world.page(world.manager).post(f"/p/{world.project.pk}/skipped", {"item": item.pk, "queue": queue.pk, "act": act})


def test_put_back_it_is_served_to_those_who_skipped_it_and_may_be_skipped_again(world: Any, passed: Any) -> None:
    assert settle(world, passed, "back").status_code == 302
    assert skips.inbox(world.project) == ([], 0)
    lease = next_task(passed[0], world.actor(world.annotator))
    assert lease.item_id == passed[1].pk
    skip(lease.pk, world.actor(world.annotator), reason="still")
    assert next_task(passed[0], world.actor(world.annotator)) is None
    [row], _total = skips.inbox(world.project)
    assert [each.reason for each in row.skips] == ["still"]


def test_held_it_is_served_to_nobody(world: Any, passed: Any) -> None:
    settle(world, passed, "hold")
    assert Hold.objects.get().item_id == passed[1].pk
    assert next_task(passed[0], world.actor(world.manager)) is None


def test_taken_out_nobody_is_asked_any_more(world: Any, passed: Any) -> None:
    held = next_task(passed[0], world.actor(world.manager))
    settle(world, passed, "void")
    assert Task.objects.get().state == "void"
    held.refresh_from_db()
    assert held.ended_by == "move"
    with pytest.raises(Conflict):
        skips.settle(world.project, passed[1].pk, passed[0].pk, "back", by=world.actor(world.manager))


def test_an_answer_of_somebody_else_settles_it(world: Any, passed: Any, answer: Any) -> None:
    answer(passed[0], world.manager)
    assert skips.inbox(world.project) == ([], 0)


def test_only_managers_settle(world: Any, passed: Any) -> None:
    queue, item = passed
    with pytest.raises(Denied):
        skips.settle(world.project, item.pk, queue.pk, "back", by=world.actor(world.reviewer))
    with pytest.raises(Invalid):
        skips.settle(world.project, item.pk, queue.pk, "eat", by=world.actor(world.manager))
    assert world.page(world.annotator).get(f"/p/{world.project.pk}/skipped").status_code == 403


def test_a_project_has_its_own_reasons_or_the_usual_ones(world: Any) -> None:
    page = world.page(world.manager)
    assert of(world.project) == usual()
    page.post(f"/p/{world.project.pk}/settings/skip-reasons", {"reasons": "fog\n\n fog \nnight"})
    assert of(Project.objects.get(pk=world.project.pk)) == ["fog", "night"]
    api = world.api(world.manager)
    assert api.get(f"/projects/{world.project.pk}").json()["skip_reasons"] == ["fog", "night"]
    assert api.patch(f"/projects/{world.project.pk}", {"skip_reasons": []}).json()["skip_reasons"] == usual()
    assert api.patch(f"/projects/{world.project.pk}", {"skip_reasons": ["x" * 81]}).status_code == 400
