"""Tells queues how much answers agree; the measuring itself is loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotate.queues.measuring import measures


@measures.register("agreement")
def agreement(documents: Sequence[dict[str, Any]], schema: dict[str, Any]) -> float:
    """See `matching.score.agreement`."""
    from workflows.quality.matching import score  # numpy, which idle processes do without

    return score.agreement(documents, schema)
