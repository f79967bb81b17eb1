"""The one revision that several answers of an item come to, for many items at once: source `consensus`, nobody's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.kernel import canonical, sql

SOURCE = "consensus"
_ADD = f"""
INSERT INTO annotate_annotation (item_id, number, schema_version_id, source, document, digest)
SELECT v.item, 1 + greatest(0, (SELECT max(m.number) FROM annotate_annotation m WHERE m.item_id = v.item)),
       %(schema)s::bigint, '{SOURCE}', v.document, v.digest
FROM unnest(%(items)s::bigint[], %(documents)b::text[], %(digests)b::bytea[]) AS v(item, document, digest)
ORDER BY v.item
RETURNING item_id, id
"""


def conclude(documents: Mapping[int, dict[str, Any]], schema_version_id: int) -> dict[int, int]:
    """item → its new revision, from documents that `labels.validation.check` returned. The caller holds the items' locks, and approves."""
    if not documents:
        return {}
    items = sorted(documents)
    texts = [canonical.dumps(documents[item]) for item in items]
    values = {"items": items, "documents": texts, "digests": [canonical.digest(text) for text in texts], "schema": schema_version_id}
    return {int(item): int(made) for item, made in sql.rows(_ADD, values)}
