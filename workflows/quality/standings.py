"""What the work of each person, of each label, or of each batch is worth, from what is on record: gold, agreement, reviews, rounds.

Every figure is {value, low, high, of, why}: a share with its 95 % interval (Wilson's) and the count behind it; below `LEAST` of those the
value is null and `why` says "not_enough". Agreement is the mean over items of how much their answers are alike.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from annotate.kernel.decisions import require
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.policies import may_view
from workflows.quality.models import GoldScore

BY = ("person", "label", "batch")
OF_GOLD = ("gold", "skill")
LEAST = 10
Z = 1.959963984540054  # the 0.975 quantile of the standard normal distribution

# What a row is about: of an answer `a` to an item `i`.
_KEYS = {"person": "a.person_id", "batch": "i.batch_id", "label": "c.label"}
_ALSO = {"person": "", "batch": "", "label": "JOIN annotate_labelcount c ON c.item_id = i.id AND c.n > 0"}
_ANSWERS = """
SELECT {key}, count(*), sum(a.seconds) FROM annotate_annotation a JOIN annotate_item i ON i.id = a.item_id {also}
WHERE i.project_id = %s AND i.state <> 'erased' AND a.source IN ('person', 'gold') AND a.person_id IS NOT NULL GROUP BY 1
"""
_REVIEWS = """
SELECT {key}, count(*) FILTER (WHERE r.verdict = 'return'), count(*)
FROM annotate_review r JOIN annotate_item i ON i.id = r.item_id JOIN annotate_annotation a ON a.id = r.annotation_id {also}
WHERE i.project_id = %s AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id) GROUP BY 1
"""
# Of rounds that are over, what was judged of their samples.
_ROUNDS = """
SELECT {key}, count(*) FILTER (WHERE m.outcome IN ('fixed', 'returned')), count(*)
FROM workflows_rounditem m JOIN annotate_item i ON i.id = m.item_id JOIN annotate_annotation a ON a.id = m.annotation_id {also}
WHERE i.project_id = %s AND m.sampled AND m.outcome IN ('accepted', 'fixed', 'returned') GROUP BY 1
"""
_AGREEMENT = """
SELECT {key}, avg(g.value), coalesce(stddev_samp(g.value), 0), count(*)
FROM annotate_agreement g JOIN annotate_item i ON i.id = g.item_id {answer} {also} WHERE i.project_id = %s GROUP BY 1
"""
_ANSWER = """JOIN annotate_task a ON a.queue_id = g.queue_id AND a.item_id = g.item_id AND a.round = g.round
             AND a.state = 'answered' AND NOT a.gold"""


def standings(project: Project, by: str, *, actor: Actor) -> list[dict[str, Any]]:
    """Rows, those with the most answers first. Who does not see every item gets their own row of the people and nothing else, without
    `OF_GOLD`: a count that rises with an answer would tell that it was to gold."""
    sees = may_view(actor, project)
    if not sees and by != "person":
        require(sees)
    rows = _rows(project, by)
    if not sees:
        own = str(actor.person_id)
        shown = {name: value for name, value in (rows.get(own) or _row()).items() if name not in OF_GOLD}
        return _named(by, {own: shown}, project)
    return _named(by, rows, project)


def _rows(project: Project, by: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = defaultdict(_row)
    values = {"key": _KEYS[by], "also": _ALSO[by]}
    for key, answers, seconds in _asked(_ANSWERS.format(**values), project):
        found[key] |= {"answers": answers, "seconds": seconds or 0.0}
    for key, returned, judged in _asked(_REVIEWS.format(**values), project):
        found[key]["returned"] = share(returned, judged)
    for key, erring, judged in _asked(_ROUNDS.format(**values), project):
        found[key]["round_errors"] = share(erring, judged)
    for key, mean, spread, items in _asked(_AGREEMENT.format(**values, answer=_ANSWER if by == "person" else ""), project):
        found[key]["agreement"] = mean_of(mean, spread, items)
    for key, (scores, right, wrong) in _gold(project, by).items():
        from workflows.quality.skill import skill

        if scores:
            found[key]["gold"] = share(sum(scores), len(scores))
        found[key]["skill"] = skill(right, wrong).explain()
    return found


def _row() -> dict[str, Any]:
    none = {"value": None, "low": None, "high": None, "of": 0, "why": "not_enough"}
    return {"answers": 0, "seconds": 0.0, "gold": none, "agreement": none, "returned": none, "round_errors": none, "skill": None}


def _asked(statement: str, project: Project) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [project.pk])
        return [(str(key), *rest) for key, *rest in cursor.fetchall() if key is not None]


def _gold(project: Project, by: str) -> dict[str, tuple[list[float], float, float]]:
    """key → (the score of each answer to gold, units right, units wrong); of a label its units, as answers are not scored by label."""
    from workflows.quality.skill import counts

    parts: dict[str, list[Any]] = defaultdict(list)
    scores: dict[str, list[float]] = defaultdict(list)
    rows = GoldScore.objects.filter(gold__project=project).order_by("pk").values_list("person_id", "annotation__item__batch_id", "score", "parts")
    for person, batch, score, part in rows.iterator(chunk_size=5000):
        key = str({"person": person, "batch": batch}.get(by, ""))
        parts[key].append(part)
        scores[key].append(score)
    if by == "label":
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
