"""The addresses of acts on many tasks, of kept tasks, and of moving a person's open work."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.queues.claim import next_task
from annotate.queues.models import Task

pytestmark = pytest.mark.django_db


def good(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return response.json() if response.content else None


def test_preview_act_tasks_and_undo(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(3)
    queue = queue_of()
    lease = next_task(queue, world.actor(world.annotator2))
    api, place = world.api(world.manager), f"/projects/{world.project.pk}/bulk"
    body = {"act": "assign", "q": "state = new", "queue": queue.pk, "person": "annotator"}
    assert good(api.post(f"{place}/preview", body)) == {"matched": 3, "changes": 2, "skipped": {"held": 1}}
    made = good(api.post(place, body), 201)
    assert (made["state"], made["counts"], made["arguments"]) == ("done", {"changed": 2, "held": 1}, {"person": world.annotator.pk})
    assert good(api.get(place))["results"] == [made] == [good(api.get(f"/bulk/{made['id']}"))]
    [held] = good(api.get(f"/bulk/{made['id']}/tasks?outcome=held"))["results"]
    assert (held["task"], held["item"], held["outcome"]) == (lease.task_id, lease.item_id, "held")
    undone = good(api.post(f"/bulk/{made['id']}/undo"))
    assert undone["state"] == "undone" and undone["undone_by"]["name"] == "manager"
    assert good(api.post(f"/bulk/{made['id']}/undo"), 409)["code"] == "undone"
    assert not Task.objects.exclude(person=None).exists()


def test_a_repeat_with_its_key_acts_once(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(2)
    queue = queue_of()
    next_task(queue, world.actor(world.annotator2))
    api, place = world.api(world.manager), f"/projects/{world.project.pk}/bulk"
    answers = [good(api.post(place, {"act": "void"}, headers={"Idempotency-Key": "one"}), 201) for _ in range(2)]
    assert answers[0] == answers[1]
    assert good(api.get(f"{place}?count=1"))["count"] == 1


def test_what_is_wrong_is_named(world: Any, queue_of: Any) -> None:
    queue_of()
    api, place = world.api(world.manager), f"/projects/{world.project.pk}/bulk"
    for body, field in (
        ({"act": "burn"}, "act"),
        ({"act": "assign"}, "person"),
        ({"act": "assign", "person": "nobody at all"}, "person"),
        ({"act": "void", "queue": 10**9}, "queue"),
        ({"act": "void", "because": 1}, "because"),
        ({"act": "prioritise"}, "place"),
        ({"act": "assign", "person": "annotator", "until": "2020-01-01T00:00:00Z"}, "until"),
    ):
        assert field in good(api.post(place, body), 400)["fields"], body
    assert good(api.post(place, {"act": "void", "q": "state = "}), 400)["column"]


def test_reservations(world: Any, make_items: Any, queue_of: Any) -> None:
    items = make_items(2)
    queue, api = queue_of(), world.api(world.manager)
    place = f"/queues/{queue.pk}/reservations"
    made = good(api.post(place, {"items": [items[1].pk, 10**12], "person": world.annotator.pk, "until": "2030-01-01T00:00:00Z"}))
    task = Task.objects.get(queue=queue, item=items[1])
    assert made == {"reserved": [{"item": items[1].pk, "task": task.pk}], "skipped": [{"item": 10**12, "code": "no_task"}]}
    [row] = good(api.get(f"{place}?person=annotator"))["results"]
    assert row["task"] == task.pk and row["person"]["name"] == "annotator" and row["until"] == "2030-01-01T00:00:00Z"
    assert good(api.get(f"{place}?person=manager"))["results"] == []
    assert api.delete(f"{place}/{task.pk}").status_code == 204
    assert good(api.get(place))["results"] == []
    assert good(api.post(place, {"items": [], "person": "annotator"}), 400)["fields"]["items"]


def test_moving_open_work(world: Any, make_items: Any, queue_of: Any) -> None:
    items = make_items(2)
    queue, api = queue_of(), world.api(world.manager)
    good(api.post(f"/queues/{queue.pk}/reservations", {"items": [items[1].pk], "person": "annotator"}))
    place = f"/queues/{queue.pk}/people/{world.annotator.pk}/move"
    assert good(api.post(place, {"to": "annotator2"})) == {"moved": {"reserved": 1}, "skipped": {}}
    everywhere = f"/projects/{world.project.pk}/people/{world.annotator2.pk}/move"
    assert good(api.post(everywhere, {"kinds": ["held"]})) == {"moved": {}, "skipped": {}}
    assert good(api.post(everywhere)) == {"moved": {"reserved": 1}, "skipped": {}}
    assert good(api.post(place, {"to": "annotator"}), 400)["fields"]["to"]
    assert good(api.post(place, {"kinds": []}), 400)["fields"]["kinds"]
    good(api.post(f"/queues/{queue.pk}/people/{world.outsider.pk}/move"), 404)


def test_the_list_of_acts_asks_the_same_for_one_and_for_many(world: Any, queue_of: Any, django_assert_num_queries: Any) -> None:
    queue_of()
    api, place = world.api(world.manager), f"/projects/{world.project.pk}/bulk"
    for number in (1, 4):
        for _ in range(number):
            good(api.post(place, {"act": "void"}), 201)
        with django_assert_num_queries(3):
            assert len(good(api.get(place))["results"]) in (1, 5)
