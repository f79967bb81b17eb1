"""The timesheet: a line per person, day and queue; days by time zone; nothing a spreadsheet would run; for managers only."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest

from workflows.insight import timesheet
from workflows.insight.timesheet import cell

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def sheet(world: Any, query: str = "?from=2026-03-01&to=2026-03-10", person: Any = None) -> list[dict[str, str]]:
    response = world.api(person or world.manager).get(f"/projects/{world.project.pk}/timesheet{query}")
    assert response.status_code == 200 and response.streaming, response.status_code
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_hours_and_what_became_of_the_answers_stand_in_one_line_a_day(world: Any, make_items: Any, queue_of: Any, did: Any, judged: Any) -> None:
    make_items(5)
    label, review = queue_of(name="label"), queue_of("review", name="review")
    for seconds in (1800, 1800, 900, None):
        did(label, world.annotator, seconds, NOON)
    did(label, world.annotator2, 60, NOON + dt.timedelta(days=1))
    for verdict in ("accept", "return", "fix"):
        judged(review, world.reviewer, verdict, 360, NOON)
    rows = {(row["person"], row["queue"]): row for row in sheet(world)}
    mine = rows[world.annotator.name, "label"]
    assert mine == {
        "person": world.annotator.name, "day": "2026-03-02", "queue": "label", "stage": "annotate", "active_hours": "1.250",
        "submitted": "4", "accepted": "1", "returned": "1", "fixed": "1", "untimed": "1",
    }  # fmt: skip
    assert rows[world.annotator2.name, "label"]["day"] == "2026-03-03"
    judge = rows[world.reviewer.name, "review"]
    assert (judge["active_hours"], judge["submitted"], judge["accepted"], judge["returned"]) == ("0.300", "3", "", "")


def test_a_verdict_taken_back_counts_no_more(world: Any, make_items: Any, queue_of: Any, did: Any, judged: Any) -> None:
    from annotate.reviews.undoing import undo

    make_items(1)
    did(queue_of(), world.annotator, 10, NOON)
    given = judged(queue_of("review"), world.reviewer, "accept")
    assert sheet(world)[0]["accepted"] == "1"
    undo(given, by=world.actor(world.reviewer))
    assert sheet(world)[0]["accepted"] == "0"


def test_the_day_is_that_of_the_time_zone(world: Any, make_items: Any, queue_of: Any, did: Any) -> None:
    make_items(2)
    did(queue_of(), world.annotator, 10, dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC))
    assert [row["day"] for row in sheet(world)] == ["2026-03-02"]
    assert [row["day"] for row in sheet(world, "?from=2026-03-01&to=2026-03-10&tz=Asia/Shanghai")] == ["2026-03-03"]
    assert sheet(world, "?from=2026-03-02&to=2026-03-02&tz=Asia/Shanghai") == []
    assert len(sheet(world, "?from=2026-03-02&to=2026-03-02")) == 1


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "|cmd"])
def test_what_a_spreadsheet_would_run_is_text(name: str) -> None:
    assert cell(name) == f"'{name}"


def test_plain_names_stay_as_they_are() -> None:
    assert [cell(name) for name in ("anna", "李雷", "a=b", "")] == ["anna", "李雷", "a=b", ""]


def test_a_queue_named_like_a_formula_comes_out_harmless(world: Any, make_items: Any, queue_of: Any, did: Any) -> None:
    make_items(1)
    did(queue_of(name='=HYPERLINK("x")'), world.annotator, 10, NOON)
    assert sheet(world)[0]["queue"] == "'=HYPERLINK(\"x\")"


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=2026-13-01", "from"), ("from=x", "from"), ("to=1", "to"), ("tz=Mars/Olympus", "tz"), ("tz=../etc/passwd", "tz"),
     ("from=2026-03-02&to=2026-03-01", "from"), ("from=2020-01-01&to=2026-01-01", "from"), ("from=0001-01-01", "from"),
     ("to=9999-12-31", "to"), ("zone=UTC", "zone")],
)  # fmt: skip
def test_a_wrong_range_is_named(world: Any, query: str, field: str) -> None:
    response = world.api(world.manager).get(f"/projects/{world.project.pk}/timesheet?{query}")
    assert response.status_code == 400 and field in response.json()["fields"], response.content
    page = world.page(world.manager).get(f"/p/{world.project.pk}/people/timesheet?download=1&{query}")
    assert page.status_code == (200 if field == "zone" else 400)


def test_only_managers_get_it(world: Any) -> None:
    place = f"/projects/{world.project.pk}/timesheet"
    statuses = [world.api(person).get(place).status_code for person in (world.owner, world.manager, world.reviewer, world.annotator, world.viewer)]
    assert statuses == [200, 200, 403, 403, 403]
    assert world.api(world.outsider).get(place).status_code == 404


def test_the_page_downloads_it_with_a_mark_for_spreadsheets(world: Any) -> None:
    response = world.page(world.manager).get(f"/p/{world.project.pk}/people/timesheet?download=1&from=2026-03-01&to=2026-03-02&tz=UTC")
    assert b"".join(response.streaming_content).startswith("\ufeffperson,day,queue".encode())
    assert response["Content-Disposition"] == f'attachment; filename="timesheet-{world.project.pk}-2026-03-01-2026-03-02.csv"'


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_twice_whatever_there_is(world: Any, make_items: Any, queue_of: Any, did: Any, django_assert_num_queries: Any, rows: int) -> None:
    make_items(rows)
    queue = queue_of()
    for person in (world.annotator, world.annotator2, world.manager)[:rows]:
        did(queue, person, 10, NOON)
    days = timesheet.read_range("2026-03-01", "2026-03-10", "", now=NOON)
    with django_assert_num_queries(2):
        assert len(list(timesheet.lines(world.project, days))) == rows


def test_people_come_in_parts_and_none_is_lost(world: Any, make_items: Any, queue_of: Any, did: Any, monkeypatch: Any) -> None:
    make_items(3)
    queue = queue_of()
    for person in (world.annotator, world.annotator2, world.manager):
        did(queue, person, 10, NOON)
    monkeypatch.setattr(timesheet, "PEOPLE", 1)
    assert sorted(row["person"] for row in sheet(world)) == sorted([world.annotator.name, world.annotator2.name, world.manager.name])
