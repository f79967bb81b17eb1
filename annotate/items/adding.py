"""Items coming in: any number of rows, those whose keys the project does not know by COPY straight into the table.

Another import may bring a key in between the look and the COPY: then the part is looked at again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.gating import newcomers
from annotate.items.keys import LONGEST, check_key
from annotate.items.models import Batch
from annotate.items.policies import may_add
from annotate.kernel import canonical, copying, sql
from annotate.kernel.decisions import Denial, require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.people.actor import Actor

MAX_URI = 4000
MAX_META = 64 * 1024  # bytes of its canonical JSON
PART = 5000  # rows held at a time
TRIES = 20
STATES = ("new", "labelled", "approved")


@dataclass(slots=True)
class NewItem:
    """One row to add: a `blob_id`, a `uri` that is not fetched, or a `text`. Sizes in pixels of the upright picture.

    `state` is "new", or what its labels make of it when the caller adds those in the same transaction (`add_arriving`).
    `columns` are for `prepare` to fill in.
    """

    key: str
    blob_id: int | None = None
    uri: str | None = None
    text: str | None = None
    sha256: bytes | None = None
    width: int | None = None
    height: int | None = None
    group: str = ""
    frame: int | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    captured_at: dt.datetime | None = None
    state: str = "new"
    columns: str = ""


@dataclass(frozen=True)
class AddResult:
    """`accepted` maps the keys that were new to their item ids. `duplicates` are keys that the project had already or
    that came again in these rows; `rows` counts what was given, so that rows − accepted = duplicate rows."""

    accepted: dict[str, int]
    duplicates: set[str]
    rows: int

    @property
    def duplicate_rows(self) -> int:
        return self.rows - len(self.accepted)


def _size(value: int | None, name: str) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10**6):
        raise Invalid(
            _("%(name)s must be a whole number from 1 to 1,000,000") % {"name": name}, fields={name: "1 to 1000000"}
        )


def check_row(row: NewItem) -> str:
    """The row's `meta` as JSON text when all is well, else `Invalid` with fields; imports ask before they add."""
    check_key(row.key)
    if row.blob_id is None and not row.uri and row.text is None:
        raise Invalid(_("An item needs bytes, a uri or a text."), code="no_content", fields={"uri": "nothing is given"})
    if row.uri is not None:
        canonical.check_text(row.uri)
        if len(row.uri) > MAX_URI or not row.uri.isprintable():
            raise Invalid(
                _("The uri is too long or contains control characters."), code="bad_uri", fields={"uri": "not valid"}
            )
    if row.text is not None:
        canonical.check_text(row.text)
    _size(row.width, "width")
    _size(row.height, "height")
    canonical.check_text(row.group)
    if len(row.group) > LONGEST:
        raise Invalid(_("The group is too long."), fields={"group": "too long"})
    if row.frame is not None and (
        isinstance(row.frame, bool) or not isinstance(row.frame, int) or not 0 <= row.frame < 2**31
    ):
        raise Invalid(_("frame must be a whole number."), fields={"frame": "a whole number"})
    if not isinstance(row.meta, dict):
        raise Invalid(_("meta must be an object."), fields={"meta": "an object"})
    if row.state not in STATES:
        raise Invalid(_("An item cannot come in with this state."), fields={"state": f"one of {', '.join(STATES)}"})
    if not row.meta:
        return "{}"
    text = canonical.dumps(row.meta)
    canonical.check_text(text)
    if len(text.encode()) > MAX_META or "\\u0000" in text:
        raise Invalid(_("meta is too large or holds NUL."), fields={"meta": "too large or not storable"})
    return text


def prepare(row: NewItem) -> NewItem:
    """Check the row and write its columns out, so that `add_items` need not, which may be in a hurry. `Invalid` as by `check_row`.

    A row with a blob is only checked, since the blob may say more of it.
    """
    meta = check_row(row)
    if row.blob_id is None:
        row.columns = _columns(row, meta, row.sha256, row.width, row.height)
    return row


def _columns(row: NewItem, meta: str, sha256: bytes | None, width: int | None, height: int | None) -> str:
    text, plain = copying.text, copying.plain
    return (
        f"{text(row.key)}\t{plain(row.blob_id)}\t{text(row.uri)}\t{text(row.text)}\t{copying.raw(sha256)}\t{plain(width)}\t{plain(height)}\t"
        f"{text(row.group)}\t{plain(row.frame)}\t{copying.json(meta)}\t{row.state}\t{plain(row.captured_at)}"
    )


_KNOWN = "SELECT key FROM annotate_item WHERE project_id = %(project)s::bigint AND key = ANY(%(keys)b::text[])"
_BLOBS = """
SELECT id, sha256, width, height FROM annotate_blob WHERE organisation_id = %(organisation)s::bigint AND id = ANY(%(blobs)s::bigint[])
FOR KEY SHARE
"""
# The batch is locked already, and holds its project.
_NOW = "SELECT now() FROM annotate_project p, annotate_person h WHERE p.id = %(project)s::bigint AND h.id = %(person)s::bigint FOR KEY SHARE"
_COPY = """
COPY annotate_item (id, project_id, batch_id, created_at, created_by_id, key, blob_id, uri, text, sha256, width, height,
                    group_key, frame, meta, state, captured_at) FROM STDIN
"""


class _Incoming:
    """Rows on their way into one batch."""

    def __init__(self, batch: Batch, person_id: int) -> None:
        self.project_id, self.organisation_id = batch.project_id, batch.project.organisation_id
        now = sql.row(_NOW, {"project": batch.project_id, "person": person_id})
        if now is None:
            raise Missing()
        self.place = f"{batch.project_id}\t{batch.pk}\t{now[0]}\t{person_id}"
        self.accepted: dict[str, int] = {}
        self.duplicates: set[str] = set()

    def take(self, rows: Sequence[NewItem]) -> None:
        lines: dict[str, NewItem] = {}
        for row in rows:
            if not row.columns:
                prepare(row)
            if row.key in lines or row.key in self.accepted:
                self.duplicates.add(row.key)
            else:
                lines[row.key] = row
        self._look_up([row for row in lines.values() if row.blob_id is not None])
        for attempt in range(TRIES):
            known = {key for (key,) in sql.rows(_KNOWN, {"project": self.project_id, "keys": list(lines)})}
            self.duplicates |= known
            for key in known:
                del lines[key]
            try:
                with transaction.atomic():
                    self._copy(lines)
                return
            except IntegrityError as error:
                if attempt == TRIES - 1 or "item_key_once" not in str(error):
                    raise

    def _look_up(self, rows: list[NewItem]) -> None:
        """Write out rows with blobs: a size or digest that they lack is the blob's."""
        if not rows:
            return
        ids = {row.blob_id for row in rows}
        blobs = {blob: facts for blob, *facts in sql.rows(_BLOBS, {"organisation": self.organisation_id, "blobs": list(ids)})}
        if len(blobs) < len(ids):
            raise Invalid(_("These bytes are not there."), code="unknown_bytes", fields={"sha256": "not there"})
        for row in rows:
            sha256, width, height = blobs[row.blob_id]
            row.columns = _columns(
                row,
                check_row(row),
                sha256 if row.sha256 is None else row.sha256,
                width if row.width is None else row.width,
                height if row.height is None else row.height,
            )

    def _copy(self, lines: dict[str, NewItem]) -> None:
        ids = copying.new_ids("annotate_item", len(lines))
        place = self.place
        with copying.references_known():
            copying.copy(_COPY, (f"{made}\t{place}\t{row.columns}" for made, row in zip(ids, lines.values(), strict=True)))
        self.accepted.update(zip(lines, ids, strict=True))


@transaction.atomic
def add_items(batch: Batch, rows: Iterable[NewItem], by: Actor) -> AddResult:
    """Add rows to an open batch. A key that the project knows is a duplicate and changes nothing.

    All rows or none: `Invalid` on a row that `check_row` refuses, `Conflict` when the batch is sealed, `Invalid` for bytes
    of another organisation. Missing sizes and digests are taken from the blob.
    """
    fresh = Batch.objects.select_for_update(of=("self",), no_key=True).select_related("project").get(pk=batch.pk)
    decision = may_add(by, fresh)
    if isinstance(decision, Denial) and decision.code == "sealed":
        raise Conflict(decision.why, code="sealed")
    require(decision)
    project = fresh.project
    incoming = _Incoming(fresh, by.person_id)
    source, count = iter(rows), 0
    while part := list(islice(source, PART)):
        count += len(part)
        incoming.take(part)
    accepted = incoming.accepted
    if accepted:
        for _name, listener in newcomers:
            listener(fresh.pk)
        ids = sorted(accepted.values())
        record(
            by,
            "items.add",
            fresh,
            organisation=project.organisation_id,
            project=project,
            after=canonical.digest("\n".join(sorted(accepted))),
            data={"count": len(ids), "first": ids[0], "last": ids[-1]},
        )
    return AddResult(accepted, incoming.duplicates, count)
