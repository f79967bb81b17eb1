"""Taking a schema change back, item by item: every revision in the new words is followed by one in the old words.

What nobody touched says again what it said before. What was written since is put back into the old words, with the memory of
what it was made from (`labels.unmapping`). An item of which something has no place in the old schema is left as it is and named.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.annotations.live import Live, Next, live, write
from annotate.annotations.models import MappedRevision, SchemaChange
from annotate.annotations.schemas import parsed
from annotate.annotations.steps import Step
from annotate.kernel import canonical, sql
from annotate.labels.mapping import unnamed
from annotate.labels.unmapping import new_by_split, unmapped

_PARENTS = "SELECT id, parent_id FROM annotate_annotation WHERE item_id = ANY(%(items)s::bigint[])"
_TEXTS = "SELECT id, document FROM annotate_annotation WHERE id = ANY(%(ids)s::bigint[])"


@dataclass(frozen=True)
class Memory:
    """What a revision was made from: the revision before the change, what it said, and whether the change took nothing from it.

    Not `own`: what the change found in the item, whoever wrote it; objects are known by their ids.
    """

    before_id: int
    lossless: bool
    own: bool
    document: str


@dataclass(frozen=True)
class Back:
    """A revision with its text in the old words; None when it has none. `approval_id`: the approval that goes on to it."""

    old: Live
    text: str | None
    approval_id: int | None


class Restoring(Step):
    def __init__(self, change: SchemaChange, earlier: Sequence[Step] = ()) -> None:
        super().__init__(change, earlier)
        assert change.restored is not None  # the service made the version before the job began
        self.since, self.number, self.restored_id = change.after.number, change.restored.number, change.restored.pk
        self.before = parsed(change.before_id)
        self.split = new_by_split(self.operations, self.before.document)

    def take(self, items: Sequence[int], looked_at: set[int]) -> Counter[str]:
        counts: Counter[str] = Counter()
        rows: dict[int, list[MappedRevision]] = {}
        MappedRevision.objects.filter(change=self.change, item_id__in=items, outcome="waiting").delete()
        for row in MappedRevision.objects.filter(change=self.change, item_id__in=items).order_by("pk"):
            rows.setdefault(row.item_id, []).append(row)
        counted, stuck = self.revisions(items)
        memories = self._memories(counted, rows)
        standing = {one.id: one.approval_id for found in live(items).values() for one in found}
        steps: list[Back] = []
        done: dict[int, str] = {}
        for item, revisions in counted.items():
            own = rows.get(item, [])
            open_ = {row.after_id for row in own if row.outcome == "mapped"}
            found: list[Back] = []
            for revision in revisions:
                made = self._back(revision, memories.get(revision.id), standing)
                if revision.id in stuck and made.text != revision.document:
                    made = Back(revision, None, None)
                if found or revision.id in open_ or made.text != revision.document:
                    found.append(made)
            known = {row.before_id for row in own} | {row.after_id for row in own if row.outcome == "left"}
            if item in looked_at and (found or open_):
                counts["waiting"] += 1
                new = [one.old.id for one in found if one.old.id not in known and one.old.id not in open_]
                self._add(item, new, "waiting")
            elif any(one.text is None for one in found):
                done[item] = "left"
                new = [one.old.id for one in found if one.old.id not in known and one.old.id not in open_]
                counts["left"] += bool(new or open_)
                self._add(item, new, "left")
            elif found or open_:
                counts["restored"] += 1
                done[item] = "restored"
                steps += found
        written = write([Next(one.old, one.text, one.approval_id) for one in steps], self.restored_id)
        self._close([row for item in done for row in rows.get(item, []) if row.outcome == "mapped"], done, written)
        seen = {of for item in done for row in rows.get(item, []) for of in (row.before_id, row.after_id)}
        MappedRevision.objects.bulk_create(
            MappedRevision(change=self.change, item_id=one.old.item_id, before_id=one.old.id, restored_id=written[one.old.id], outcome="restored")
            for one in steps
            if one.old.id not in seen
        )
        return counts

    def _back(self, revision: Live, memory: Memory | None, standing: Mapping[int, int | None]) -> Back:
        """The revision in the old words; as it is when it was made in them."""
        if not self.since <= revision.schema_number < self.number:
            return Back(revision, revision.document, revision.approval_id)
        # A verdict on labels that lost something says nothing of those that had it still.
        lost = memory is not None and memory.own and (memory.lossless or revision.approval_id is None)
        content: dict[str, Any] = unmapped(
            json.loads(revision.document),
            self.operations,
            json.loads(memory.document) if memory else None,
            lost=lost,
            split=self.split,
        )
        text = canonical.dumps(content)
        if unnamed(content, self.before.schema):
            return Back(revision, None, None)
        # What lost something was not approved with it: the approval stands on what was before, and that is what comes back.
        as_it_was = standing.get(memory.before_id) if memory and memory.own and text == memory.document else None
        return Back(revision, text, revision.approval_id or as_it_was)

    def _memories(self, counted: Mapping[int, Sequence[Live]], rows: Mapping[int, Sequence[MappedRevision]]) -> dict[int, Memory]:
        """By revision: the nearest that is behind it of those that the change wrote, else the newest that it wrote for the item."""
        parents: dict[int, int | None] = dict(sql.rows(_PARENTS, {"items": list(rows)}))
        found: dict[int, tuple[MappedRevision, bool]] = {}
        for item, revisions in counted.items():
            wrote = {row.after_id: row for row in rows.get(item, []) if row.after_id is not None}
            for revision in revisions if wrote else ():
                line: int | None = revision.id
                while line is not None and line not in wrote:
                    line = parents.get(line)
                found[revision.id] = (wrote[line], True) if line is not None else (wrote[max(wrote)], False)
        texts = dict(sql.rows(_TEXTS, {"ids": [row.before_id for row, _own in found.values()]}))
        return {line: Memory(row.before_id, row.lossless, own, texts[row.before_id]) for line, (row, own) in found.items()}

    def _add(self, item: int, revisions: Sequence[int], outcome: str) -> None:
        MappedRevision.objects.bulk_create(
            MappedRevision(change=self.change, item_id=item, before_id=one, outcome=outcome) for one in revisions
        )

    def _close(self, rows: Sequence[MappedRevision], outcomes: Mapping[int, str], written: Mapping[int, int]) -> None:
        for row in rows:
            row.outcome = outcomes[row.item_id]
            row.restored_id = written.get(row.after_id or 0)
        MappedRevision.objects.bulk_update(rows, ["outcome", "restored"])
