"""The path of a project's schema, and what goes along it: each change is a step from one version to the next, and so is each
undo. An item takes the steps one after the other, in the order of the versions, whenever its answers come: what a step meets
is always in the words that the step before it left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db.models import Q

from annotate.annotations.live import Live, judged, live, lock
from annotate.annotations.models import MappedRevision, SchemaChange
from annotate.labels.operations import Operation, read


class Step:
    """A change or its undo, with what is asked of it again and again. `number`: the version that it leads to.

    `earlier` are steps that may not have met all answers yet; they take an item before this one does.
    """

    number: int

    def __init__(self, change: SchemaChange, earlier: Sequence[Step] = ()) -> None:
        self.change, self.earlier = change, earlier
        self.operations: list[Operation] = read(change.operations)

    def follow(self, item_ids: Iterable[int]) -> Counter[str]:
        """Take these items along as far as they can go now; how many there were of each outcome of this step. Again it adds
        nothing. Call inside a transaction."""
        items = lock(item_ids)
        if not items:
            return Counter()
        looked_at = judged(items)
        for step in self.earlier:
            step.take(items, looked_at)
        return self.take(items, looked_at)

    def take(self, items: Sequence[int], looked_at: set[int]) -> Counter[str]:
        """The same of items that are locked. What is `looked_at` by a reviewer waits for a later call."""
        raise NotImplementedError

    def revisions(self, items: Sequence[int]) -> tuple[dict[int, list[Live]], set[int]]:
        """(by item, the revisions that go along; those of them that stay under a version that they were left under).

        A revision that another one follows already is past, though its approval may stand still.
        """
        found = live(items)
        ids = [one.id for revisions in found.values() for one in revisions]
        past = set(MappedRevision.objects.filter(before_id__in=ids, outcome="mapped").values_list("before_id", flat=True))
        kept = MappedRevision.objects.filter(Q(outcome="left") | Q(outcome="kept", change__restored=None))
        stuck = set(kept.filter(before_id__in=ids, after=None).values_list("before_id", flat=True))
        stuck |= set(kept.filter(after_id__in=ids).values_list("after_id", flat=True))
        return {item: [one for one in revisions if one.id not in past] for item, revisions in found.items()}, stuck


def number_of(change: SchemaChange) -> int:
    """The version that the change's newest step leads to."""
    return int(change.restored.number if change.restored else change.after.number)
