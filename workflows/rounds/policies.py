"""Who plans and ends rounds, and who sees them."""

from __future__ import annotations

from annotate.kernel.decisions import Decision
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.reviews.policies import may_see_inbox


def may_plan(actor: Actor, project: Project) -> Decision:
    """Plan, close and withdraw: approvals and returns of a whole batch follow from it."""
    return may_manage(actor, project)


def may_see(actor: Actor, project: Project) -> Decision:
    """Those who judge and those who manage: nobody else is told what was found of whose work."""
    return may_see_inbox(actor, project)
