"""What a version records of the day it was cut, beside its rows: asked of rooms above, kept with it, never changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from annotate.kernel.registry import Registry
from annotate.projects.models import Project
from workflows.releases import stratifying

# Name → f(project) → a document, None where there is nothing to say. Asked in the cut's snapshot: they only read.
records: Registry[Callable[[Project], Any]] = Registry("records of a version")
# "round" and "method": f(project's id) → (an expression over the approval a and the annotation n, joins), None where the project has none:
# where a row's approval came from.
row_origins: Registry[Callable[[int], tuple[str, str] | None]] = Registry("origins of rows")


def of(project: Project) -> dict[str, Any]:
    return {name: said for name, ask in sorted(records, key=lambda each: each[0]) if (said := ask(project)) is not None}


def origins(project_id: int) -> dict[str, tuple[str, str]]:
    return {name: said for name, ask in row_origins if (said := ask(project_id)) is not None}


def stratified(recipe: Mapping[str, Any], counts: Mapping[str, Any]) -> dict[str, Any]:
    """{"stratified": {"by", "tolerance", "beyond"}} of a recipe that asks for it: labels whose share is off by more than the tolerance."""
    if recipe.get("stratify") != "label":
        return {}
    off = stratifying.beyond(counts["split_labels"], recipe["splits"])
    return {"stratified": {"by": "label", "tolerance": stratifying.TOLERANCE, "beyond": off[:100]}}
