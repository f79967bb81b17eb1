"""What queues ask of the rooms that measure: how much answers to one item agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from annotate.kernel.registry import Registry

# "agreement": (the documents of one item's answers, the schema's document) → 0 (nothing in common) to 1 (the same).
measures: Registry[Callable[[Sequence[dict[str, Any]], dict[str, Any]], float]] = Registry("measures")


def agreement(documents: Sequence[dict[str, Any]], schema: dict[str, Any]) -> float | None:
    """How much two or more answers agree, 0 to 1; None where nothing measures it."""
    return measures.get("agreement")(documents, schema) if "agreement" in measures else None
