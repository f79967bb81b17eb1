"""The people page: what each did and holds today, sorted by any column, paused and let go on; for managers only."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from annotate.queues.claim import next_task
from annotate.queues.models import Pause
from workflows.insight import output, watching

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    watching._kept.clear()


def rows_of(world: Any) -> dict[str, output.PersonRow]:
    return {row.name: row for row in output.people(world.project, now=timezone.now())}


def names(body: str) -> list[str]:
    return re.findall(r'<span class="cut person">([^<]*)</span>', body)


def page(world: Any, query: str = "", person: Any = None) -> str:
    response = world.page(person or world.manager).get(f"/p/{world.project.pk}/people{query}")
    assert response.status_code == 200
    return str(response.content.decode())


def test_active_time_is_the_stopwatchs_and_not_the_clocks(world: Any, make_items: Any, queue_of: Any, did: Any, judged: Any) -> None:
    make_items(6)
    queue, review = queue_of(), queue_of("review")
    now = timezone.now()
    did(queue, world.annotator, 100)
    did(queue, world.annotator, 20)
    did(queue, world.annotator, None)
    did(queue, world.annotator, 50, now - 2 * DAY)
    did(queue, world.annotator, 999, now - 9 * DAY)
    judged(review, world.reviewer, "return", 7)
    rows = rows_of(world)
    mine = rows[world.annotator.name]
    assert (mine.seconds_today, mine.today, mine.week, mine.untimed, mine.pace, mine.sent_back) == (120, 3, 4, 1, 50, 1)
    judge = rows[world.reviewer.name]
    assert (judge.seconds_today, judge.today, judge.sent_back) == (7, 1, 0)


def test_what_a_reviewer_fixes_is_their_verdict_and_no_answer_besides(world: Any, make_items: Any, queue_of: Any, did: Any, judged: Any) -> None:
    make_items(1)
    did(queue_of(), world.annotator)
    judged(queue_of("review"), world.reviewer, "fix", 40)
    judge = rows_of(world)[world.reviewer.name]
    assert (judge.today, judge.seconds_today) == (1, 40)


def test_open_work_is_what_they_hold_have_back_and_are_kept(world: Any, make_items: Any, queue_of: Any, did: Any, judged: Any) -> None:
    make_items(4)
    queue = queue_of()
    did(queue, world.annotator)
    judged(queue_of("review"), world.reviewer, "return")
    held = next_task(queue, world.actor(world.annotator2))
    free = queue.tasks.filter(state="open", person=None).exclude(pk=held.task_id).first()
    queue.tasks.filter(pk=free.pk).update(person=world.annotator)
    rows = rows_of(world)
    assert (rows[world.annotator.name].returned, rows[world.annotator.name].reserved, rows[world.annotator.name].held) == (1, 1, 0)
    assert (rows[world.annotator2.name].held, rows[world.annotator2.name].held_since) == (1, held.created_at)


def test_every_column_sorts_both_ways_and_says_so(world: Any, make_items: Any, queue_of: Any, did: Any) -> None:
    make_items(3)
    queue = queue_of()
    did(queue, world.annotator, 10)
    for _time in range(2):
        did(queue, world.annotator2, 20)
    assert names(page(world, "?sort=-today"))[:2] == [world.annotator2.name, world.annotator.name]
    assert names(page(world, "?sort=today"))[-2:] == [world.annotator.name, world.annotator2.name]
    for column in output.COLUMNS:
        for sort, order in ((column, "ascending"), (f"-{column}", "descending")):
            assert re.findall(r'aria-sort="(\w+)"', page(world, f"?sort={sort}")) == [order]
    assert 'aria-sort="ascending"' in page(world, "?sort=nonsense&page=-3")


def test_names_are_found_and_an_empty_answer_says_what_to_do(world: Any) -> None:
    assert names(page(world, f"?q={world.reviewer.name.upper()}")) == [world.reviewer.name]
    assert "Nobody of this name" in page(world, "?q=zzzz")
    world.project.members.all().delete()
    assert "Nobody works here yet" in page(world, person=world.owner)


def test_a_press_pauses_and_another_lets_go_on(world: Any, make_items: Any, queue_of: Any) -> None:
    queue = queue_of()
    client, place = world.page(world.manager), f"/p/{world.project.pk}/people/{world.annotator.pk}"
    assert client.post(f"{place}/pause", {"act": "pause", "back": "list"})["Location"] == f"/p/{world.project.pk}/people"
    assert 'value="go"' in page(world)
    assert client.post(f"{place}/pause", {"act": "go"})["Location"] == place
    client.post(f"{place}/pause", {"act": "pause", "queue": queue.pk})
    assert Pause.objects.get().queue_id == queue.pk and "in 1 queue" in page(world)
    for wrong in ({"act": "x"}, {"act": "pause", "queue": "x"}, {"act": "pause", "queue": str(queue.pk + 999)}):
        assert client.post(f"{place}/pause", wrong).status_code == 404
    assert client.get(f"{place}/pause")["Location"] == place


def test_ones_page_shows_what_they_hold_with_a_way_to_take_it_back(world: Any, make_items: Any, queue_of: Any, did: Any) -> None:
    make_items(2)
    queue = queue_of(name="boxes")
    did(queue, world.annotator, 30)
    lease = next_task(queue, world.actor(world.annotator))
    body = str(world.page(world.manager).get(f"/p/{world.project.pk}/people/{world.annotator.pk}").content.decode())
    assert lease.item.key in body and f'action="/queues/{queue.pk}/leases/{lease.pk}/take"' in body and "30 s" in body
    assert f'href="/queues/{queue.pk}#open-work"' in body


def test_others_see_none_of_it(world: Any) -> None:
    for place in ("people", f"people/{world.annotator.pk}", "people/timesheet", "progress"):
        statuses = [
            world.page(person).get(f"/p/{world.project.pk}/{place}").status_code
            for person in (world.owner, world.manager, world.reviewer, world.annotator, world.viewer, world.collector, world.outsider)
        ]
        assert statuses == [200, 200, 403, 403, 403, 403, 404], place
    assert world.page(world.manager).get(f"/p/{world.project.pk}/people/{world.outsider.pk}").status_code == 404
    assert world.page(world.reviewer).post(f"/p/{world.project.pk}/people/{world.annotator.pk}/pause", {"act": "pause"}).status_code == 403
    assert not Pause.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_figures_cost_one_statement(world: Any, make_items: Any, queue_of: Any, did: Any, django_assert_num_queries: Any, rows: int) -> None:
    make_items(rows)
    queue = queue_of()
    for person in (world.annotator, world.annotator2, world.manager)[:rows]:
        did(queue, person)
    with django_assert_num_queries(1):
        found = output.people(world.project, now=timezone.now())
    assert sum(row.today for row in found) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_and_its_part_cost_the_same_for_all(world: Any, make_items: Any, queue_of: Any, did: Any, django_assert_num_queries: Any, rows: int) -> None:
    make_items(rows)
    queue = queue_of()
    for person in (world.annotator, world.annotator2, world.manager)[:rows]:
        did(queue, person)
    client, place = world.page(world.manager), f"/p/{world.project.pk}/people"
    client.get(place)
    with django_assert_num_queries(PAGE):
        client.get(place)
    with django_assert_num_queries(PART):
        assert client.get(place, HTTP_HX_REQUEST="true").status_code == 200


PAGE, PART = 9, 5  # of the part, all ask who it is that asks


def test_a_part_that_was_seen_is_304_until_something_happens(world: Any, make_items: Any, queue_of: Any, did: Any, monkeypatch: Any) -> None:
    make_items(2)
    queue = queue_of()
    client, place = world.page(world.manager), f"/p/{world.project.pk}/people"
    monkeypatch.setattr(watching.time, "time", lambda: 1_000_000.0)
    first = client.get(place, HTTP_HX_REQUEST="true")
    again = {"HTTP_HX_REQUEST": "true", "HTTP_IF_NONE_MATCH": first["ETag"]}
    assert client.get(place, **again).status_code == 304
    assert client.get(f"{place}?sort=-today", **again).status_code == 200
    did(queue, world.annotator)
    assert client.get(place, **again).status_code == 304  # within the five seconds of a mark
    monkeypatch.setattr(watching, "EVERY", 0.0)
    monkeypatch.setattr(watching, "SHARE", 0)
    after = client.get(place, **again)
    assert after.status_code == 200 and after["ETag"] != first["ETag"]


def test_dear_figures_are_asked_for_less_often(world: Any, monkeypatch: Any) -> None:
    made: list[int] = []
    clock = [0.0]
    monkeypatch.setattr(watching.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(watching.time, "time", lambda: clock[0] * 60)

    def make() -> int:
        made.append(1)
        clock[0] += 2.0
        return len(made)

    for _second in range(400):
        watching.watched("x", world.project, make)
        clock[0] += 1.0
    assert len(made) == 2


def test_a_part_is_drawn_once_for_all_and_holds_nothing_of_who_asks(world: Any, make_items: Any, queue_of: Any, did: Any, monkeypatch: Any) -> None:
    make_items(1)
    did(queue_of(), world.annotator)
    monkeypatch.setattr(watching.time, "time", lambda: 1_000_000.0)
    place, drawn = f"/p/{world.project.pk}/people", []
    before = watching.part
    monkeypatch.setattr(watching, "part", lambda *given: before(*given[:3], lambda: drawn.append(1) or given[3]()))
    bodies = {world.page(person).get(place, HTTP_HX_REQUEST="true").content for person in (world.owner, world.manager, world.manager)}
    assert len(bodies) == 1 and len(drawn) == 1
    (body,) = bodies
    assert b"csrf" not in body and b'form="pausing"' in body
