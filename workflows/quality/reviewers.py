"""What the verdicts of each reviewer of a project are worth, from what is on record. Each figure is that of `reviewing`.

A verdict is overturned when a dispute, a second look, or who took it back says so, or when another's verdict since contradicts it: one that
returns or mends what it had let stand, accepts what it had returned, or an adjudication that left another answer. Second looks count
among a reviewer's verdicts: nothing that they are told may tell one from the others.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db import connection

from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.queries import role
from workflows.quality import reviewing
from workflows.quality.reviewing import Pair, Week

SEES_ALL = ("viewer", "manager")
CAUSES = ("disputed", "rechecked", "undone", "contradicted")
WEEKS = 26

_LEFT = "coalesce({v}.fixed_id, {v}.annotation_id)"
_CONTRADICTED = f"""EXISTS (
    SELECT 1 FROM annotate_review v JOIN annotate_annotation seen ON seen.id = v.annotation_id
    JOIN annotate_annotation kept ON kept.id = {_LEFT.format(v="v")} LEFT JOIN annotate_task t ON t.id = v.task_id LEFT JOIN annotate_queue q ON q.id = t.queue_id
    WHERE v.item_id = r.item_id AND v.id > r.id AND v.person_id IS DISTINCT FROM r.person_id
      AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id)
      AND CASE WHEN r.verdict = 'return' THEN v.annotation_id = r.annotation_id AND kept.digest = seen.digest AND v.verdict <> 'return'
               WHEN v.annotation_id = {_LEFT.format(v="r")} THEN v.verdict = 'return' OR kept.digest <> seen.digest
               ELSE q.stage = 'adjudicate' AND v.verdict <> 'return' AND kept.digest <> (SELECT o.digest FROM annotate_annotation o WHERE o.id = {_LEFT.format(v="r")})
                    AND EXISTS (SELECT 1 FROM annotate_task a JOIN annotate_queue k ON k.id = a.queue_id
                                WHERE a.item_id = r.item_id AND a.annotation_id = r.annotation_id AND a.state = 'answered' AND k.stage = 'annotate') END)"""
_VERDICTS = f"""
SELECT person, date_trunc('week', at AT TIME ZONE 'UTC')::date, cause, count(*), count(*) FILTER (WHERE verdict = 'return'), count(*) FILTER (WHERE verdict = 'fix'), coalesce(sum(seconds), 0)
FROM (
    SELECT r.person_id AS person, r.created_at AS at, r.verdict, r.seconds,
           CASE WHEN EXISTS (SELECT 1 FROM annotate_dispute d WHERE d.review_id = r.id AND d.state = 'overturned') THEN 'disputed'
                WHEN EXISTS (SELECT 1 FROM annotate_recheck k WHERE k.review_id = r.id AND k.settled = 'second' AND k.undone_at IS NULL) THEN 'rechecked'
                WHEN EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id) THEN 'undone'
                WHEN {_CONTRADICTED} THEN 'contradicted' ELSE '' END AS cause
    FROM annotate_review r JOIN annotate_item i ON i.id = r.item_id
    WHERE i.project_id = %(project)s AND i.state <> 'erased' AND r.person_id IS NOT NULL
    UNION ALL
    SELECT k.person_id, k.created_at, k.verdict, k.seconds,
           CASE WHEN k.undone_at IS NOT NULL THEN 'undone' WHEN k.settled = 'first' THEN 'rechecked' ELSE '' END
    FROM annotate_recheck k JOIN annotate_item i ON i.id = k.item_id
    WHERE i.project_id = %(project)s AND i.state <> 'erased' AND k.person_id IS NOT NULL
) AS given GROUP BY 1, 2, 3
"""
_PAIRS = """
SELECT k.id, k.against_id, k.person_id, k.verdict, k.differs, k.settled, r.verdict = 'accept' OR EXISTS (
           SELECT 1 FROM annotate_annotation f JOIN annotate_annotation a ON a.id = r.annotation_id WHERE f.id = r.fixed_id AND f.digest = a.digest)
FROM annotate_recheck k JOIN annotate_review r ON r.id = k.review_id JOIN annotate_item i ON i.id = k.item_id
WHERE i.project_id = %(project)s AND i.state <> 'erased' AND k.undone_at IS NULL AND k.person_id IS NOT NULL AND k.against_id IS NOT NULL
ORDER BY k.id
"""
_REASONS = """
SELECT r.person_id, r.reason_key, count(*) FROM annotate_review r JOIN annotate_item i ON i.id = r.item_id
WHERE i.project_id = %(project)s AND i.state <> 'erased' AND r.verdict = 'return' AND r.reason_key <> '' AND r.person_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id)
GROUP BY 1, 2 ORDER BY 3 DESC, 2
"""


def sees_all(actor: Actor, project: Project) -> bool:
    """Whether all reviewers are shown; others, reviewers among them, see their own row alone."""
    return role(actor, project) in SEES_ALL


def standings(project: Project, *, actor: Actor) -> list[dict[str, Any]]:
    """A row of each reviewer, who judged most first. Their own row says of second looks only what others said of their verdicts: that
    a number moves when they judge would tell which of it was one; and of the others' weeks only where it gives nobody away."""
    rows = _rows(project, own=None if sees_all(actor, project) else actor.person_id)
    names = dict(Person.objects.filter(pk__in=list(rows)).values_list("pk", "name"))
    ordered = sorted(rows, key=lambda person: (-rows[person]["verdicts"], person))
    return [{"person": person, "name": names.get(person, ""), **rows[person]} for person in ordered]


def pairs(project: Project, *, actor: Actor) -> list[dict[str, Any]]:
    """Each two reviewers who judged the same revisions, with how alike; none for who sees only their own row."""
    if not sees_all(actor, project):
        return []
    found = reviewing.between(_pairs(project)[0])
    names = dict(Person.objects.filter(pk__in=[person for two in found for person in two]).values_list("pk", "name"))
    return [{"people": [{"id": person, "name": names.get(person, "")} for person in two], "agreement": figure} for two, figure in found.items()]


def _asked(statement: str, project: Project) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": project.pk})
        return list(cursor.fetchall())


def _rows(project: Project, own: int | None) -> dict[int, dict[str, Any]]:
    counts: dict[int, dict[str, Any]] = defaultdict(lambda: {"of": 0, "stand": 0, "returned": 0, "fixed": 0, "seconds": 0.0, **dict.fromkeys(CAUSES, 0)})
    weeks: dict[tuple[int, dt.date], tuple[int, int]] = {}
    for person, week, cause, of, returned, fixed, seconds in _asked(_VERDICTS, project):
        here = counts[person]
        here["of"] += of
        here["seconds"] += seconds
        if cause:
            here[cause] += of
        if cause != "undone":
            here["stand"] += of
            here["returned"] += returned
            here["fixed"] += fixed
            was = weeks.get((person, week), (0, 0))
            weeks[person, week] = was[0] + returned, was[1] + of
    reasons: dict[int, dict[str, int]] = defaultdict(dict)
    for person, key, n in _asked(_REASONS, project):
        reasons[person][key] = n
    looks, differ, waiting = _pairs(project)
    if own is not None:
        looks = [pair for pair in looks if pair.first == own]
    agree, drifts = reviewing.agreement(looks), reviewing.drift(weeks)
    shown = {}
    for person in list(counts) if own is None else {own} & counts.keys():
        here, mine = counts[person], drifts.get(person, [])
        lately = mine[-WEEKS:] if own is None else [_discreet(week, weeks, own) for week in mine[-WEEKS:]]
        overturned = sum(here[cause] for cause in CAUSES)
        shown[person] = {
            "verdicts": here["of"],
            "seconds": here["seconds"],
            "returned": reviewing.share(here["returned"], here["stand"]),
            "fixed": reviewing.share(here["fixed"], here["stand"]),
            "overturned": reviewing.share(overturned, here["of"]),
            "overturned_by": {cause: here[cause] for cause in CAUSES},
            "second_looks": {
                "of": sum(person in (pair.first, pair.second) if own is None else pair.first == own for pair in looks),
                "differ": differ[person, own is not None],
                "open": waiting[person, own is not None],
            },
            "agreement": agree.get(person, reviewing.share(0, 0)),
            "reasons": reasons.get(person, {}),
            "drift": {"flagged": reviewing.flagged(lately), "weeks": [week.explain() for week in lately]},
        }
    return shown


def _discreet(week: Week, weeks: dict[tuple[int, dt.date], tuple[int, int]], own: int) -> Week:
    """The week without the others where one person is nearly all that there is of them."""
    if sum(person != own and of >= reviewing.LEAST for (person, monday), (_returned, of) in weeks.items() if monday == week.week) > 1:
        return week
    return Week(week.week, week.own, reviewing.share(0, 0), 0)


def _pairs(project: Project) -> tuple[list[Pair], dict[tuple[int, bool], int], dict[tuple[int, bool], int]]:
    """The pairs; and for (person, only as the first) how many differ, and how many of those nobody has settled."""
    found: list[Pair] = []
    differ: dict[tuple[int, bool], int] = defaultdict(int)
    waiting: dict[tuple[int, bool], int] = defaultdict(int)
    for unit, first, second, _verdict, differs, settled, right in _asked(_PAIRS, project):
        found.append(Pair(unit, first, second, right, right != differs))
        for key in ((first, False), (second, False), (first, True)) if differs else ():
            differ[key] += 1
            waiting[key] += not settled
    return found, differ, waiting
