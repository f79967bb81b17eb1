"""What somebody typed into the form of a cut, as the services take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.people.actor import Actor
from annotate.projects.models import Project
from workflows.releases import queries


def query_of(actor: Actor, project: Project, data: Mapping[str, Any]) -> str:
    """The query typed, or that of the slice chosen."""
    chosen = str(data.get("slice") or "")
    found = queries.slices(actor, project).filter(pk=int(chosen)).first() if chosen.isdigit() and len(chosen) < 19 else None
    return found.q if found is not None else str(data.get("q") or "")


def asked_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """{"splits", "by_group", "stratify", "together", "labels"} for `services.cut` and `drafting.draft`, from a form's cleaned data."""
    return {
        "splits": data["splits"],
        "by_group": data["by"] == "group",
        "stratify": data.get("stratify") or "",
        "together": data.get("together") or [],
        "labels": data.get("labels") or {},
    }
