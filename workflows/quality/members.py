"""The items of a consensus run, some hundred in a statement: what became of each, and how many there are of what."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import orjson

from annotate.kernel import copying, sql
from annotate.queues.laying_aside import Laid
from workflows.quality.models import ConsensusRun
from workflows.quality.states import DECIDED, LEFT


@dataclass(frozen=True)
class Member:
    """`outcome`: decided (by `method`, with the row of its `consensus`), or why it is left; `explanation` is JSON or ""."""

    item: int
    outcome: str
    method: str = ""
    consensus: int | None = None
    explanation: str = ""
    aside: tuple[Laid, ...] = ()


# One run after the other says the last word on items that both look at.
_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('consensus ' || %(project)s::text, 0))"
# An erasure has waited for who writes this, or is waited for: it forgets what people said.
_THERE = "SELECT id FROM annotate_item WHERE id = ANY(%(items)s::bigint[]) AND state <> 'erased' ORDER BY id FOR SHARE"
_PASSED = "UPDATE workflows_consensusitem SET last = false WHERE item_id = ANY(%(items)s::bigint[]) AND last"
_ADD = """
INSERT INTO workflows_consensusitem (run_id, item_id, outcome, method, consensus_id, explanation, aside, undone, last)
SELECT %(run)s::bigint, v.item, v.outcome, v.method, nullif(v.consensus, 0), nullif(v.explanation, ''), v.aside::jsonb, '', %(last)s::bool
FROM unnest(%(items)s::bigint[], %(outcomes)s::text[], %(methods)s::text[], %(consensuses)s::bigint[], %(explanations)b::text[], %(asides)b::text[])
     AS v(item, outcome, method, consensus, explanation, aside)
ORDER BY v.item
"""
_COUNTS = "SELECT outcome, method, count(*) FROM workflows_consensusitem WHERE run_id = %(run)s::bigint GROUP BY outcome, method"


def write(run: ConsensusRun, found: Sequence[Member], *, locked: bool = False) -> None:
    """Once each; nothing is said of an item that was erased meanwhile. What a run says of an item is the last word on it, but for dry ones.
    `locked`: the caller holds the locks of these items, which are there, and made what the members name in this transaction."""
    if not locked:
        there = {item for (item,) in sql.rows(_THERE, {"items": [one.item for one in found]})}
        found = [one for one in found if one.item in there]
    if not found:
        return
    values: dict[str, Any] = {
        "run": run.pk,
        "last": not run.dry_run,
        "items": [one.item for one in found],
        "outcomes": [one.outcome for one in found],
        "methods": [one.method for one in found],
        "consensuses": [one.consensus or 0 for one in found],
        "explanations": [one.explanation for one in found],
        "asides": [orjson.dumps(one.aside).decode() for one in found],
    }
    if not run.dry_run:
        sql.rows(_ALONE, {"project": run.project_id})
        sql.rows(_PASSED, values)
    with copying.references_known() if locked else nullcontext():
        sql.rows(_ADD, values)


def counts(run: ConsensusRun) -> tuple[dict[str, int], dict[str, int]]:
    """(method → items that are decided, reason → items that are left), reasons in the order in which they are asked."""
    rows = sql.rows(_COUNTS, {"run": run.pk})
    decided = {method: n for outcome, method, n in sorted(rows) if outcome == DECIDED}
    left = {outcome: n for outcome, _method, n in rows if outcome != DECIDED}
    return decided, {why: left[why] for why in LEFT if why in left}
