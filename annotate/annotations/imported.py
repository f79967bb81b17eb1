"""Annotations and predictions that come in by the thousand: COPY and set statements, one activity row per chunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection, transaction

from annotate.activity.services import record
from annotate.annotations.projection import show
from annotate.annotations.shape import shape_of
from annotate.items.states import ITEM
from annotate.kernel import canonical, sql
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project

CHUNK = 1000


@dataclass(frozen=True)
class ImportedAnnotation:
    """`document` as `labels.validation.sift` returned it. `prediction` (model, score) makes it a model's proposal."""

    item_id: int
    document: dict[str, Any]
    schema_version_id: int
    approved: bool = False
    prediction: tuple[str, float | None] | None = None


@dataclass
class ImportResult:
    """`repeated` were there before with the same content and added nothing."""

    added: int = 0
    repeated: int = 0
    approved: int = 0
    predictions: int = 0


_ITEMS = """
SELECT i.id, i.project_id, i.state, greatest(0, (SELECT max(number) FROM annotate_annotation a WHERE a.item_id = i.id))
FROM annotate_item i WHERE i.id = ANY(%(items)s::bigint[])
"""
_LOCK = "SELECT id FROM annotate_item WHERE id = ANY(%(items)s::bigint[]) ORDER BY id FOR NO KEY UPDATE"
_KNOWN = """
SELECT item_id, digest, id FROM annotate_annotation
WHERE item_id = ANY(%(items)s::bigint[]) AND source = 'import' ORDER BY id
"""
_NEWEST = """
SELECT DISTINCT ON (item_id) item_id, id FROM annotate_annotation
WHERE item_id = ANY(%(items)s::bigint[]) AND number > 0 ORDER BY item_id, number DESC
"""
_STANDING = "SELECT item_id, annotation_id FROM annotate_approval WHERE item_id = ANY(%(items)s::bigint[]) AND ended_at IS NULL"
_IDS = "SELECT nextval(pg_get_serial_sequence('annotate_annotation', 'id')) FROM generate_series(1, %(n)s::int)"
_COPY = (
    "COPY annotate_annotation (id, item_id, number, person_id, schema_version_id, source, document, digest, created_at) FROM STDIN"
)
_NOW = "SELECT now()"
_SUPERSEDE = """
UPDATE annotate_approval SET ended_at = now(), ended_reason = 'superseded'
WHERE item_id = ANY(%(items)s::bigint[]) AND ended_at IS NULL
"""
_APPROVE = """
INSERT INTO annotate_approval (item_id, annotation_id, cause, person_id, ended_reason)
SELECT v.item, v.annotation, 'import', %(person)s::bigint, ''
FROM unnest(%(items)s::bigint[], %(annotations)s::bigint[]) AS v(item, annotation)
"""
_MOVE = """
UPDATE annotate_item SET state = %(state)s::text
WHERE id = ANY(%(items)s::bigint[]) AND state = ANY(%(origins)s::text[]) AND state <> %(state)s::text
"""
_PREDICT = """
INSERT INTO annotate_prediction (item_id, model, score, document, digest, created_at)
SELECT v.item, v.model, v.score, v.document, v.digest, now()
FROM unnest(%(items)s::bigint[], %(models)b::text[], %(scores)s::float8[], %(documents)b::text[], %(digests)b::bytea[])
     AS v(item, model, score, document, digest)
ON CONFLICT DO NOTHING RETURNING id
"""


def add_imported(rows: Iterable[ImportedAnnotation], *, by: Actor | None) -> ImportResult:
    """Add them all, a transaction per thousand; the same content on the same item again adds nothing.

    An approved one stands at once, with cause `import`, in place of any other; one that was there before only while nobody
    has answered since. Items must be of one project and unerased.
    """
    result = ImportResult()
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        _Chunk(chunk, by).write(result)
    return result


@dataclass
class _Written:
    ids: list[int] = field(default_factory=list)
    latest: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)  # item → annotation and document
    approved: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    digests: list[bytes] = field(default_factory=list)


class _Chunk:
    def __init__(self, rows: list[ImportedAnnotation], by: Actor | None) -> None:
        self.answers = [row for row in rows if row.prediction is None]
        self.predictions = [row for row in rows if row.prediction is not None]
        self.by = by
        self.person_id = by.person_id if by else None

    @transaction.atomic
    def write(self, result: ImportResult) -> None:
        items = sorted({row.item_id for row in (*self.answers, *self.predictions)})
        sql.rows(_LOCK, {"items": items})
        known = {item: (project, state, number) for item, project, state, number in sql.rows(_ITEMS, {"items": items})}
        projects = {project for project, _state, _number in known.values()}
        if len(known) < len(items) or len(projects) != 1 or any(state == "erased" for _p, state, _n in known.values()):
            raise Missing("an item of this import is not there, was erased, or belongs to another project")
        self.project_id = projects.pop()
        standing = dict(sql.rows(_STANDING, {"items": items}))
        written = self._copy(known, items, result)
        self._approve(written, standing, result)
        self._project(written, standing)
        predicted = self._predict()
        result.predictions += predicted
        self._record(written, predicted)

    def _copy(self, known: dict[int, tuple[int, str, int]], items: list[int], result: ImportResult) -> _Written:
        there = {(item, bytes(digest)): made for item, digest, made in sql.rows(_KNOWN, {"items": items})}
        numbers = {item: number for item, (_project, _state, number) in known.items()}
        ids = iter([made for (made,) in sql.rows(_IDS, {"n": len(self.answers)})] if self.answers else [])
        now = (sql.row(_NOW, {}) or (None,))[0]
        newest: dict[int, int] = dict(sql.rows(_NEWEST, {"items": items}))
        written = _Written()
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in self.answers:
                text = canonical.dumps(row.document)
                digest = canonical.digest(text)
                made = there.get((row.item_id, digest))
                if made is None:
                    made = next(ids)
                    there[row.item_id, digest] = made
                    numbers[row.item_id] += 1
                    copy.write_row(
                        (made, row.item_id, numbers[row.item_id], self.person_id, row.schema_version_id, "import", text, digest, now)
                    )
                    written.ids.append(made)
                    written.digests.append(digest)
                    written.latest[row.item_id] = (made, row.document)
                    newest[row.item_id] = made
                    result.added += 1
                else:
                    result.repeated += 1
                    if newest.get(row.item_id) != made:  # a person has answered since: that is not undone by a repetition
                        continue
                if row.approved:
                    written.approved[row.item_id] = (made, row.document)
        return written

    def _approve(self, written: _Written, standing: dict[int, int], result: ImportResult) -> None:
        for item in [item for item, (made, _document) in written.approved.items() if standing.get(item) == made]:
            del written.approved[item]
        approved = list(written.approved)
        labelled = [item for item in written.latest if item not in written.approved]
        if approved:
            sql.rows(_SUPERSEDE, {"items": approved})
            annotations = [written.approved[item][0] for item in approved]
            sql.rows(_APPROVE, {"items": approved, "annotations": annotations, "person": self.person_id})
        for state, move, moved in (("approved", "approve", approved), ("labelled", "submit", labelled)):
            if moved:
                sql.rows(_MOVE, {"items": moved, "state": state, "origins": sorted(ITEM.origins(move))})
        result.approved += len(approved)

    def _project(self, written: _Written, standing: dict[int, int]) -> None:
        shown = {item: found for item, found in written.latest.items() if item not in standing} | written.approved
        if not shown:
            return
        show([(item, self.project_id, made, shape_of(document)) for item, (made, document) in shown.items()])

    def _predict(self) -> int:
        if not self.predictions:
            return 0
        texts = [canonical.dumps(row.document) for row in self.predictions]
        made = sql.rows(
            _PREDICT,
            {
                "items": [row.item_id for row in self.predictions],
                "models": [row.prediction[0] for row in self.predictions if row.prediction],
                "scores": [row.prediction[1] for row in self.predictions if row.prediction],
                "documents": texts,
                "digests": [canonical.digest(text) for text in texts],
            },
        )
        return len(made)

    def _record(self, written: _Written, predicted: int) -> None:
        if not written.ids and not written.approved and not predicted:
            return
        organisation_id = Project.objects.values_list("organisation_id", flat=True).get(pk=self.project_id)
        record(
            self.by,
            "annotation.import",
            ("annotation", written.ids[0]) if written.ids else None,
            organisation=organisation_id,
            project=self.project_id,
            after=canonical.digest(b"".join(written.digests)),
            data=self._summary(written, predicted),
        )
        if written.approved:
            items = sorted(written.approved)
            record(
                self.by,
                "approval.add",
                ("item", items[0]) if len(items) == 1 else None,
                organisation=organisation_id,
                project=self.project_id,
                data={"count": len(items), "first": items[0], "last": items[-1], "cause": "import"},
            )

    def _summary(self, written: _Written, predicted: int) -> dict[str, Any]:
        first_last: Iterator[int] = iter((written.ids[0], written.ids[-1])) if written.ids else iter(())
        return {
            "annotations": len(written.ids),
            "range": list(first_last),
            "approved": len(written.approved),
            "predictions": predicted,
        }
