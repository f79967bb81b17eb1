"""Annotations follow a change of the schema, item by item: all of an item's revisions that count, or none of them.

Where one of them meets an operation, it and those that came after it are written anew in their order, so that the newest
stays the newest. An item that a reviewer looks at waits; one that cannot follow stays under the version it was made under.
Call inside a transaction.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotate.annotations.live import Live, Next, judged, live, lock, write
from annotate.annotations.models import MappedRevision, SchemaChange
from annotate.annotations.schemas import parsed
from annotate.labels.mapping import Mapped, mapped
from annotate.labels.operations import Operation, read


@dataclass(frozen=True)
class Plan:
    """What is to happen to an item: revisions with their new documents, or why it stays as it is."""

    steps: tuple[tuple[Live, Mapped], ...]
    kept: str = ""


class Following:
    """A change with what is asked of it again and again."""

    def __init__(self, change: SchemaChange) -> None:
        self.change = change
        self.operations: list[Operation] = read(change.operations)
        self.after = parsed(change.after_id)

    def plan(self, revisions: Sequence[Live], settled: set[int]) -> Plan | None:
        """None when nothing of the item meets an operation. `settled`: revisions that the change has dealt with."""
        found: list[tuple[Live, Mapped]] = []
        for revision in revisions:
            older = revision.schema_number < self.after.number and revision.id not in settled
            document = json.loads(revision.document)
            made = mapped(document, self.operations, self.after.schema) if older else Mapped(document)
            if found or made.touched:
                found.append((revision, made))
        if not found:
            return None
        kept = next((made.kept for _revision, made in found if made.kept), "")
        return Plan(tuple(found), kept)

    def follow(self, item_ids: Iterable[int]) -> Counter[str]:
        """Map these items as far as they can be now; how many there were of each outcome. Again it adds nothing."""
        items = lock(item_ids)
        counts: Counter[str] = Counter()
        if not items:
            return counts
        rows = MappedRevision.objects.filter(change=self.change, item_id__in=items)
        settled = set(rows.exclude(outcome="waiting").values_list("before_id", flat=True))
        rows.filter(outcome="waiting").delete()
        looked_at = judged(items)
        steps: list[tuple[Live, Mapped]] = []
        made: list[MappedRevision] = []
        for item, revisions in live(items).items():
            plan = self.plan(revisions, settled)
            if plan is None:
                continue
            outcome = "waiting" if item in looked_at else "kept" if plan.kept else "mapped"
            counts[outcome] += 1
            if outcome == "mapped":
                steps += plan.steps
            else:
                made += [self._row(revision, outcome) for revision, one in plan.steps if one.touched]
        written = write(
            [Next(revision, one.document, revision.approval_id if one.lossless else None) for revision, one in steps], self.after.id
        )
        made += [self._row(revision, "mapped", written[revision.id], one.lossless) for revision, one in steps]
        MappedRevision.objects.bulk_create(made)
        return counts

    def _row(self, revision: Live, outcome: str, after: int | None = None, lossless: bool = True) -> MappedRevision:
        return MappedRevision(
            change=self.change, item_id=revision.item_id, before_id=revision.id, after_id=after, outcome=outcome, lossless=lossless
        )
