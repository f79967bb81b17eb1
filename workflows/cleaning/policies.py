"""Who may declare and apply what is clean, and who sees what was found."""

from __future__ import annotations

from annotate.kernel.decisions import Decision
from annotate.people.actor import Actor
from annotate.projects import policies
from annotate.projects.models import Project


def may_clean(actor: Actor, project: Project) -> Decision:
    """Rules, runs, gates."""
    return policies.may_manage(actor, project)


def may_see_findings(actor: Actor, project: Project) -> Decision:
    """Those who see every item page: annotators and collectors are told nothing of what rules think of their work."""
    return policies.may_view(actor, project)
