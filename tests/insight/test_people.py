"""The people page: what each did and holds today, sorted by any column, paused and let go on; for managers only."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotate.gold.services import add_truths
from annotate.people.models import Person
from annotate.projects.models import ProjectMember
from annotate.qualifications.models import Qualification, QualifyingRun, Requirement
from annotate.qualifications.services import create, give
from annotate.queues.claim import next_task
from annotate.queues.models import Pause, Queue
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
    for column in set(output.COLUMNS) - {"lacking"}:  # there where the project has qualifications
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
def test_the_figures_cost_one_statement_and_one_for_qualifications(world: Any, make_items: Any, queue_of: Any, did: Any, django_assert_num_queries: Any, rows: int) -> None:
    make_items(rows)
    queue = queue_of()
    for person in (world.annotator, world.annotator2, world.manager)[:rows]:
        did(queue, person)
    with django_assert_num_queries(2):
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


def failed_run(world: Any, person: Any) -> Any:
    """A qualification with a run of one attempt, which the person has failed."""
    made = create(world.project, "Cells", by=world.actor(world.manager))
    run = Queue.objects.create(project=world.project, name="run", stage="annotate", gold_percent=100)
    Qualification.objects.filter(pk=made.pk).update(queue=run, questions=1, attempts=1)
    QualifyingRun.objects.create(qualification=made, person=person, attempt=1, state="failed", score=0.4)
    made.refresh_from_db()
    return made


def test_everybody_stands_with_what_they_have_and_what_they_lack_for_which_queues(world: Any, queue_of: Any) -> None:
    assert "Qualifications" not in page(world).split("<thead>")[1].split("</thead>")[0]
    made = failed_run(world, world.annotator)
    queue = queue_of(name="night shift")
    Requirement.objects.create(queue=queue, qualification=made, bar=0.9)
    Requirement.objects.create(queue=queue_of("review", name="judging"), qualification=made)
    give(made, world.annotator2, score=0.8, by=world.actor(world.manager))
    rows = rows_of(world)
    [one] = rows[world.annotator.name].stood
    assert (one.state, one.last, one.where, one.grantable) == ("used_up", 0.4, "night shift", True)
    [two] = rows[world.annotator2.name].stood
    assert (two.state, two.score, two.where) == ("below", 0.8, "night shift")
    assert rows[world.reviewer.name].stood[0].where == "judging, night shift"
    shown = page(world)
    assert "Lacks it for night shift" in shown
    assert shown.count("One more attempt") == 1
    queue_of("annotate", name="others", members=[world.annotator2])
    assert rows_of(world)[world.annotator.name].stood == (one,)
    give(made, world.annotator2, score=0.95, by=world.actor(world.manager))
    assert names(page(world, "?sort=lacking"))[0] == names(page(world, "?sort=-lacking"))[-1] == world.annotator2.name


def test_an_attempt_is_granted_in_the_list_and_taken_back_there(world: Any, make_items: Any) -> None:
    made = failed_run(world, world.annotator)
    add_truths(world.project, [{"item": make_items(1)[0].pk, "annotation": {"objects": [], "item": {}}}], by=world.actor(world.owner))
    manager, place = world.page(world.manager), f"/p/{world.project.pk}/people/{world.annotator.pk}/attempt"
    said = manager.post(place, {"grant": made.pk, "back": "list"}, follow=True)
    assert said.redirect_chain == [(f"/p/{world.project.pk}/people", 302)]
    assert "may try Cells once more" in said.content.decode()
    assert "one more attempt granted" in said.content.decode()
    said = manager.post(place, {"revoke": made.pk}, follow=True).content.decode()
    assert "is taken back" in said
    assert "One more attempt" in said
    assert world.page(world.annotator).post(place, {"grant": made.pk}).status_code == 403
    assert manager.post(place, {"grant": "x"}).status_code == 404


def test_the_list_asks_no_more_of_the_database_for_more_people(world: Any, queue_of: Any) -> None:
    made = failed_run(world, world.annotator)
    Requirement.objects.create(queue=queue_of(), qualification=made)
    with CaptureQueriesContext(connection) as few:
        rows_of(world)
    people = Person.objects.bulk_create([Person(name=f"newcomer {index:03d}", password="!") for index in range(30)])
    ProjectMember.objects.bulk_create([ProjectMember(project=world.project, person=person, role="annotator") for person in people])
    QualifyingRun.objects.bulk_create([QualifyingRun(qualification=made, person=person, state="failed", score=0) for person in people])
    with CaptureQueriesContext(connection) as many:
        rows = rows_of(world)
    assert len(many) == len(few)
    assert sum(one.grantable for row in rows.values() for one in row.stood) == 31
