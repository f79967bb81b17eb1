"""What quality counts of rounds: answers of samples that were judged, and those of them that had mistakes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workflows.quality.standings import Asked, judged

_SAMPLED = """
SELECT {key}, count(*) FILTER (WHERE m.outcome IN ('fixed', 'returned')), count(*)
FROM workflows_rounditem m JOIN annotate_item i ON i.id = m.item_id JOIN annotate_annotation a ON a.id = m.annotation_id {also}
WHERE {where} AND m.sampled AND m.outcome IN ('accepted', 'fixed', 'returned') GROUP BY 1
"""


@judged.register("rounds")
def erring(asked: Asked) -> Iterable[tuple[Any, ...]]:
    """Of rounds that are over, too."""
    return asked.rows(_SAMPLED)
