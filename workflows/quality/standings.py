"""What the work of each person, of each label, of each batch, or of a time is worth, from what is on record: gold, agreement, reviews, rounds.

Every figure is {value, low, high, of, why}: a share with its 95 % interval (Wilson's) and the count behind it; below `LEAST` of those the
value is null and `why` says "not_enough". Agreement is the mean over items of how much their answers are alike.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from annotate.kernel.decisions import require
from annotate.kernel.registry import Registry
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.policies import may_view
from workflows.quality import confused, mistakes, rework
from workflows.quality.models import GoldScore

PERIODS = {"day": "YYYY-MM-DD", "week": 'IYYY-"W"IW', "month": "YYYY-MM"}
BY = ("person", "label", "batch", *PERIODS)
OF_GOLD = ("gold", "skill")
LEAST = 10
Z = 1.959963984540054  # the 0.975 quantile of the standard normal distribution


@dataclass(frozen=True)
class Asked:
    """Whose work it is about, and by what it is told apart: a statement is about answers `a` to items `i`."""

    project: Project
    by: str
    person: int | None = None
    batch: int | None = None

    def rows(self, statement: str, *, at: str = "a.created_at") -> list[tuple[Any, ...]]:
        """(key, …) of a statement with {key}, {also} for a join, and {where}; `at` is the time of what it counts."""
        key = {"person": "a.person_id", "batch": "i.batch_id", "label": "c.label"}.get(self.by) or f"to_char({at}, '{PERIODS[self.by]}')"
        also = "JOIN annotate_labelcount c ON c.item_id = i.id AND c.n > 0" if self.by == "label" else ""
        where = "i.project_id = %s" + (" AND a.person_id = %s" if self.person else "") + (" AND i.batch_id = %s" if self.batch else "")
        with connection.cursor() as cursor:
            cursor.execute(statement.format(key=key, also=also, where=where), [value for value in (self.project.pk, self.person, self.batch) if value])
            return [(str(key), *rest) for key, *rest in cursor.fetchall() if key is not None]

    @property
    def of_answers(self) -> bool:
        """Whether it must be known who answered."""
        return self.by == "person" or self.person is not None


# What rooms above have judged of samples: f(asked) → (key, with mistakes, judged).
judged: Registry[Callable[[Asked], Iterable[tuple[Any, ...]]]] = Registry("judged samples")

_ANSWERS = """
SELECT {key}, count(*), sum(a.seconds) FROM annotate_annotation a JOIN annotate_item i ON i.id = a.item_id {also}
WHERE {where} AND i.state <> 'erased' AND a.source IN ('person', 'gold') AND a.person_id IS NOT NULL GROUP BY 1
"""
_REVIEWS = """
SELECT {key}, count(*) FILTER (WHERE r.verdict = 'return'), count(*)
FROM annotate_review r JOIN annotate_item i ON i.id = r.item_id JOIN annotate_annotation a ON a.id = r.annotation_id {also}
WHERE {where} AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id) GROUP BY 1
"""
_AGREEMENT = """
SELECT {key}, avg(g.value), coalesce(stddev_samp(g.value), 0), count(*)
FROM annotate_agreement g JOIN annotate_item i ON i.id = g.item_id {also} WHERE {where} GROUP BY 1
"""
_ANSWER = """JOIN annotate_task a ON a.queue_id = g.queue_id AND a.item_id = g.item_id AND a.round = g.round
             AND a.state = 'answered' AND NOT a.gold"""


def standings(project: Project, by: str, *, actor: Actor, person: int | None = None, batch: int | None = None) -> list[dict[str, Any]]:
    """Rows, those with the most answers first, periods in their order; of one `person` or `batch` alone. Who does not see every item gets
    their own row of the people, or their own periods, and nothing else, without `OF_GOLD`: a count that rises with an answer would tell
    that it was to gold."""
    sees = may_view(actor, project)
    if not sees and by != "person" and not (by in PERIODS and person == actor.person_id):
        require(sees)
    rows = _rows(Asked(project, by, person, batch))
    if not sees:
        own = str(actor.person_id)
        mine = {own: rows.get(own) or _row()} if by == "person" else rows
        return _named(by, {key: {name: value for name, value in row.items() if name not in OF_GOLD} for key, row in mine.items()}, project)
    return _named(by, rows, project)


def with_costs(
    project: Project, by: str, rows: Sequence[dict[str, Any]], *, actor: Actor, person: int | None = None, batch: int | None = None
) -> list[dict[str, Any]]:
    """The rows with `errors`, the counts of `mistakes`, and of people and batches `rework`, what doing it again costs. Of a large project
    `errors` is None until a job has compared its answers."""
    if by in PERIODS:
        return list(rows)
    sees = bool(may_view(actor, project))
    own = person if sees else actor.person_id
    found = confused.counts(project, "people")
    counted = mistakes.of_counts(found, by, batch=batch, person=own, gold=sees)
    costs = rework.costs(project, by, batch=batch, person=own) if by in rework.BY else {}
    made = []
    for row in rows:
        key = row[by]
        more: dict[str, Any] = {"errors": None if found is None else dict(counted[key])}
        if by in rework.BY:
            more["rework"] = costs.get(key) or rework.none()
        made.append({**row, **more})
    return made


def _rows(asked: Asked) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = defaultdict(_row)
    for key, answers, seconds in asked.rows(_ANSWERS):
        found[key] |= {"answers": answers, "seconds": seconds or 0.0}
    for key, returned, of in asked.rows(_REVIEWS):
        found[key]["returned"] = share(returned, of)
    for _name, of_samples in judged:
        for key, erring, of in of_samples(asked):
            found[key]["round_errors"] = share(erring, of)
    agreement = _AGREEMENT.replace("{also}", f"{_ANSWER} {{also}}") if asked.of_answers else _AGREEMENT
    for key, mean, spread, items in asked.rows(agreement, at="g.measured_at"):
        found[key]["agreement"] = mean_of(mean, spread, items)
    for key, (scores, right, wrong) in _gold(asked).items():
        from workflows.quality.skill import skill

        if scores:
            found[key]["gold"] = share(sum(scores), len(scores))
        found[key]["skill"] = skill(right, wrong).explain()
    return found


def _row() -> dict[str, Any]:
    none = {"value": None, "low": None, "high": None, "of": 0, "why": "not_enough"}
    return {"answers": 0, "seconds": 0.0, "gold": none, "agreement": none, "returned": none, "round_errors": none, "skill": None}


def _gold(asked: Asked) -> dict[str, tuple[list[float], float, float]]:
    """key → (the score of each answer to gold, units right, units wrong); of a label its units, as answers are not scored by label."""
    from workflows.quality.agreement.breakdown import period
    from workflows.quality.skill import counts

    parts: dict[str, list[Any]] = defaultdict(list)
    scores: dict[str, list[float]] = defaultdict(list)
    of = {name: value for name, value in (("person", asked.person), ("annotation__item__batch", asked.batch)) if value}
    rows = GoldScore.objects.filter(gold__project=asked.project, **of).order_by("pk").values_list("person_id", "annotation__item__batch_id", "score", "parts", "annotation__created_at")
    for person, batch, score, part, when in rows.iterator(chunk_size=5000):
        key = period(when.date(), asked.by) if asked.by in PERIODS else str({"person": person, "batch": batch}.get(asked.by, ""))
        parts[key].append(part)
        scores[key].append(score)
    if asked.by == "label":
        return {label: ([1.0] * int(right) + [0.0] * int(wrong), right, wrong) for label, (right, wrong) in counts(parts[""]).items()}
    found = {}
    for key, some in parts.items():
        units = counts(some).values()
        found[key] = scores[key], sum(right for right, _wrong in units), sum(wrong for _right, wrong in units)
    return found


def share(hits: float, of: int) -> dict[str, Any]:
    """A share with Wilson's interval; `hits` may be a sum of scores. ValueError unless 0 ≤ hits ≤ of."""
    from workflows.quality.agreement.intervals import wilson

    between = wilson(hits, of)
    if between is None or of < LEAST:
        return {"value": None, "low": None, "high": None, "of": of, "why": "not_enough"}
    return {"value": hits / of, "low": between[0], "high": between[1], "of": of, "why": ""}


def mean_of(mean: float, spread: float, of: int) -> dict[str, Any]:
    """A mean with the normal interval mean ± 1.96 s ÷ √n, within 0 … 1."""
    if of < LEAST:
        return {"value": None, "low": None, "high": None, "of": of, "why": "not_enough"}
    reach = Z * spread / math.sqrt(of)
    return {"value": mean, "low": max(0.0, mean - reach), "high": min(1.0, mean + reach), "of": of, "why": ""}


def _named(by: str, rows: dict[str, dict[str, Any]], project: Project) -> list[dict[str, Any]]:
    named: dict[str, dict[str, Any]]
    if by in PERIODS:
        return [{"period": key, **rows[key]} for key in sorted(rows)]
    if by == "label":
        named = {key: {"label": key} for key in rows}
    elif by == "batch":
        names = dict(project.batches.filter(pk__in=[int(key) for key in rows]).values_list("pk", "name"))
        named = {key: {"batch": int(key), "name": names.get(int(key), "")} for key in rows}
    else:
        names = dict(Person.objects.filter(pk__in=[int(key) for key in rows]).values_list("pk", "name"))
        named = {key: {"person": int(key), "name": names.get(int(key), "")} for key in rows}
    ordered = sorted(rows, key=lambda key: (-rows[key]["answers"], key))
    return [{**named[key], **rows[key]} for key in ordered]
