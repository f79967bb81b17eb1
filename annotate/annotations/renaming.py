"""Work that was begun under an older schema, in the words of the one that is answered under now: drafts that outlived
their lease, returned answers, models' proposals. Nothing stored changes; who submits says it in the new words.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db.models import Q

from annotate.annotations.models import SchemaChange
from annotate.annotations.schemas import Parsed
from annotate.labels.mapping import mapped, unnamed
from annotate.labels.operations import Operation, read


@lru_cache(maxsize=512)
def _changes(schema_version_id: int, project_id: int, number: int) -> tuple[tuple[Operation, ...], ...]:
    """The operations of each change that led to the version and was not undone by then, newest first."""
    rows = SchemaChange.objects.filter(Q(restored=None) | Q(restored__number__gt=number), project_id=project_id, after__number__lte=number)
    return tuple(tuple(read(operations)) for operations in rows.order_by("-after__number").values_list("operations", flat=True))


def in_words_of(version: Parsed, document: dict[str, Any], project_id: int) -> dict[str, Any]:
    """The document with names that the version does not have replaced by what they became; others stay as they are.

    Only the last changes are followed that are needed, for a name that went may have come back with another meaning.
    """
    changes = _changes(version.id, project_id, version.number)
    strange = len(unnamed(document, version.schema)) if changes else 0
    if not strange:
        return document
    best: Mapping[str, Any] = document
    for first in range(len(changes)):
        operations = [one for change in reversed(changes[: first + 1]) for one in change if one.lossless]
        made = mapped(document, operations).document
        left = len(unnamed(made, version.schema))
        if left < strange:
            best, strange = made, left
        if not strange:
            break
    return {**document, **best}
