"""What a person may do with batches and items, beyond what their role in the project says."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotate.items.models import Batch
from annotate.items.queries import collected_by
from annotate.kernel.decisions import Allowed, Decision, Denial
from annotate.people.actor import Actor
from annotate.projects import policies as projects
from annotate.projects.models import Project
from annotate.projects.queries import role


def may_add(actor: Actor, batch: Batch) -> Decision:
    """Bring items into a batch: managers, and collectors where they are named or nobody is; while it is open."""
    held = role(actor, batch.project)
    decision = Allowed() if held == "manager" else projects.may_collect(actor, batch.project)
    if held == "collector" and not Batch.objects.filter(collected_by(actor.person_id), pk=batch.pk).exists():
        return Denial(_("other people collect for this batch"), code="not_assigned")
    if decision and batch.state != "open":
        return Denial(_("the batch is sealed: reopen it to add to it"), code="sealed")
    return decision


def may_erase(actor: Actor, project: Project) -> Decision:
    """Erase an item for good: managers."""
    return projects.may_manage(actor, project)
