"""What a person may do in a project, by role. Owners and admins of the organisation act as managers of each project."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from annotate.kernel.decisions import Allowed, Decision, Denial
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.queries import manages_any, role

SEES_ITEM_PAGES = ("viewer", "reviewer", "manager")


def _holds(actor: Actor, project: Project, roles: tuple[str, ...], why: Any) -> Decision:
    return Allowed() if role(actor, project) in roles else Denial(str(why))


def may_create(actor: Actor, organisation_id: int) -> Decision:
    """Owners and admins make projects, and so do managers of any project of the organisation."""
    if actor.project_id is None and (actor.administers(organisation_id) or manages_any(actor, organisation_id)):
        return Allowed()
    return Denial(str(_("only owners, admins and managers of the organisation make projects")))


def may_manage(actor: Actor, project: Project) -> Decision:
    """Plan, assign, set rules, change the schema, release."""
    return _holds(actor, project, ("manager",), _("only a manager of the project may do this"))


def may_label(actor: Actor, project: Project) -> Decision:
    """Take tasks of an annotate queue."""
    return _holds(actor, project, ("annotator", "reviewer", "manager"), _("only annotators of the project may label"))


def may_review(actor: Actor, project: Project) -> Decision:
    """Take tasks of a review queue."""
    return _holds(actor, project, ("reviewer", "manager"), _("only reviewers of the project may review"))


def may_collect(actor: Actor, project: Project) -> Decision:
    """Bring items in."""
    return _holds(actor, project, ("collector", "manager"), _("only collectors and managers of the project may upload"))


def may_view(actor: Actor, project: Project) -> Decision:
    """See every item page of the project (annotators and collectors see only their own)."""
    return _holds(actor, project, SEES_ITEM_PAGES, _("you see only the items that you hold, answered or uploaded"))


def may_export(actor: Actor, project: Project) -> Decision:
    """Pull versions and exports."""
    return _holds(
        actor, project, SEES_ITEM_PAGES, _("only viewers, reviewers and managers of the project may pull exports")
    )
