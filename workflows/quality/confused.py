"""What is taken for what: labels that were meant against labels that were given, in counts, and the very things behind each of them.

`people`: answers of people against what was approved, or against gold; `model`: the newest prediction of an item against what people
approved (`comparing` says which answers). Things are matched by place whatever their labels; what has no counterpart is missing, or extra.
A small project is compared when somebody asks; of a large one the figures are those of the last job, and `measured_at` says of when.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import timezone

from annotate.annotations.schemas import parsed
from annotate.kernel import sql
from annotate.kernel.clock import DatabaseNow
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.quality import comparing
from workflows.quality.comparing import OF
from workflows.quality.kept import Say
from workflows.quality.models import QualityReport

AT_ONCE = 1000  # items that are compared while somebody waits; more are a job's
ITEMS = 200  # of one statement
_COUNTS = """
SELECT i.batch_id, c.person, c.gold, c.about, c.meant, c.given, c.fault, sum(c.n)::bigint, count(DISTINCT c.item_id)
FROM workflows_confused c JOIN annotate_item i ON i.id = c.item_id WHERE c.project_id = %(project)s::bigint AND c.of = %(of)s GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_ITEMS = """
SELECT i.batch_id, count(*), sum(k.answers)::bigint FROM workflows_kept k JOIN annotate_item i ON i.id = k.item_id
WHERE k.project_id = %(project)s::bigint AND k.kind = %(of)s GROUP BY 1
"""
# A thing is of the label that was meant, else of the one that was given; an item has one batch, so sums over batches count no item twice.
_SPREAD = """
SELECT i.batch_id, c.person, c.gold, NULL, count(DISTINCT c.item_id) FROM workflows_confused c JOIN annotate_item i ON i.id = c.item_id
WHERE c.project_id = %(project)s::bigint AND c.of = %(of)s GROUP BY 1, 2, 3
UNION ALL
SELECT i.batch_id, NULL, false, CASE WHEN c.meant = '' THEN c.given ELSE c.meant END, count(DISTINCT c.item_id) FROM workflows_confused c JOIN annotate_item i ON i.id = c.item_id
WHERE c.project_id = %(project)s::bigint AND c.of = %(of)s AND c.about = '' GROUP BY 1, 4
"""
_CELL = "c.project_id = %(project)s::bigint AND c.of = %(of)s AND c.about = %(about)s AND c.meant = %(meant)s AND c.given = %(given)s"
_THINGS = f"""
WITH found AS (
    SELECT DISTINCT c.item_id FROM workflows_confused c WHERE {_CELL} AND c.item_id > %(since)s::bigint
      AND (%(batch)s::bigint IS NULL OR EXISTS (SELECT 1 FROM annotate_item i WHERE i.id = c.item_id AND i.batch_id = %(batch)s::bigint))
    ORDER BY c.item_id LIMIT %(items)s::int)
SELECT c.item_id, c.answer, c.truth, c.objects FROM found JOIN workflows_confused c ON c.item_id = found.item_id AND {_CELL}
"""


@dataclass(frozen=True)
class Thing:
    """An object behind a cell: as a person's answer has it, or as the truth has what an answer misses (`annotation_id` is then the truth's).

    Against a model it is the truth's; what only the model saw has no annotation of its own: it is the object of `prediction_id`, and the
    annotation is what people approved of the item. Of an answer about the item itself `object_id` is None.
    """

    item_id: int
    annotation_id: int
    object_id: str | None
    prediction_id: int | None = None

    @property
    def place(self) -> tuple[int, int, str]:
        """In the order of `things`."""
        return self.item_id, self.annotation_id, self.object_id or ""


@dataclass(frozen=True)
class Matrix:
    """`counts[row][column]`: how many things `labels[row]` was meant of and `labels[column]` given to; the last row is what is extra
    in answers, the last column what they miss. On `answers` to `items`. `measured_at` is None if nobody has measured yet."""

    of: str
    about: str
    batch: int | None
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    items: int
    answers: int
    measured_at: dt.datetime | None

    @property
    def right(self) -> int:
        return sum(self.counts[place][place] for place in range(len(self.labels)))

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts))

    def meant(self, row: int) -> int:
        """How many things of the row there are."""
        return sum(self.counts[row])


class Count(NamedTuple):
    """`n` things in `items`, by all that tells them apart; "" as `meant` or `given` is no counterpart, `about` "" objects."""

    batch: int
    person: int | None
    gold: bool
    about: str
    meant: str
    given: str
    fault: str
    n: int
    items: int


@dataclass(frozen=True)
class Counts:
    """All counts of a project; batch → (items, answers) that were compared; in `spread` (batch, person, gold, None, items) and
    (batch, None, False, label, items): in how many items a person, or a label, was."""

    rows: tuple[Count, ...]
    compared: dict[int, tuple[int, int]]
    spread: tuple[tuple[int, int | None, bool, str | None, int], ...]
    measured_at: dt.datetime


def matrix(project: Project, *, of: str = "people", batch: int | None = None, about: str = "") -> Matrix:
    """As it is now of a small project, as it was measured last of a large one. `about`: a question about the item in place of objects."""
    found = counts(project, of)
    if found is None:
        return Matrix(of, about, batch, (), ((0,),), 0, 0, None)
    return table(project, found, of=of, batch=batch, about=about)


def table(project: Project, found: Counts, *, of: str, batch: int | None, about: str) -> Matrix:
    cells: dict[tuple[str, str], int] = defaultdict(int)
    for row in found.rows:
        if row.about == about and batch in (None, row.batch):
            cells[row.meant, row.given] += row.n
    labels = _in_order(project, about, {name for cell in cells for name in cell if name})
    names = (*labels, "")
    compared = [both for one, both in found.compared.items() if batch in (None, one)]
    values = tuple(tuple(cells.get((meant, given), 0) for given in names) for meant in names)
    return Matrix(of, about, batch, labels, values, sum(items for items, _ in compared), sum(answers for _, answers in compared), found.measured_at)


def counts(project: Project, of: str) -> Counts | None:
    """Compared at once where that is not much, else as a job has kept it; None if none has yet."""
    kept = QualityReport.objects.filter(project=project, about=about_of(of)).first()
    if kept is None or sum(items for items, _answers in kept.result["compared"].values()) <= AT_ONCE:
        if len(comparing.items_of(project, of)) <= AT_ONCE:
            comparing.refresh(project, of)
            return _counted(project, of)
        if kept is None:
            return None
    compared = {int(batch): (items, answers) for batch, (items, answers) in kept.result["compared"].items()}
    return Counts(tuple(Count(*row) for row in kept.result["rows"]), compared, tuple(tuple(row) for row in kept.result["spread"]), kept.measured_at)


def measure(project: Project, of: str, say: Say) -> Counts:
    """The job's part: what has changed is compared, and the counts are kept."""
    comparing.refresh(project, of, say)
    found = _counted(project, of)
    result = {"rows": [list(row) for row in found.rows], "compared": found.compared, "spread": [list(row) for row in found.spread]}
    QualityReport.objects.update_or_create(project=project, about=about_of(of), defaults={"result": result, "measured_at": DatabaseNow()})
    return found


def things(
    project: Project, *, given: str | None, meant: str | None, of: str = "people", batch: int | None = None, about: str = "", limit: int = 100, after: Thing | tuple[Any, ...] | None = None
) -> list[Thing]:
    """The things of one cell as they were compared last, in the order of items, each once; None for what is extra, or missing.

    The next page is what comes `after` the last of this one, or its (item, annotation, object); fewer than `limit` are the last.
    """
    after = Thing(*after) if isinstance(after, tuple) else after
    if after is None:
        counts(project, of)  # a small project is compared when somebody asks
    asked = {"project": project.pk, "of": of, "about": about, "meant": meant or "", "given": given or "", "batch": batch, "items": ITEMS}
    found: list[Thing] = []
    since = after.item_id - 1 if after else 0
    while len(found) < limit:
        made = {one for row in sql.rows(_THINGS, asked | {"since": since}) for one in _things(row, of, meant, given)}
        if not made:
            break
        since = max(one.item_id for one in made)
        found += sorted((one for one in made if after is None or one.place > after.place), key=lambda one: one.place)
    return found[:limit]


def about_of(of: str) -> str:
    return f"confused {of}"


def _things(row: tuple[Any, ...], of: str, meant: str | None, given: str | None) -> Iterable[Thing]:
    item, answer, truth, objects = row
    annotation = answer if given and of == "people" else truth
    prediction = answer if of == "model" and not meant else None
    return [Thing(item, annotation, str(one), prediction) for one in objects] or [Thing(item, annotation, None, prediction)]


def _counted(project: Project, of: str) -> Counts:
    asked = {"project": project.pk, "of": of}
    rows = tuple(Count(*row) for row in sql.rows(_COUNTS, asked))
    compared = {batch: (items, answers) for batch, items, answers in sql.rows(_ITEMS, asked)}
    return Counts(rows, compared, tuple(sql.rows(_SPREAD, asked)), timezone.now())


def _in_order(project: Project, about: str, met: set[str]) -> tuple[str, ...]:
    """As the schema names them, then what it does not know."""
    schema = parsed(current_schema(project.pk).pk).document
    if about:
        known = [option for one in schema.get("item") or () if one["name"] == about for option in ("true", "false", *(one.get("options") or ()))]
    else:
        known = [one["name"] for one in schema.get("labels") or ()]
    return (*(name for name in known if name in met), *sorted(met.difference(known)))


__all__ = ["AT_ONCE", "OF", "Count", "Counts", "Matrix", "Thing", "about_of", "counts", "matrix", "measure", "table", "things"]
