"""Annotations follow a change of the schema, item by item: all of an item's revisions that count, or none of them.

Where one of them meets an operation, it and those that came after it are written anew in their order, so that the newest
stays the newest. An item that a reviewer looks at waits; one that cannot follow stays under the version it was made under.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotate.annotations.live import Live, Next, write
from annotate.annotations.models import MappedRevision, SchemaChange
from annotate.annotations.schemas import parsed
from annotate.annotations.steps import Step
from annotate.labels.mapping import Mapped, mapped


@dataclass(frozen=True)
class Plan:
    """What is to happen to an item: revisions with their new documents, or why it stays as it is."""

    steps: tuple[tuple[Live, Mapped], ...]
    kept: str = ""


class Following(Step):
    def __init__(self, change: SchemaChange, earlier: Sequence[Step] = ()) -> None:
        super().__init__(change, earlier)
        self.after = parsed(change.after_id)
        self.number = self.after.number

    def plan(self, revisions: Sequence[Live], settled: set[int], stuck: set[int]) -> Plan | None:
        """None when nothing of the item meets an operation. `settled`: revisions that the change has dealt with."""
        found: list[tuple[Live, Mapped]] = []
        for revision in revisions:
            older = revision.schema_number < self.number and revision.id not in settled
            document = json.loads(revision.document)
            made = mapped(document, self.operations, self.after.schema) if older else Mapped(document)
            if revision.id in stuck and (found or made.touched):
                made.kept = made.kept or "left"
            if found or made.touched:
                found.append((revision, made))
        if not found:
            return None
        kept = next((made.kept for _revision, made in found if made.kept), "")
        return Plan(tuple(found), kept)

    def take(self, items: Sequence[int], looked_at: set[int]) -> Counter[str]:
        counts: Counter[str] = Counter()
        rows = MappedRevision.objects.filter(change=self.change, item_id__in=items)
        settled = set(rows.exclude(outcome="waiting").values_list("before_id", flat=True))
        rows.filter(outcome="waiting").delete()
        steps: list[tuple[Live, Mapped]] = []
        made: list[MappedRevision] = []
        counted, stuck = self.revisions(items)
        for item, revisions in counted.items():
            plan = self.plan(revisions, settled, stuck)
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
