"""Pages of queues: what each role finds there, and what a manager does from them."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.queues.claim import next_task
from annotate.queues.drafts import save
from annotate.queues.models import Assignment, Draft, Lease, Queue, Task
from annotate.queues.services import change_queue, move_queue

pytestmark = pytest.mark.django_db
PLANNING = ("change", "move", "fill")


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return str(response.content.decode())


def typed(**over: Any) -> dict[str, Any]:
    return {"name": "night", "stage": "annotate", "q": "", "overlap": 1, "order": "oldest", "priority": 0, "lease_seconds": 900} | over


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("manager", 200), ("reviewer", 200), ("viewer", 200), ("annotator", 200), ("collector", 404), ("outsider", 404)],
)
def test_the_list_and_a_queue_render_for_those_who_may_see_them(
    world: Any, make_items: Any, queue_of: Any, answer: Any, who: str, status: int, language: str
) -> None:
    make_items(3)
    queue = queue_of(name="labelling")
    answer(queue, world.annotator)
    next_task(queue, world.actor(world.annotator2))
    page = world.page(getattr(world, who))
    page.cookies["sluice_language"] = language
    for place in (f"/p/{world.project.pk}/queues", f"/queues/{queue.pk}"):
        found = body(page.get(place), status)
        if status == 200:
            assert "labelling" in found
            plans = who in ("owner", "admin", "manager")
            assert ('name="lease_seconds"' in found) == plans
            assert (f'href="/work/{queue.pk}"' in found) == (who != "viewer")


def test_annotators_see_only_queues_they_may_work_in_and_no_numbers(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(3)
    mine, others = queue_of(name="mine"), queue_of(name="for-others", members=[world.annotator2])
    review = queue_of("review", name="judging")
    answer(mine, world.annotator2)
    next_task(mine, world.actor(world.annotator2))
    page = world.page(world.annotator)
    found = body(page.get(f"/p/{world.project.pk}/queues"))
    assert "mine" in found and "for-others" not in found and "judging" not in found and "<table" not in found
    assert page.get(f"/queues/{others.pk}").status_code == 404
    assert page.get(f"/queues/{review.pk}").status_code == 404
    one = body(page.get(f"/queues/{mine.pk}"))
    assert "annotator2" not in one and "figs" not in one and "Held now" not in one


def test_an_annotator_finds_their_own_answers_in_a_queue(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(2)
    queue = queue_of()
    answer(queue, world.annotator)
    answer(queue, world.annotator2)
    own = Task.objects.get(person=world.annotator)
    other = Task.objects.get(person=world.annotator2)
    found = body(world.page(world.annotator).get(f"/queues/{queue.pk}"))
    assert f"/items/{own.item_id}" in found and f"/items/{other.item_id}" not in found


def test_without_queues_the_page_says_what_to_do(world: Any) -> None:
    place = f"/p/{world.project.pk}/queues"
    assert "Make the first queue" in body(world.page(world.manager).get(place))
    assert "No queue for you yet" in body(world.page(world.annotator).get(place))


def test_numbers_of_a_queue_count_each_task_once(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    from annotate.queues.overview import standings
    from annotate.queues.tasks import send_back

    make_items(5)
    queue = queue_of()
    first = answer(queue, world.annotator)
    answer(queue, world.annotator)
    next_task(queue, world.actor(world.annotator2))
    next_task(queue, world.actor(world.annotator2), slot=1)
    send_back(first.annotation_id)
    found = standings([queue.pk])[queue.pk]
    assert (found.waiting, found.held, found.returned, found.answered, found.hour, found.people) == (1, 2, 1, 1, 1, 2)
    next_task(queue, world.actor(world.annotator))
    found = standings([queue.pk])[queue.pk]
    assert (found.waiting, found.held, found.returned) == (1, 3, 0)
    Lease.objects.update(expires_at="2020-01-01T00:00:00Z")
    found = standings([queue.pk])[queue.pk]
    assert (found.waiting, found.held, found.returned) == (3, 0, 1)


def test_a_queue_is_made_filled_and_its_people_named(world: Any, make_items: Any) -> None:
    make_items(3)
    page = world.page(world.manager)
    made = page.post(f"/p/{world.project.pk}/queues", typed(members=[world.annotator.pk], overlap=2, lease_seconds=60))
    queue = Queue.objects.get(name="night")
    assert (made.status_code, made["Location"]) == (302, f"/queues/{queue.pk}")
    assert (queue.overlap, queue.lease_seconds, queue.stage) == (2, 60, "annotate")
    assert list(queue.assignments.values_list("person_id", flat=True)) == [world.annotator.pk]
    assert Task.objects.filter(queue=queue).count() == 6
    assert "6 tasks wait in it" in body(page.get(f"/queues/{queue.pk}"))


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"name": ""}, "id_name_error"),
        ({"name": "labelling"}, "A queue of this name exists."),
        ({"overlap": 0}, "id_overlap_error"),
        ({"lease_seconds": 0}, "id_lease_seconds_error"),
        ({"stage": "sell"}, "id_stage_error"),
        ({"order": "backwards"}, "id_order_error"),
        ({"members": [10**9]}, "members_error"),
        ({"stage": "review", "members": ["annotator"]}, "holds no role"),
    ],
)
def test_what_was_typed_wrong_is_named_and_stays(world: Any, queue_of: Any, over: dict[str, Any], words: str) -> None:
    queue_of(name="labelling")
    if over.get("members") == ["annotator"]:
        over = over | {"members": [world.annotator.pk]}
    found = body(world.page(world.manager).post(f"/p/{world.project.pk}/queues", typed(q="state = new", **over)))
    assert words in found, found[-6000:]
    assert 'value="state = new"' in found
    assert Queue.objects.count() == 1


def test_a_wrong_query_is_marked_at_its_column(world: Any, queue_of: Any) -> None:
    page, queue = world.page(world.manager), queue_of(name="labelling")
    wrong = typed(q="state = new and bluriness < 1")
    for place in (f"/p/{world.project.pk}/queues", f"/queues/{queue.pk}/change"):
        found = body(page.post(place, wrong), 400)
        assert "Column 17" in found and '<span class="tok-e">bluriness</span>' in found
    assert list(Queue.objects.values_list("q", flat=True)) == [""]


def test_settings_are_changed_from_the_page(world: Any, queue_of: Any) -> None:
    queue = queue_of(name="labelling", order="random:42", members=[world.annotator])
    page = world.page(world.manager)
    found = body(page.get(f"/queues/{queue.pk}"))
    assert '<option value="random:42" selected>' in found and 'name="stage"' not in found
    assert page.post(f"/queues/{queue.pk}/change", typed(name="day", q="state = new", order="random:42", overlap=3)).status_code == 302
    queue.refresh_from_db()
    assert (queue.name, queue.q, queue.order, queue.overlap) == ("day", "state = new", "random:42", 3)
    assert not queue.assignments.exists()


def test_a_review_queue_has_no_overlap_to_set(world: Any, queue_of: Any) -> None:
    queue = queue_of("review", name="judging")
    page = world.page(world.manager)
    assert 'name="overlap"' not in body(page.get(f"/queues/{queue.pk}"))
    assert page.post(f"/queues/{queue.pk}/change", typed(name="second look")).status_code == 302


def test_pause_resume_fill_and_close(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(2)
    queue, page = queue_of(), world.page(world.manager)
    place = f"/queues/{queue.pk}"
    assert page.post(f"{place}/fill").status_code == 302
    assert Task.objects.filter(queue=queue).count() == 2
    held = next_task(queue, world.actor(world.annotator))
    for wanted, state in (("pause", "paused"), ("resume", "open"), ("close", "closed")):
        assert page.post(f"{place}/move", {"move": wanted}).status_code == 302
        queue.refresh_from_db()
        assert queue.state == state
    assert Lease.objects.get(pk=held.pk).ended_by == "move"
    assert 'name="lease_seconds"' not in body(page.get(place))
    page.post(f"{place}/move", {"move": "resume"})
    assert "cannot resume" in body(page.get(place))
    assert page.post(f"{place}/move", {"move": "sell"}).status_code == 404


def test_what_somebody_holds_is_taken_back_and_their_draft_stays(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue, page = queue_of(), world.page(world.manager)
    lease = next_task(queue, world.actor(world.annotator))
    save(lease.pk, world.actor(world.annotator), revision=0, document={"objects": [], "item": {}})
    assert "Take back" in body(page.get(f"/queues/{queue.pk}"))
    assert page.post(f"/queues/{queue.pk}/leases/{lease.pk}/take").status_code == 302
    assert "Taken back from annotator" in body(page.get(f"/queues/{queue.pk}"))
    assert next_task(queue, world.actor(world.annotator2)).task_id == lease.task_id
    assert Draft.objects.filter(person=world.annotator).exists()
    assert Activity.objects.get(verb="lease.take").data["person"] == world.annotator.pk
    page.post(f"/queues/{queue.pk}/leases/{lease.pk}/take")
    assert Activity.objects.filter(verb="lease.take").count() == 1
    assert page.post(f"/queues/{queue_of().pk}/leases/{lease.pk}/take").status_code == 404


def test_quotas_and_pauses_of_named_people(world: Any, queue_of: Any) -> None:
    queue, page = queue_of(members=[world.annotator]), world.page(world.manager)
    place = f"/queues/{queue.pk}/people/{world.annotator.pk}"
    assert page.post(place, {"quota_day": "5", "quota_total": "", "paused": "on"}).status_code == 302
    found = Assignment.objects.get(queue=queue)
    assert (found.quota_day, found.quota_total, found.paused) == (5, None, True)
    page.post(place, {"quota_day": "-1"})
    page.post(place, {"quota_day": "many"})
    assert Assignment.objects.get(queue=queue).quota_day == 5
    assert page.post(f"/queues/{queue.pk}/people/{world.annotator2.pk}", {"quota_day": "5"}).status_code == 404
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("reviewer", 403), ("annotator", 403), ("viewer", 403), ("collector", 404), ("outsider", 404)])
def test_only_managers_plan(world: Any, make_items: Any, queue_of: Any, who: str, status: int) -> None:
    make_items(1)
    queue = queue_of(members=[world.annotator])
    lease = next_task(queue, world.actor(world.annotator))
    page = world.page(getattr(world, who))
    for act in ("change", "move", "fill", f"leases/{lease.pk}/take", f"people/{world.annotator.pk}"):
        assert page.post(f"/queues/{queue.pk}/{act}", typed(move="close")).status_code == status, act
    assert page.post(f"/p/{world.project.pk}/queues", typed()).status_code == status
    queue.refresh_from_db()
    assert (queue.state, Queue.objects.count()) == ("open", 1)
    assert Lease.objects.get(pk=lease.pk).ended_at is None


def test_addresses_of_forms_lead_back_to_the_queue(world: Any, queue_of: Any) -> None:
    queue = queue_of()
    for act in PLANNING:
        response = world.page(world.manager).get(f"/queues/{queue.pk}/{act}")
        assert (response.status_code, response["Location"]) == (302, f"/queues/{queue.pk}")


def test_the_list_costs_the_same_for_one_queue_and_for_many(world: Any, make_items: Any, queue_of: Any, django_assert_max_num_queries: Any) -> None:
    make_items(2)
    page, place = world.page(world.reviewer), f"/p/{world.project.pk}/queues"
    queue_of()
    page.get(place)
    with django_assert_max_num_queries(15) as few:
        page.get(place)
    for _index in range(5):
        queue_of(members=[world.reviewer])
    with django_assert_max_num_queries(len(few)):
        page.get(place)


def test_nobody_starts_from_the_page_what_is_paused_or_where_they_are(world: Any, queue_of: Any) -> None:
    queue = queue_of(members=[world.annotator])
    page, start = world.page(world.annotator), f'href="/work/{queue.pk}"'
    assert start in body(page.get(f"/queues/{queue.pk}"))
    Assignment.objects.update(paused=True)
    assert start not in body(page.get(f"/queues/{queue.pk}"))
    Assignment.objects.update(paused=False)
    move_queue(queue, "pause", by=world.actor(world.owner))
    assert start not in body(page.get(f"/p/{world.project.pk}/queues"))
    change_queue(queue, members=[], by=world.actor(world.owner))
