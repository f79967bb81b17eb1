"""What was found of a round's sample, by person, by label and by reason: how many were judged, how many erred, with intervals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from django.db import connection

from annotate.annotations.models import Annotation
from annotate.labels.changes import KINDS, changes
from annotate.people.models import Person
from annotate.projects.return_reasons import OTHER, key_of
from annotate.reviews.models import Review
from workflows.rounds.models import Round
from workflows.rounds.states import ERRING
from workflows.rounds.tallying import Found
from workflows.rounds.wilson import interval

_LABELS = """
SELECT DISTINCT m.item_id, o ->> 'label'
FROM workflows_rounditem m JOIN annotate_annotation a ON a.id = m.annotation_id,
     jsonb_array_elements(a.document::jsonb -> 'objects') AS o
WHERE m.round_id = %s AND m.sampled AND o ->> 'label' IS NOT NULL
"""


@dataclass(frozen=True)
class Part:
    """`key`: a person's id (0: nobody's) or a label. The interval is that of erring among judged."""

    key: str
    name: str
    sampled: int
    judged: int
    erring: int
    low: float
    high: float

    @property
    def rate(self) -> float | None:
        return self.erring / self.judged if self.judged else None


def by_person(sample: Iterable[Found]) -> list[Part]:
    """By who wrote the answers, those with the largest share of mistakes first."""
    rows: dict[str, list[Found]] = defaultdict(list)
    for one in sample:
        rows[str(one.person or 0)].append(one)
    names = {str(pk): name for pk, name in Person.objects.filter(pk__in=[int(key) for key in rows]).values_list("pk", "name")}
    return _parts(rows, names)


def by_label(made: Round, sample: Iterable[Found]) -> list[Part]:
    """By the labels of the answers as they were judged; an item counts for each of its labels."""
    known = {one.item: one for one in sample}
    rows: dict[str, list[Found]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LABELS, [made.pk])
        for item, label in cursor.fetchall():
            rows[label].append(known[item])
    return _parts(rows, {label: label for label in rows})


def _parts(rows: dict[str, list[Found]], names: dict[str, str]) -> list[Part]:
    made = []
    for key, found in rows.items():
        judged = sum(one.review is not None for one in found)
        erring = sum(one.outcome in ERRING for one in found)
        made.append(Part(key, names.get(key, ""), len(found), judged, erring, *interval(erring, judged)))
    return sorted(made, key=lambda part: (-(part.rate or 0.0), -part.judged, part.name))


def reasons(sample: Iterable[Found]) -> dict[str, int]:
    """Why answers were returned (keys of the project, or `other`), and what fixes changed (kinds of `labels.changes`); the most first."""
    erring = [one for one in sample if one.outcome in ERRING]
    counts: Counter[str] = Counter()
    rows = Review.objects.filter(pk__in=[one.review for one in erring]).values_list("verdict", "reason_key", "reason", "annotation_id", "fixed_id")
    fixes = []
    for verdict, key, reason, annotation, fixed in rows:
        if verdict == "return":
            counts[key_of(key, reason)] += 1
        elif fixed is not None:
            fixes.append((annotation, fixed))
    documents = dict(Annotation.objects.filter(pk__in=[pk for pair in fixes for pk in pair]).values_list("pk", "document"))
    for before, after in fixes:
        counts.update({change.kind for change in changes(orjson.loads(documents[before]), orjson.loads(documents[after]))})
    return dict(counts.most_common())


__all__ = ["KINDS", "OTHER", "Part", "by_label", "by_person", "reasons"]
