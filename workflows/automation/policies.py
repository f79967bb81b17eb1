"""Who declares a flow and lets the line run, and who sees where batches stand on it."""

from __future__ import annotations

from annotate.kernel.decisions import Decision
from annotate.people.actor import Actor
from annotate.projects import policies
from annotate.projects.models import Project
from workflows.rounds.policies import may_see as may_see_rounds


def may_run(actor: Actor, project: Project) -> Decision:
    """Declare, switch, stop, retry."""
    return policies.may_manage(actor, project)


def may_see(actor: Actor, project: Project) -> Decision:
    """Those who see every item page; counts of others' work, of what is held back and judged, are nobody else's matter."""
    return policies.may_view(actor, project)


def may_open(actor: Actor, project: Project) -> Decision:
    """Open the queues and rounds that steps made: viewers know of them, and no more."""
    return may_see_rounds(actor, project)
