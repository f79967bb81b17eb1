"""A timesheet: one line per person, day and queue, with active hours and what became of the answers.

Days are those of the time zone asked for. `submitted` counts answers (and, in a review queue, verdicts) sent on that day;
`accepted`, `returned` and `fixed` say how those answers stand at the moment of asking, so a later verdict changes the line of
the day when the work was done. They are empty for review queues: verdicts are not judged. Times come from `output.WORK`'s
sources; `untimed` counts what was sent without its time.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from annotate.kernel.errors import Invalid
from annotate.projects.models import Project
from annotate.reviews.given import GIVEN

LONGEST = 366  # days
PEOPLE = 50  # asked for at once: memory is bounded by their days, whatever the range and the project
COLUMNS = ("person", "day", "queue", "stage", "active_hours", "submitted", "accepted", "returned", "fixed", "untimed")

_WHO = f"""
SELECT id, name FROM annotate_person p
WHERE EXISTS (SELECT 1 FROM annotate_annotation a JOIN annotate_task t ON t.id = a.task_id JOIN annotate_queue q ON q.id = t.queue_id
              WHERE a.person_id = p.id AND q.project_id = %(project)s AND a.source IN ('person', 'gold')
                AND a.created_at >= %(since)s AND a.created_at < %(until)s)
   OR EXISTS (SELECT 1 FROM {GIVEN} r JOIN annotate_task t ON t.id = r.task_id JOIN annotate_queue q ON q.id = t.queue_id
              WHERE r.person_id = p.id AND q.project_id = %(project)s AND r.created_at >= %(since)s AND r.created_at < %(until)s)
ORDER BY lower(name), id
"""
_LINES = f"""
WITH did AS (
    SELECT a.person_id AS person, a.created_at AS at, q.id AS queue, q.name, q.stage, a.seconds, true AS counts,
           coalesce(last.verdict, CASE WHEN EXISTS (
               SELECT 1 FROM annotate_approval s WHERE s.annotation_id = a.id AND s.ended_at IS NULL AND s.cause <> 'import')
               THEN 'accept' ELSE '' END) AS verdict
    FROM annotate_annotation a JOIN annotate_task t ON t.id = a.task_id JOIN annotate_queue q ON q.id = t.queue_id
    LEFT JOIN LATERAL (
        SELECT r.verdict FROM annotate_review r WHERE r.annotation_id = a.id
          AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id) ORDER BY r.id DESC LIMIT 1) last ON true
    WHERE a.person_id = ANY(%(people)s) AND a.source IN ('person', 'gold') AND q.project_id = %(project)s
      AND a.created_at >= %(since)s AND a.created_at < %(until)s
    UNION ALL
    SELECT r.person_id, r.created_at, q.id, q.name, q.stage, r.seconds,
           r.counts, NULL
    FROM {GIVEN} r JOIN annotate_task t ON t.id = r.task_id JOIN annotate_queue q ON q.id = t.queue_id
    WHERE r.person_id = ANY(%(people)s) AND q.project_id = %(project)s AND r.created_at >= %(since)s AND r.created_at < %(until)s
)
SELECT person, (at AT TIME ZONE %(zone)s)::date AS day, name, stage, coalesce(sum(seconds), 0), count(*) FILTER (WHERE counts),
       count(*) FILTER (WHERE verdict = 'accept'), count(*) FILTER (WHERE verdict = 'return'), count(*) FILTER (WHERE verdict = 'fix'),
       count(*) FILTER (WHERE counts AND seconds IS NULL)
FROM did GROUP BY person, day, queue, name, stage ORDER BY day, name, queue
"""


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


@dataclass(frozen=True)
class Range:
    """Days `first` to `last`, both counted, of the time zone called `zone`."""

    first: dt.date
    last: dt.date
    zone: str = "UTC"

    @property
    def since(self) -> dt.datetime:
        return dt.datetime.combine(self.first, dt.time(), zoneinfo.ZoneInfo(self.zone))

    @property
    def until(self) -> dt.datetime:
        return dt.datetime.combine(self.last + dt.timedelta(days=1), dt.time(), zoneinfo.ZoneInfo(self.zone))


def read_range(first: str, last: str, zone: str, *, now: dt.datetime) -> Range:
    """From the words of a request: days as 2026-03-01; empty: this month up to today, in UTC. `Invalid` names what is wrong."""
    name = zone or "UTC"
    wrong: dict[str, str] = {}
    if name not in _zones():
        wrong["tz"], name = _("a time zone's name, such as UTC or Asia/Shanghai"), "UTC"
    today = now.astimezone(zoneinfo.ZoneInfo(name)).date()
    end = _day("to", last, today, wrong)
    begin = _day("from", first, end.replace(day=1), wrong)
    if not wrong and begin > end:
        wrong["from"] = _("the first day is not after the last")
    if not wrong and (end - begin).days >= LONGEST:
        wrong["from"] = _("at most %(n)d days at once") % {"n": LONGEST}
    if wrong:
        raise Invalid(_("The timesheet's range is not valid."), fields=wrong)
    return Range(begin, end, name)


def _day(name: str, text: str, otherwise: dt.date, wrong: dict[str, str]) -> dt.date:
    if not text:
        return otherwise
    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        day = dt.date.min
    if not dt.date(2000, 1, 1) <= day <= dt.date(2200, 1, 1):
        wrong[name] = _("a day such as 2026-03-01")
        return otherwise
    return day


def cell(value: Any) -> str:
    """As text that no spreadsheet runs: names that begin like a formula get an apostrophe before them."""
    text = str(value)
    return f"'{text}" if text.lstrip(" ")[:1] in _FORMULA and text.strip() else text


_FORMULA = frozenset("=+-@\t\r\n|%＝＋－＠")


def lines(project: Project, days: Range) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of `COLUMNS`, by person, day and queue; some people are asked for at a time."""
    values: dict[str, Any] = {"project": project.pk, "since": days.since, "until": days.until, "zone": days.zone}
    with connection.cursor() as cursor:
        cursor.execute(_WHO, values)
        who = cursor.fetchall()
    for start in range(0, len(who), PEOPLE):
        some = dict(who[start : start + PEOPLE])
        with connection.cursor() as cursor:
            cursor.execute(_LINES, {**values, "people": list(some)})
            found: dict[int, list[tuple[Any, ...]]] = {}
            for row in cursor.fetchall():
                found.setdefault(row[0], []).append(row)
        for person, name in some.items():
            for _person, day, queue, stage, seconds, submitted, *stands, untimed in found.get(person, ()):
                judged = stands if stage == "annotate" else ["", "", ""]
                yield (cell(name), day.isoformat(), cell(queue), stage, f"{seconds / 3600:.3f}", submitted, *judged, untimed)


def csv_chunks(project: Project, days: Range, *, mark: bool = False) -> Iterator[bytes]:
    """The CSV in UTF-8, in pieces; `mark` puts a byte order mark first, by which spreadsheets know the encoding."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    yield ("\ufeff" if mark else "").encode() + text.getvalue().encode()
    text.seek(text.truncate(0))
    for number, row in enumerate(lines(project, days), 1):
        writer.writerow(row)
        if number % 500 == 0:
            yield text.getvalue().encode()
            text.seek(text.truncate(0))
    if text.tell():
        yield text.getvalue().encode()
