"""The loop behind label files: pictures that came along, items that are there, or references, each with its labels.

An input is a picture that is labelled or came along. Its outcome is `accepted` when an item or labels were added,
`duplicate` when both were there already, `rejected` when nothing could come of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from annotate.annotations.models import Annotation, Prediction
from annotate.annotations.schemas import parsed
from annotate.annotations.services import ImportedAnnotation, add_imported
from annotate.items.adding import NewItem, add_items, check_row
from annotate.items.jobs import enqueue_renditions
from annotate.items.models import Item, Upload
from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema
from annotate.people.actor import Actor
from annotate.reviews.models import Approval
from workflows.collection.importers.found import LabelDoc
from workflows.collection.ingest.archives import Member, Refused
from workflows.collection.ingest.fitting import Fitted, fit
from workflows.collection.ingest.ledger import Chunk, Ledger
from workflows.collection.ingest.media import Taken, take
from workflows.collection.ingest.plan import Plan, group_alone, is_picture, make_plan
from workflows.collection.ingest.texts import placed
from workflows.collection.ingest.walking import walk
from workflows.collection.propose import extend_schema

CHUNK = 100


@dataclass
class Unit:
    """One step of the import: a picture, a known item or a reference with its labels, or a refusal."""

    docs: tuple[LabelDoc, ...] = ()
    member: Member | None = None
    new: NewItem | None = None
    known: int | None = None
    refusal: Refused | None = None
    is_input: bool = True  # False: the refusal is about an object that belongs to no picture


def run(ledger: Ledger, upload: Upload, by: Actor) -> dict[str, Any]:
    """Returns what else the result should say: files that were neither pictures nor labels."""
    plan = make_plan(upload, upload.options["format"])
    version_id = ledger.recall("schema") or _schema(ledger, upload, plan, by)
    importer = LabelImport(ledger, upload, by, parsed(version_id).schema, version_id)
    ledger.total = (
        len(plan.problems) + plan.refused + len(plan.pictures) + len({labels.doc.file for labels in plan.alone})
    )
    for units in _chunks(ledger, upload, islice(_units(ledger, upload, plan), ledger.position, None)):
        importer.take(units)
    return {"ignored": plan.ignored} if plan.ignored else {}


def _schema(ledger: Ledger, upload: Upload, plan: Plan, by: Actor) -> int:
    version_id: int = upload.options["schema_version"]
    if upload.options.get("unknown_labels") == "add":
        version_id = extend_schema(upload.batch.project, [labels.doc for labels in plan.labels], by=by)
    ledger.settle("schema", version_id)
    return version_id


def _units(ledger: Ledger, upload: Upload, plan: Plan) -> Iterator[Unit]:
    """The steps in an order that is the same in every attempt."""
    for problem in plan.problems:
        yield Unit(refusal=Refused(problem.place, problem.code, problem.detail), is_input=problem.whole)
    if plan.pictures or plan.refused:
        pictures = 0
        for entry in walk(upload):
            if isinstance(entry, Refused):
                yield Unit(refusal=entry)
            elif is_picture(entry.path):
                yield Unit(docs=tuple(plan.by_picture.get(pictures, ())), member=entry)
                pictures += 1
    if plan.alone and upload.batch.project.media == "text":
        for doc, found in placed(ledger, upload, plan):
            if isinstance(found, Refused):
                yield Unit(refusal=found)
            else:
                yield Unit(docs=(doc,), known=found) if isinstance(found, int) else Unit(docs=(doc,), new=found)
    elif plan.alone:
        yield from _alone(ledger, upload, plan)


def _alone(ledger: Ledger, upload: Upload, plan: Plan) -> Iterator[Unit]:
    """Labels whose picture did not come along. Decisions that this import's own items would change are settled once."""
    references = ledger.recall("references")
    if references is None:
        references = ledger.settle("references", _make_references(upload, plan))
    last = ledger.recall("last_item")
    if last is None:
        last = ledger.settle("last_item", Item.objects.aggregate(last=Max("id"))["last"] or 0)
    items = Item.objects.filter(batch=upload.batch, id__lte=last).exclude(state="erased")
    rows = list(items.order_by("id").values_list("key", "id"))
    for group in group_alone(plan, (key for key, _id in rows)):
        if group.problem is not None:
            yield Unit(refusal=Refused(group.problem.place, group.problem.code, group.problem.detail))
        elif group.index is not None:
            yield Unit(docs=group.docs, known=rows[group.index][1])
        else:
            yield _reference(group.docs, references)


def _reference(docs: tuple[LabelDoc, ...], references: bool) -> Unit:
    doc = docs[0]
    if doc.text is not None:
        return Unit(refusal=Refused(doc.place, "wrong_media", "this is a text, and the project is one of pictures"))
    if not references:
        return Unit(refusal=Refused(doc.place, "no_picture", f"{doc.file}: the batch has no picture of this name"))
    if doc.relative:
        return Unit(refusal=Refused(doc.place, "no_size", f"{doc.file}: shares of a picture's size say nothing without the picture"))
    item = NewItem(key=doc.file, uri=doc.file, width=doc.width, height=doc.height)
    try:
        check_row(item)
    except Invalid as error:
        return Unit(refusal=Refused(doc.place, error.code, error.detail))
    return Unit(docs=docs, new=item)


def _make_references(upload: Upload, plan: Plan) -> bool:
    """Whether labels without a picture become references: as asked, else where neither upload nor batch has pictures."""
    asked = upload.options.get("missing")
    if asked in ("reference", "reject"):
        return bool(asked == "reference")
    return not plan.pictures and not Item.objects.filter(batch=upload.batch, blob__isnull=False).exists()


def _chunks(ledger: Ledger, upload: Upload, units: Iterator[Unit]) -> Iterator[list[Unit]]:
    """The steps in chunks, pictures probed and stored on the way, before any transaction."""
    project = upload.batch.project
    chunk: list[Unit] = []
    for unit in units:
        if unit.member is not None:
            taken = take(unit.member, media=project.media, organisation_id=project.organisation_id)
            if isinstance(taken, Taken):
                unit.new = taken.item
            else:
                unit.refusal = taken
            unit.member = None
        chunk.append(unit)
        ledger.work.progress(ledger.position + len(chunk), ledger.total)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@dataclass
class Labelled:
    """An item of a chunk with the labels that it is to get."""

    item_id: int
    fitted: Fitted
    is_new: bool
    digest: bytes = b""


@dataclass
class LabelImport:
    """Takes chunks of steps into one batch."""

    ledger: Ledger
    upload: Upload
    by: Actor
    schema: Schema
    schema_version_id: int
    role: str = field(init=False)  # annotation, approved or prediction

    def __post_init__(self) -> None:
        self.role = self.upload.options.get("as", "annotation")
        self.model = self.upload.options.get("model") or self.upload.options["format"]

    def take(self, units: list[Unit]) -> None:
        with self.ledger.chunk(len(units)) as chunk:
            wanted: dict[str, Unit] = {}
            known: list[Unit] = []
            for unit in units:
                if unit.refusal is not None:
                    self._refuse(unit, chunk)
                elif unit.new is None:
                    known.append(unit)
                elif unit.new.key in wanted:
                    chunk.count("duplicate")
                else:
                    wanted[unit.new.key] = unit
            self._label(self._items(wanted, known), chunk)

    def _refuse(self, unit: Unit, chunk: Chunk) -> None:
        assert unit.refusal is not None
        if unit.is_input:
            chunk.refused(unit.refusal)
        else:
            chunk.refuse_object(unit.refusal.place, unit.refusal.code, unit.refusal.detail)

    def _items(self, wanted: dict[str, Unit], known: list[Unit]) -> list[tuple[Unit, Item, bool]]:
        """Every step with its item, and whether the item is new."""
        project = self.upload.batch.project
        rows = [unit.new for unit in wanted.values() if unit.new is not None]
        added = add_items(self.upload.batch, rows, by=self.by).accepted if rows else {}
        blobs = [row.blob_id for row in rows if row.key in added and row.blob_id is not None]
        if blobs:
            enqueue_renditions(blobs, organisation_id=project.organisation_id, project_id=project.pk, by=self.by)
        by_key = {
            item.key: item
            for item in Item.objects.filter(project=project, key__in=list(wanted)).exclude(state="erased")
        }
        by_id = Item.objects.exclude(state="erased").in_bulk([unit.known for unit in known if unit.known is not None])
        found = [(unit, by_key[key], key in added) for key, unit in wanted.items() if key in by_key]
        return found + [(unit, by_id[unit.known], False) for unit in known if unit.known in by_id]

    def _label(self, found: list[tuple[Unit, Item, bool]], chunk: Chunk) -> None:
        labelled: list[Labelled] = []
        for unit, item, is_new in found:
            fitted = Fitted(None)
            docs = tuple(doc for doc in unit.docs if doc.labelled)
            if docs:
                self._compare_sizes(docs, item, chunk)
                owner = f"{item.project_id}/{item.key}"
                fitted = fit(docs, self.schema, owner=owner, width=item.width, height=item.height, text=item.text)
            digest = canonical.digest(canonical.dumps(fitted.document)) if fitted.document is not None else b""
            labelled.append(Labelled(item.pk, fitted, is_new, digest))
        there = self._there([one for one in labelled if one.digest])
        rows = []
        for one in labelled:
            fresh = bool(one.digest) and (one.item_id, one.digest) not in there
            chunk.count("accepted" if one.is_new or fresh else "duplicate")
            for place, code, detail in one.fitted.refusals:
                chunk.refuse_object(place, code, detail)
            for name, count in one.fitted.dropped.items():
                chunk.count(f"dropped/{name}", count)
            if fresh and one.fitted.document is not None:
                rows.append(self._row(one))
        if rows:
            add_imported(rows, by=self.by)

    def _row(self, one: Labelled) -> ImportedAnnotation:
        assert one.fitted.document is not None
        return ImportedAnnotation(
            item_id=one.item_id,
            document=one.fitted.document,
            schema_version_id=self.schema_version_id,
            approved=self.role == "approved",
            prediction=(self.model, one.fitted.score) if self.role == "prediction" else None,
        )

    def _there(self, labelled: list[Labelled]) -> set[tuple[int, bytes]]:
        """(item, digest) of what these items have already in the same role; importing that again adds nothing."""
        ids = [one.item_id for one in labelled if not one.is_new]
        if not ids:
            return set()
        rows: QuerySet[Any, tuple[int, bytes | memoryview]]
        if self.role == "prediction":
            rows = Prediction.objects.filter(item_id__in=ids, model=self.model).values_list("item_id", "digest")
        elif self.role == "approved":
            # What was approved once, even if that has ended, or was answered since: a later decision is not undone.
            newest = Annotation.objects.filter(item=OuterRef("item"), number__gt=0).order_by("-number").values("pk")[:1]
            settled = Exists(Approval.objects.filter(annotation=OuterRef("pk"))) | ~Q(pk=Subquery(newest))
            rows = Annotation.objects.filter(settled, item_id__in=ids, source="import").values_list("item_id", "digest")
        else:
            rows = Annotation.objects.filter(item_id__in=ids, source="import").values_list("item_id", "digest")
        return {(item_id, bytes(digest)) for item_id, digest in rows}

    def _compare_sizes(self, docs: tuple[LabelDoc, ...], item: Item, chunk: Chunk) -> None:
        for doc in docs:
            if None not in (doc.width, doc.height, item.width, item.height) and (doc.width, doc.height) != (
                item.width,
                item.height,
            ):
                words = f"{doc.file}: the label file says {doc.width} × {doc.height}, the picture is {item.width} × {item.height}"
                chunk.note(doc.place, "size_mismatch", words)
                return
