"""What a manifest's line brings: an item and its labels as they will be stored, or why it brings nothing. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from annotate.annotations.arriving import state_of
from annotate.annotations.written import Written, write_down
from annotate.items.adding import NewItem, prepare
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema
from annotate.labels.validation import sift
from workflows.collection.ingest import lines, probabilities
from workflows.collection.ingest.identity import stable_id


@dataclass(slots=True)
class Judged:
    """`item` is None for a line that brings nothing (`code`, `detail`), and for one that waits to be told about its `blob`.

    `refusals` are the objects that were taken out, told once the item is in.
    """

    line: lines.Line
    item: NewItem | None = None
    annotation: Written | None = None
    prediction: Written | None = None
    refusals: tuple[tuple[str, str, str], ...] = ()
    code: str = ""
    detail: str = ""

    @property
    def waits(self) -> bool:
        return self.item is None and not self.code


@dataclass(frozen=True)
class Judge:
    """Judges lines for one project."""

    project_id: int
    schema: Schema
    may_approve: bool

    def first(self, line: lines.Line) -> Judged:
        """The line judged, unless it names bytes by their digest: those the database knows (`second`)."""
        if line.row is None:
            return Judged(line, code=line.code, detail=line.detail)
        return Judged(line) if line.row.sha256 is not None else self.second(line, line.row, None)

    def second(self, line: lines.Line, row: lines.Row, blob: Any) -> Judged:
        """The same with what is stored of its bytes, if any is."""
        try:
            return self._judge(line, row, blob)
        except Invalid as error:
            return Judged(line, code=error.code, detail=error.detail)

    def _judge(self, line: lines.Line, row: lines.Row, blob: Any) -> Judged:
        width, height = row.width, row.height
        if row.sha256 is not None and blob is None and row.uri is None:
            raise Invalid("sha256: no bytes of this digest are stored here", code="unknown_bytes")
        if blob is not None:
            if not blob.type.startswith("image/"):
                raise Invalid("sha256: these bytes are not a picture", code="wrong_media")
            if row.width is not None and (row.width, row.height) != (blob.width, blob.height):
                raise Invalid(f"width: the stored picture is {blob.width} × {blob.height}", code="size_mismatch")
            width, height = blob.width, blob.height
        if row.approved and not self.may_approve:
            raise Invalid("approved: only a manager of the project brings in approved labels", code="denied")
        refusals: list[tuple[str, str, str]] = []
        annotation = self._labels(line, row, row.annotation, "annotation", width, height, refusals)
        prediction = self._labels(line, row, row.prediction, "prediction", width, height, refusals)
        item = NewItem(
            row.key,
            None if blob is None else blob.pk,
            row.uri,
            row.text,
            row.sha256 if row.text is None else hashlib.sha256(row.text.encode()).digest(),
            width,
            height,
            row.group,
            row.frame,
            row.meta,
            row.captured,
            state_of(annotation is not None, row.approved),
        )
        return Judged(line, prepare(item), annotation, prediction, tuple(refusals))

    def _labels(
        self,
        line: lines.Line,
        row: lines.Row,
        document: dict[str, Any] | None,
        name: str,
        width: int | None,
        height: int | None,
        refusals: list[tuple[str, str, str]],
    ) -> Written | None:
        """The document with its good objects; None when there is none, or when none of its objects was good and it says no more."""
        if document is None:
            return None
        chances = document.get("probabilities")
        if chances:
            probabilities.check(chances, self.schema)
        for index, shape in enumerate(document["objects"]):
            if shape.__class__ is dict and "id" not in shape:
                shape["id"] = stable_id(f"{self.project_id}\x00{row.key}\x00{name}\x00{index}")
        labels = document if chances is None else {"objects": document["objects"], "item": document["item"]}
        good, bad = sift(labels, self.schema, width=width, height=height, text=row.text)
        for refusal in bad:
            refusals.append((f"line {line.number} {name}", refusal.code, _words(refusal)))
        if chances:
            return write_down({**good, "probabilities": chances})
        return write_down(good) if good["objects"] or not bad else None


def _words(refusal: Any) -> str:
    label = f"{refusal.label}: " if refusal.label and refusal.label not in refusal.detail else ""
    return f"{label}{refusal.detail}"
