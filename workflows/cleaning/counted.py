"""Columns of what is not an item: the schema's labels with their objects, and the quotas of batches with what they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from annotate.items.models import Item
from annotate.search.compile import compile_query
from workflows.cleaning.measures import objects
from workflows.cleaning.scope import Scope


def labels(scope: Scope, names: Sequence[str], digests: NDArray[np.uint64] | None) -> dict[str, NDArray[Any]]:
    """By label, of the schema's `names` and all others that there are; `digests` of the objects' labels spare a read where these are known."""
    counts = _of_digests(names, digests) or _of_database(scope)
    every = sorted({*names} | counts.keys())
    return {"label_name": np.array(every, object), "label_objects": np.array([float(counts.get(name, 0)) for name in every])}


def _of_digests(names: Sequence[str], digests: NDArray[np.uint64] | None) -> dict[str, int]:
    """Nothing when some have a label that the schema has no longer."""
    if digests is None:
        return {}
    found = {name: int(np.count_nonzero(digests == np.uint64(objects.label_digest(name)))) for name in names}
    return found if sum(found.values()) == len(digests) else {}


def _of_database(scope: Scope) -> dict[str, int]:
    if scope.whole:  # what is erased has none
        rest, values = "WHERE l.project_id = %s AND l.item_id <= %s", (scope.project.pk, scope.last)
    else:
        within, values = scope.within()
        rest = f"JOIN annotate_item i ON i.id = l.item_id WHERE {within}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT l.label, sum(l.n) FROM annotate_labelcount l {rest} GROUP BY 1 ORDER BY 1", values)
        return dict(cursor.fetchall())


def quotas(scope: Scope) -> dict[str, NDArray[Any]]:
    """By quota of the scope's batches: its query, how many items it has, how many it needs."""
    batches = scope.project.batches.filter(**({"pk": scope.batch} if scope.batch else {}))
    asked = [(quota, batch.pk) for batch in batches for quota in batch.plan.get("quotas", [])]
    have = [
        Item.objects.filter(compile_query(quota["q"], scope.project.pk), batch_id=batch).exclude(state="erased").count()
        for quota, batch in asked
    ]
    return {
        "quota_name": np.array([quota["q"] for quota, _batch in asked], object),
        "quota_have": np.array(have, float),
        "quota_need": np.array([quota["at_least"] for quota, _batch in asked], float),
    }
