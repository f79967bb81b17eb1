"""Labels that come in together with their items: all by COPY, since nobody can know the items yet, nor stand in the way.

For items that were there before see `imported`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from annotate.activity.services import record
from annotate.annotations.written import Written
from annotate.kernel import canonical, copying, sql
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project


@dataclass(slots=True)
class Arriving:
    """What comes with one new item: an annotation, approved or not, and a prediction by (model, score)."""

    item_id: int
    annotation: Written | None = None
    approved: bool = False
    prediction: Written | None = None
    model: str = ""
    score: float | None = None

    @property
    def state(self) -> str:
        return state_of(self.annotation is not None, self.approved)


def state_of(annotated: bool, approved: bool) -> str:
    """The state that an item comes in with: where `submit` and `approve` lead from "new"."""
    return "new" if not annotated else "approved" if approved else "labelled"


_LOCK_VERSION = "SELECT now() FROM annotate_schemaversion WHERE id = %(version)s::bigint FOR KEY SHARE"
_LOCK_PERSON = "SELECT id FROM annotate_person WHERE id = %(person)s::bigint FOR KEY SHARE"
_ANNOTATIONS = """
COPY annotate_annotation (id, item_id, number, person_id, schema_version_id, source, created_at, document, digest) FROM STDIN
"""
_CURRENT = "COPY annotate_currentannotation (item_id, project_id, annotation_id, objects_index, item_attributes) FROM STDIN"
_COUNTS = "COPY annotate_labelcount (item_id, project_id, label, n) FROM STDIN"
_APPROVALS = "COPY annotate_approval (item_id, annotation_id, cause, person_id, created_at, ended_reason) FROM STDIN"
_PREDICTIONS = "COPY annotate_prediction (item_id, model, score, created_at, document, digest) FROM STDIN"


@transaction.atomic
def add_arriving(rows: Sequence[Arriving], *, project: Project, schema_version_id: int, by: Actor | None) -> None:
    """Add the labels of items that `add_items` made earlier in this transaction, with the state that `Arriving.state` says.

    Each item once. An approved annotation stands with cause `import`. One activity row for all.
    """
    person, project_id = by.person_id if by else None, project.pk
    answers = [(row, row.annotation) for row in rows if row.annotation is not None]
    predictions = [(row, row.prediction) for row in rows if row.prediction is not None]
    if not answers and not predictions:
        return
    found = sql.row(_LOCK_VERSION, {"version": schema_version_id})
    if found is None or (person is not None and sql.row(_LOCK_PERSON, {"person": person}) is None):
        raise Missing("the schema version or the person of this import has gone")
    now = found[0]
    ids = copying.new_ids("annotate_annotation", len(answers)) if answers else []
    approved = [(row.item_id, made) for (row, _written), made in zip(answers, ids, strict=True) if row.approved]
    plain = copying.plain
    middle, end = f"1\t{plain(person)}\t{schema_version_id}\timport\t{now}", f"import\t{plain(person)}\t{now}\t"
    with copying.references_known():
        copying.copy(
            _ANNOTATIONS,
            (f"{made}\t{row.item_id}\t{middle}\t{written.stored}" for (row, written), made in zip(answers, ids, strict=True)),
        )
        copying.copy(_APPROVALS, (f"{item}\t{made}\t{end}" for item, made in approved))
        copying.copy(
            _PREDICTIONS,
            (f"{row.item_id}\t{copying.text(row.model)}\t{plain(row.score)}\t{now}\t{written.stored}" for row, written in predictions),
        )
    copying.copy(
        _CURRENT,
        (f"{row.item_id}\t{project_id}\t{made}\t{written.current}" for (row, written), made in zip(answers, ids, strict=True)),
    )
    copying.copy(_COUNTS, (f"{row.item_id}\t{project_id}\t{count}" for row, written in answers for count in written.counts))
    data: dict[str, object] = {"annotations": len(ids), "range": [ids[0], ids[-1]] if ids else [], "approved": len(approved), "predictions": len(predictions)}
    _record(by, project, ids, b"".join(written.digest for _row, written in answers), data, [item for item, _made in approved])


def _record(by: Actor | None, project: Project, ids: list[int], digests: bytes, data: dict[str, object], approved: list[int]) -> None:
    record(
        by,
        "annotation.import",
        ("annotation", ids[0]) if ids else None,
        organisation=project.organisation_id,
        project=project,
        after=canonical.digest(digests),
        data=data,
    )
    if approved:
        record(
            by,
            "approval.add",
            ("item", approved[0]) if len(approved) == 1 else None,
            organisation=project.organisation_id,
            project=project,
            data={"count": len(approved), "first": approved[0], "last": approved[-1], "cause": "import"},
        )
