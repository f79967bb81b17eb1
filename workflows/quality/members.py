"""The items of a consensus run, some hundred in a statement: what became of each, and how many there are of what."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from operator import attrgetter
from typing import NamedTuple

import orjson

from annotate.kernel import copying, sql
from annotate.queues.laying_aside import Laid
from workflows.quality.models import ConsensusRun
from workflows.quality.states import DECIDED, LEFT


class Member(NamedTuple):
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
_COPY = "COPY workflows_consensusitem (run_id, item_id, outcome, method, consensus_id, explanation, aside, undone, last) FROM STDIN"
_COUNTS = "SELECT outcome, method, count(*) FROM workflows_consensusitem WHERE run_id = %(run)s::bigint GROUP BY outcome, method"


def write(run: ConsensusRun, found: Sequence[Member], *, locked: bool = False) -> None:
    """Once each; nothing is said of an item that was erased meanwhile. What a run says of an item is the last word on it, but for dry ones.
    `locked`: the caller holds the locks of these items, which are there, and made what the members name in this transaction."""
    if not locked:
        there = {item for (item,) in sql.rows(_THERE, {"items": [one.item for one in found]})}
        found = [one for one in found if one.item in there]
    if not found:
        return
    if not run.dry_run:
        sql.rows(_ALONE, {"project": run.project_id})
        sql.rows(_PASSED, {"items": [one.item for one in found]})
    last = "f" if run.dry_run else "t"
    with copying.references_known() if locked else nullcontext():
        copying.copy(_COPY, (f"{run.pk}\t{_written(one)}\t\t{last}" for one in sorted(found, key=attrgetter("item"))))


def _written(one: Member) -> str:
    explanation = copying.json(one.explanation) if one.explanation else copying.NULL
    aside = copying.json(orjson.dumps(one.aside).decode()) if one.aside else "[]"
    return f"{one.item}\t{one.outcome}\t{one.method}\t{copying.plain(one.consensus)}\t{explanation}\t{aside}"


def counts(run: ConsensusRun) -> tuple[dict[str, int], dict[str, int]]:
    """(method → items that are decided, reason → items that are left), reasons in the order in which they are asked."""
    rows = sql.rows(_COUNTS, {"run": run.pk})
    decided = {method: n for outcome, method, n in sorted(rows) if outcome == DECIDED}
    left = {outcome: n for outcome, _method, n in rows if outcome != DECIDED}
    return decided, {why: left[why] for why in LEFT if why in left}
