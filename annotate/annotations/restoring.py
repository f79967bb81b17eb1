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

# The nearest revision behind each of these that the change wrote, and what that one said before.
_MEMORY = """
WITH RECURSIVE line AS (
    SELECT a.id AS live, a.id, a.parent_id FROM annotate_annotation a WHERE a.id = ANY(%(ids)s::bigint[])
    UNION ALL
    SELECT line.live, a.id, a.parent_id FROM line JOIN annotate_annotation a ON a.id = line.parent_id
    WHERE NOT EXISTS (SELECT 1 FROM annotate_mappedrevision r WHERE r.change_id = %(change)s::bigint AND r.after_id = line.id)
)
SELECT line.live, r.before_id, r.after_id, r.lossless, b.document
FROM line JOIN annotate_mappedrevision r ON r.change_id = %(change)s::bigint AND r.after_id = line.id
JOIN annotate_annotation b ON b.id = r.before_id
"""
# What the change wrote for an item, whoever it was: objects are known by their ids.
_OF_ITEM = """
SELECT DISTINCT ON (r.item_id) r.item_id, b.document
FROM annotate_mappedrevision r JOIN annotate_annotation b ON b.id = r.before_id
WHERE r.change_id = %(change)s::bigint AND r.item_id = ANY(%(items)s::bigint[]) AND r.after_id IS NOT NULL
ORDER BY r.item_id, r.after_id DESC
"""


@dataclass(frozen=True)
class Memory:
    """What a revision was made from: the revision before the change, what it said, and whether the change took nothing from it."""

    before_id: int
    lossless: bool
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
        memories, of_item = self._memories(counted)
        standing = {one.id: one.approval_id for found in live(items).values() for one in found}
        steps: list[Back] = []
        done: dict[int, str] = {}
        for item, revisions in counted.items():
            own = rows.get(item, [])
            open_ = {row.after_id for row in own if row.outcome == "mapped"}
            found: list[Back] = []
            for revision in revisions:
                made = self._back(revision, memories.get(revision.id), of_item.get(item), standing)
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
        seen = {row.after_id for item in done for row in rows.get(item, [])} | {row.before_id for item in done for row in rows.get(item, [])}
        MappedRevision.objects.bulk_create(
            MappedRevision(change=self.change, item_id=one.old.item_id, before_id=one.old.id, restored_id=written[one.old.id], outcome="restored")
            for one in steps
            if one.old.id not in seen
        )
        return counts

    def _back(self, revision: Live, memory: Memory | None, of_item: str | None, standing: Mapping[int, int | None]) -> Back:
        """The revision in the old words; as it is when it was made in them."""
        if not self.since <= revision.schema_number < self.number:
            return Back(revision, revision.document, revision.approval_id)
        # A verdict on labels that lost something says nothing of those that had it still.
        judged_since = memory is not None and not memory.lossless and revision.approval_id is not None
        was = memory.document if memory else of_item
        content: dict[str, Any] = unmapped(
            json.loads(revision.document),
            self.operations,
            json.loads(was) if was else None,
            lost=memory is not None and not judged_since,
            split=self.split,
        )
        text = canonical.dumps(content)
        if unnamed(content, self.before.schema):
            return Back(revision, None, None)
        # What lost something was not approved with it: the approval stands on what was before, and that is what comes back.
        as_it_was = standing.get(memory.before_id) if memory and text == memory.document else None
        return Back(revision, text, revision.approval_id or as_it_was)

    def _memories(self, counted: Mapping[int, Sequence[Live]]) -> tuple[dict[int, Memory], dict[int, str]]:
        """(by revision, what it was made from; by item, what the change found there)."""
        ids = [one.id for found in counted.values() for one in found if self.since <= one.schema_number < self.number]
        found = sql.rows(_MEMORY, {"ids": ids, "change": self.change.pk})
        of_item = dict(sql.rows(_OF_ITEM, {"items": list(counted), "change": self.change.pk}))
        return {line: Memory(before, lossless, text) for line, before, _after, lossless, text in found}, of_item

    def _add(self, item: int, revisions: Sequence[int], outcome: str) -> None:
        MappedRevision.objects.bulk_create(
            MappedRevision(change=self.change, item_id=item, before_id=one, outcome=outcome) for one in revisions
        )

    def _close(self, rows: Sequence[MappedRevision], outcomes: Mapping[int, str], written: Mapping[int, int]) -> None:
        for row in rows:
            row.outcome = outcomes[row.item_id]
            row.restored_id = written.get(row.after_id or 0)
        MappedRevision.objects.bulk_update(rows, ["outcome", "restored"])
