"""What a cut takes: the approved work that a query selects, as it was at one instant, in the order of the keys' bytes.

One REPEATABLE READ transaction counts and opens a cursor that is kept after it (WITH HOLD): the server holds the rows, this
process a few hundred at a time, and no long transaction stays open while files are written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction
from django.db.models import BinaryField, Case, Count, Exists, F, Func, OuterRef, Q, Value, When

from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.projects.models import SchemaVersion
from annotate.projects.queries import current_schema
from annotate.queues.models import Hold
from annotate.reviews.models import Approval
from annotate.search.compile import compile_query
from workflows.releases.gates import CUT, Barred, barred
from workflows.releases.models import Version

CHUNK = 1000


class Taken(NamedTuple):
    """An approved item without its labels and text, which are read when a shard is built; digests are 32 raw bytes."""

    key: str
    item: int
    group: str
    frame: int | None
    width: int | None
    height: int | None
    media: bytes | None
    uri: str | None
    text: bytes | None
    meta: Any
    batch_id: int
    batch: str
    annotation: int
    revision: int
    labels: bytes
    schema_version: int
    schema_number: int
    source: str
    labelled_at: dt.datetime
    labelled_by: str | None
    approval: int
    cause: str
    approved_at: dt.datetime
    approved_by: str | None
    reviewed_by: str | None
    held: bool


_COLUMNS = ["item__key", "item_id", "item__group", "item__frame", "item__width", "item__height", "item__sha256", "item__uri", "text_digest", "item__meta", "item__batch_id", "item__batch__name", "annotation_id", "annotation__number", "annotation__digest", "annotation__schema_version_id", "annotation__schema_version__number", "written_source", "written_at", "written_by", "id", "cause", "created_at", "person__name", "review__person__name", "held"]


class Snapshot:
    """`oldest` is a transaction id: whatever an act with a lower one did is in the rows. `barred`: what gates say at this instant."""

    def __init__(self, version: Version, condition: Q) -> None:
        project = version.dataset.project_id
        selected = Item.objects.filter(condition, project_id=project)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            self.oldest: int = cursor.fetchone()[0]
        self.barred: Barred = barred(version.dataset.project, version.q, CUT)
        self.schema: SchemaVersion = current_schema(project)
        standing = Approval.objects.filter(ended_at__isnull=True)
        approved = Exists(standing.filter(item=OuterRef("pk")))
        told = selected.annotate(approved=approved).aggregate(
            erased=Count("pk", filter=Q(state="erased")),
            not_approved=Count("pk", filter=~Q(state="erased") & Q(approved=False)),
            total=Count("pk", filter=~Q(state="erased") & Q(approved=True)),
        )
        self.total: int = told.pop("total")
        self.excluded: dict[str, int] = told
        self.repeated: set[bytes] = _repeated(project) if version.recipe["splits"] else set()
        self._declare(standing.filter(item__in=selected.exclude(state="erased").values("pk")))

    @staticmethod
    def _declare(approvals: Any) -> None:
        as_bytes = Func(F("item__text"), Value("UTF8"), function="convert_to", output_field=BinaryField())
        held = Hold.objects.filter(item=OuterRef("item_id"), ended_at__isnull=True)
        rows = approvals.annotate(
            written_source=_written("source"),
            written_at=_written("created_at"),
            written_by=_written("person__name"),
            text_digest=Func(as_bytes, function="sha256", output_field=BinaryField()), held=Exists(held)
        )
        statement, values = rows.order_by("item__key").values_list(*_COLUMNS).query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"DECLARE sluice_cut NO SCROLL CURSOR WITH HOLD FOR {statement}", values)

    def chunks(self) -> Iterator[list[Taken]]:
        """The rows, at most `CHUNK` at a time."""
        while True:
            with connection.cursor() as cursor:
                cursor.execute(f"FETCH {CHUNK} FROM sluice_cut")
                found = [_taken(values) for values in cursor.fetchall()]
            if not found:
                return
            yield found


def _written(name: str) -> Case:
    """Of the revision whose words these are: taking a fix back puts its author's revision there anew."""
    back = When(annotation__source="undo", annotation__parent__isnull=False, then=F(f"annotation__parent__{name}"))
    return Case(back, default=F(f"annotation__{name}"))


def _repeated(project_id: int) -> set[bytes]:
    """Digests of bytes that more than one item of the project has: only these can stand in two splits."""
    counted = Item.objects.filter(project_id=project_id, sha256__isnull=False).values("sha256").annotate(n=Count("pk"))
    return {bytes(each) for each in counted.filter(n__gt=1).values_list("sha256", flat=True) if each is not None}


def _taken(values: tuple[Any, ...]) -> Taken:
    row = Taken(*values)
    meta = orjson.loads(row.meta) if isinstance(row.meta, str | bytes) else row.meta
    digests: dict[str, Any] = {name: None if (raw := getattr(row, name)) is None else bytes(raw) for name in ("media", "text", "labels")}
    return row._replace(meta=meta, **digests)


@contextmanager
def taken(version: Version) -> Iterator[Snapshot]:
    """The snapshot of a version's query; its cursor is closed at the end."""
    condition = compile_query(version.q, version.dataset.project_id)
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = Snapshot(version, condition)
    try:
        yield found
    finally:
        if not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("CLOSE sluice_cut")


def documents(annotation_ids: list[int]) -> dict[int, str]:
    """The canonical text of annotations, by id."""
    return dict(Annotation.objects.filter(pk__in=annotation_ids).values_list("pk", "document"))


def texts(item_ids: list[int]) -> dict[int, str]:
    """The texts of the items that have one, by id."""
    found = Item.objects.filter(pk__in=item_ids, text__isnull=False).values_list("pk", "text")
    return {pk: text for pk, text in found if text is not None}
