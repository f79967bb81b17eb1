"""Who sees the wall, and who acts on it."""

from __future__ import annotations

from annotate.kernel.decisions import Decision
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage, may_review, may_view


def may_see(actor: Actor, project: Project) -> Decision:
    """Those who see every item: the wall shows everybody's answers."""
    return may_view(actor, project)


def may_act(actor: Actor, project: Project, act: str) -> Decision:
    """Relabel and return as reviewers do; queues are filled by managers."""
    return may_manage(actor, project) if act == "queue" else may_review(actor, project)
