"""Slices, datasets and versions as the actor may see them; what is not theirs is not there (`Missing`).

Whoever may pull exports of the project sees them: viewers, reviewers, managers. A token bound to a dataset sees that one.
"""

from __future__ import annotations

from django.db.models import F, OuterRef, QuerySet, Subquery

from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import SEES_ITEM_PAGES
from annotate.projects.queries import role, roles
from workflows.releases.models import Dataset, Slice, Tag, Version


def _sees(actor: Actor, project: Project) -> bool:
    return role(actor, project) in SEES_ITEM_PAGES


def slices(actor: Actor, project: Project) -> QuerySet[Slice]:
    rows = Slice.objects.filter(project=project).select_related("created_by")
    return rows if _sees(actor, project) and actor.dataset_id is None else rows.none()


def get_slice(actor: Actor, slice_id: int) -> Slice:
    """The slice with its project, or `Missing`."""
    found = (
        Slice.objects.filter(pk=slice_id, project__organisation_id__in=list(actor.organisations))
        .select_related("project", "created_by")
        .first()
    )
    if found is None or actor.dataset_id is not None or not _sees(actor, found.project):
        raise Missing()
    return found


def datasets(actor: Actor, project: Project) -> QuerySet[Dataset]:
    rows = Dataset.objects.filter(project=project).select_related("created_by")
    if not _sees(actor, project):
        return rows.none()
    return rows if actor.dataset_id is None else rows.filter(pk=actor.dataset_id)


def all_datasets(actor: Actor) -> QuerySet[Dataset]:
    """Every dataset that the actor may pull from, of whichever project; a bound token's own only."""
    seen = [pk for pk, held in roles(actor).items() if held in SEES_ITEM_PAGES]
    rows = Dataset.objects.filter(project__in=seen).select_related("created_by")
    return rows if actor.dataset_id is None else rows.filter(pk=actor.dataset_id)


def get_dataset(actor: Actor, dataset_id: int) -> Dataset:
    """The dataset with its project, or `Missing`."""
    found = (
        Dataset.objects.filter(pk=dataset_id, project__organisation_id__in=list(actor.organisations))
        .select_related("project", "created_by")
        .first()
    )
    if found is None or actor.dataset_id not in (None, found.pk) or not _sees(actor, found.project):
        raise Missing()
    return found


def versions(dataset: Dataset) -> QuerySet[Version]:
    """Its frozen and withdrawn versions: what is still being cut is not there yet. The dataset's visibility is the caller's."""
    return Version.objects.filter(dataset=dataset, number__isnull=False).select_related(
        "dataset__project", "parent", "schema_version", "created_by"
    )


def attempts(dataset: Dataset) -> QuerySet[Version]:
    """Cuts that are under way or have failed, for pages that show work; with their jobs."""
    return Version.objects.filter(dataset=dataset, number__isnull=True).select_related("job", "created_by")


def get_version(actor: Actor, version_id: int) -> Version:
    """The frozen or withdrawn version with its dataset and project, or `Missing`."""
    found = (
        Version.objects.filter(
            pk=version_id, number__isnull=False, dataset__project__organisation_id__in=list(actor.organisations)
        )
        .select_related("dataset__project", "parent", "schema_version", "created_by")
        .first()
    )
    if found is None or not may_pull(actor, found.dataset_id, found.dataset.project):
        raise Missing()
    return found


def may_pull(actor: Actor, dataset_id: int, project: Project) -> bool:
    """Whether versions of the dataset, which is of the project, are the actor's to see."""
    return actor.dataset_id in (None, dataset_id) and _sees(actor, project)


def numbered(dataset: Dataset, number: int) -> Version:
    """The dataset's version of this number, or `Missing`."""
    found = versions(dataset).filter(number=number).first()
    if found is None:
        raise Missing()
    return found


def latest(dataset: Dataset) -> Version | None:
    """The newest frozen version that was not withdrawn."""
    return versions(dataset).filter(state="frozen").order_by("-number").first()


def tags(dataset: Dataset) -> QuerySet[Tag]:
    """The moves that hold now, one per name: the newest of each. With their versions."""
    newest = Tag.objects.filter(dataset=OuterRef("dataset"), name=OuterRef("name")).order_by("-pk").values("pk")[:1]
    rows = Tag.objects.filter(dataset=dataset).annotate(newest=Subquery(newest)).filter(pk=F("newest"))
    return rows.select_related("version", "created_by")


def tag_history(dataset: Dataset, name: str) -> QuerySet[Tag]:
    return Tag.objects.filter(dataset=dataset, name=name).select_related("version", "created_by").order_by("-pk")
