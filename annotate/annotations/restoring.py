"""Taking a schema change back, item by item: what it wrote and nobody has touched since is followed by what was before.

An item that was worked on since is left as it is and named. Call inside a transaction.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from annotate.annotations.live import Live, Next, judged, live, lock, write
from annotate.annotations.models import Annotation, MappedRevision, SchemaChange
from annotate.annotations.schemas import parsed
from annotate.kernel import sql
from annotate.labels.mapping import unnamed

_DONE = """
UPDATE annotate_mappedrevision r SET outcome = v.outcome, restored_id = v.restored
FROM unnest(%(ids)s::bigint[], %(outcomes)b::text[], %(restored)s::bigint[]) AS v(id, outcome, restored) WHERE r.id = v.id
"""


def restore(change: SchemaChange, item_ids: Iterable[int]) -> Counter[str]:
    """Restore these items; how many there were of each outcome. Again it adds nothing. An item that a reviewer looks at
    just now stays for a later call."""
    items = lock(item_ids)
    counts: Counter[str] = Counter()
    rows: dict[int, list[MappedRevision]] = {}
    for row in MappedRevision.objects.filter(change=change, item_id__in=items, outcome="mapped").order_by("pk"):
        rows.setdefault(row.item_id, []).append(row)
    looked_at = judged(items)
    revisions = live(items)
    steps: list[tuple[Live, MappedRevision]] = []
    left: list[MappedRevision] = []
    for item, mapped in rows.items():
        if item in looked_at:
            counts["waiting"] += 1
            continue
        own = {row.after_id: row for row in mapped}
        ours = _untouched(revisions.get(item, []), own)
        counts["restored" if ours else "left"] += 1
        steps += ours
        back = {row.pk for _revision, row in ours}
        left += [row for row in mapped if row.pk not in back]
    documents = dict(Annotation.objects.filter(pk__in=[row.before_id for _revision, row in steps]).values_list("pk", "document"))
    if steps:
        assert change.restored_id is not None  # the service made the version before the job began
        # What lost something was not approved with it: the approval stands on what was before, and that is what comes back.
        standing = {one.id: one.approval_id for found in revisions.values() for one in found}
        new = [Next(one, documents[row.before_id], one.approval_id or standing.get(row.before_id)) for one, row in steps]
        written = write(new, change.restored_id)
        for revision, row in steps:
            row.restored_id, row.outcome = written[revision.id], "restored"
    for row in left:
        row.outcome = "left"
    rows_done = [*(row for _revision, row in steps), *left]
    values = {
        "ids": [row.pk for row in rows_done],
        "outcomes": [row.outcome for row in rows_done],
        "restored": [row.restored_id for row in rows_done],
    }
    sql.rows(_DONE, values)
    return counts


def _untouched(revisions: Sequence[Live], own: dict[int | None, MappedRevision]) -> list[tuple[Live, MappedRevision]]:
    """The revisions of the change that count still; none when somebody has answered or judged since."""
    if not revisions or revisions[-1].id not in own:
        return []
    ours = [(revision, own[revision.id]) for revision in revisions if revision.id in own]
    # A verdict on labels that lost something says nothing of those that had it still.
    judged_since = any(revision.approval_id is not None and not row.lossless for revision, row in ours)
    return [] if judged_since else ours


def leave(change: SchemaChange, item_ids: Iterable[int]) -> Counter[str]:
    """Name the answers that came after the undo, by names that it took back; nothing is done to them."""
    items = lock(item_ids)
    known = set(MappedRevision.objects.filter(change=change, item_id__in=items).values_list("before_id", flat=True))
    known |= set(MappedRevision.objects.filter(change=change, item_id__in=items).values_list("after_id", flat=True))
    schema = parsed(change.restored_id or change.before_id).schema
    made = [
        MappedRevision(change=change, item_id=one.item_id, before_id=one.id, outcome="left")
        for revisions in live(items).values()
        for one in revisions
        if one.schema_version_id == change.after_id and one.id not in known and unnamed(json.loads(one.document), schema)
    ]
    MappedRevision.objects.bulk_create(made)
    return Counter(left=len(made))
