"""Pulls and evaluations of versions; who sees the version sees them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from annotate.annotations.schemas import parsed
from annotate.kernel.errors import Missing
from annotate.labels.schema import Schema, parse
from annotate.people.actor import Actor
from workflows.evaluations.models import Evaluation, Pull, Suspect
from workflows.releases import queries as releases
from workflows.releases.mapping import schema_of
from workflows.releases.models import Dataset, Version

MOST = 20


def pulls(version: Version) -> QuerySet[Pull]:
    return Pull.objects.filter(version=version).select_related("person")


def used_by(version: Version) -> list[dict[str, Any]]:
    """{"run": name or null, "person", "pulls": how often, "last_at"}, the latest first, at most 20."""
    rows = Pull.objects.filter(version=version).values("run", "person_id", "person__name").annotate(n=Count("pk"), last=Max("at"))
    return [
        {
            "run": row["run"] or None,
            "person": {"id": row["person_id"], "name": row["person__name"]} if row["person_id"] else None,
            "pulls": row["n"],
            "last_at": row["last"],
        }
        for row in rows.order_by("-last")[:MOST]
    ]


def evaluations(version: Version) -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(version=version).select_related("created_by").defer("report").annotate(was_measured=Q(report__isnull=False))


def of_dataset(dataset: Dataset) -> QuerySet[Evaluation]:
    """Evaluations of its versions that were not withdrawn, with the versions."""
    return Evaluation.objects.filter(version__dataset=dataset, version__state="frozen").select_related("version").defer("report")


def get(actor: Actor, evaluation_id: int) -> Evaluation:
    """The evaluation, or `Missing` where its version is not the actor's to see."""
    found = Evaluation.objects.filter(pk=evaluation_id).select_related("created_by", "version__dataset__project", "version__schema_version").first()
    if found is None:
        raise Missing()
    releases.get_version(actor, found.version_id)
    return found


def suspects(evaluation: Evaluation, kind: str = "") -> QuerySet[Suspect]:
    """Of one kind or of all, with their items; none of an item that was erased."""
    rows = Suspect.objects.filter(evaluation=evaluation).exclude(item__state="erased").select_related("item__blob", "item__project")
    return rows.filter(kind=kind) if kind else rows


def suspect(evaluation: Evaluation, rank: int) -> Suspect:
    """The suspect of this rank, or `Missing`, also once its item was erased."""
    found = suspects(evaluation).filter(rank=rank).first()
    if found is None:
        raise Missing()
    return found


def schema_for(version: Version) -> Schema:
    """What the version's rows are valid under: its schema, with the labels that its recipe calls otherwise."""
    if version.schema_version is None:
        return Schema({}, {}, {}, {})
    if not version.recipe.get("labels") and not version.recipe.get("order"):
        return parsed(version.schema_version.pk).schema
    return parse(schema_of(version.schema_version.content, version.recipe))
