"""What this room adds to versions and datasets where they are shown: who used a version, and a model's figures across versions."""

from __future__ import annotations

from typing import Any

from workflows.evaluations import queries
from workflows.evaluations.showing import chart
from workflows.releases.models import Dataset, Version
from workflows.releases.told import dataset_parts, version_facts, version_parts

SHOWN = 20


@version_facts.register("uses")
def uses(version: Version) -> dict[str, Any]:
    return {"used_by": queries.used_by(version)}


@dataset_parts.register("figures")
def figures(dataset: Dataset, wish: Any) -> tuple[str, dict[str, Any]] | None:
    found = chart(dataset, model=wish.get("model", ""), metric=wish.get("metric", ""))
    return None if found is None else ("evaluations/figures.html", {"chart": found})


@version_parts.register("uses")
def uses_part(version: Version) -> tuple[str, dict[str, Any]]:
    return "evaluations/uses.html", {"uses": queries.used_by(version), "evaluations": queries.evaluations(version).order_by("-pk")[:SHOWN]}
