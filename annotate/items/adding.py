"""Items coming in: any number of rows by COPY into a temporary table, then one INSERT that leaves known keys alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.keys import LONGEST, check_key
from annotate.items.models import Batch
from annotate.items.policies import may_add
from annotate.kernel import canonical
from annotate.kernel.decisions import Denial, require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor

MAX_URI = 4000
MAX_META = 64 * 1024  # bytes of its canonical JSON


@dataclass(frozen=True, slots=True)
class NewItem:
    """One row to add: a `blob_id`, a `uri` that is not fetched, or a `text`. Sizes in pixels of the upright picture."""

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
    text = canonical.dumps(row.meta)
    canonical.check_text(text)
    if len(text.encode()) > MAX_META or "\\u0000" in text:
        raise Invalid(_("meta is too large or holds NUL."), fields={"meta": "too large or not storable"})
    return text


_TABLE = """
DROP TABLE IF EXISTS incoming_item;
CREATE TEMPORARY TABLE incoming_item (
    place integer, key text COLLATE "C", blob_id bigint, uri text, text text, sha256 bytea, width integer, height integer,
    group_key text, frame integer, meta jsonb, captured_at timestamptz
) ON COMMIT DROP
"""
_STRANGE = """
SELECT 1 FROM incoming_item i LEFT JOIN annotate_blob b ON b.id = i.blob_id AND b.organisation_id = %s
WHERE i.blob_id IS NOT NULL AND b.id IS NULL LIMIT 1
"""
_INSERT = """
INSERT INTO annotate_item (project_id, batch_id, key, blob_id, uri, text, sha256, width, height, group_key, frame, meta,
                           state, captured_at, created_at, created_by_id)
SELECT %(project)s, %(batch)s, i.key, i.blob_id, i.uri, i.text, coalesce(i.sha256, b.sha256), coalesce(i.width, b.width),
       coalesce(i.height, b.height), i.group_key, i.frame, i.meta, 'new', i.captured_at, now(), %(person)s
FROM incoming_item i LEFT JOIN annotate_blob b ON b.id = i.blob_id
ORDER BY i.place
ON CONFLICT (project_id, key) DO NOTHING
RETURNING key, id
"""


def _lines(rows: Iterable[NewItem], seen: dict[str, int], again: set[str]) -> Iterator[tuple[Any, ...]]:
    for place, row in enumerate(rows):
        meta = check_row(row)
        seen[""] = place + 1
        if row.key in seen:
            again.add(row.key)
            continue
        seen[row.key] = place
        yield (
            place, row.key, row.blob_id, row.uri, row.text, row.sha256, row.width, row.height, row.group, row.frame,
            meta, row.captured_at,
        )  # fmt: skip


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
    seen: dict[str, int] = {"": 0}
    again: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with cursor.copy("COPY incoming_item FROM STDIN") as copy:
            for line in _lines(rows, seen, again):
                copy.write_row(line)
        cursor.execute(_STRANGE, [project.organisation_id])
        if cursor.fetchone():
            raise Invalid(_("These bytes are not there."), code="unknown_bytes", fields={"sha256": "not there"})
        cursor.execute(_INSERT, {"project": project.pk, "batch": fresh.pk, "person": by.person_id})
        accepted = dict(cursor.fetchall())
        cursor.execute("DROP TABLE incoming_item")
    count = seen.pop("")
    if accepted:
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
    return AddResult(accepted, again | (set(seen) - set(accepted)), count)
