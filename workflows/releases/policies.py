"""Who releases and who pulls. Managers make slices, datasets, versions and tags; viewers, reviewers and managers pull."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotate.kernel.decisions import Decision, Denial
from annotate.people.actor import Actor
from annotate.projects import policies as projects
from annotate.projects.models import Project
from workflows.releases.models import Dataset, Version


def may_save_slice(actor: Actor, project: Project) -> Decision:
    denied = _unbound(actor)
    return denied if denied is not None else projects.may_manage(actor, project)


def may_create_dataset(actor: Actor, project: Project) -> Decision:
    denied = _unbound(actor)
    return denied if denied is not None else projects.may_manage(actor, project)


def may_cut(actor: Actor, dataset: Dataset) -> Decision:
    """Cut a version, set a tag, withdraw."""
    denied = _within(actor, dataset)
    return denied if denied is not None else projects.may_manage(actor, dataset.project)


def may_pull(actor: Actor, version: Version) -> Decision:
    """Read rows, diffs and exports of a version."""
    denied = _within(actor, version.dataset)
    return denied if denied is not None else projects.may_export(actor, version.dataset.project)


def _unbound(actor: Actor) -> Denial | None:
    return Denial(_("this token is bound to one dataset"), code="scope") if actor.dataset_id is not None else None


def _within(actor: Actor, dataset: Dataset) -> Denial | None:
    if actor.dataset_id in (None, dataset.pk):
        return None
    return Denial(_("this token is bound to another dataset"), code="scope")
