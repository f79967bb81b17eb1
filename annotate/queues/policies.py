"""Who may work in a queue: by role and, where people were assigned, by name."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotate.kernel.decisions import Allowed, Decision, Denial

WORKERS: dict[str, tuple[str, ...]] = {
    "annotate": ("annotator", "reviewer", "manager"),
    "review": ("reviewer", "manager"),
    "adjudicate": ("reviewer", "manager"),
}
# Token scopes that reach the work of a stage.
SCOPES: dict[str, tuple[str, ...]] = {"annotate": ("label",), "review": ("review",), "adjudicate": ("review",)}
# Who sees a queue that they do not work in.
OVERSEERS = ("viewer", "reviewer", "manager")


def may_take(role: str | None, stage: str) -> Decision:
    """Take work of a stage, by the role held in the project."""
    if role in WORKERS[stage]:
        return Allowed()
    if stage == "annotate":
        return Denial(_("only annotators, reviewers and managers of the project may label"))
    return Denial(_("only reviewers and managers of the project may review"))


def may_claim(role: str | None, stage: str, *, assigned_only: bool, assigned: bool, paused: bool | str) -> Decision:
    """Take the next task: a queue that names people serves those alone, unless their place is paused. `paused` by "skill", by a rule,
    is said in words that tell nothing of what it looked at."""
    decision = may_take(role, stage)
    if not decision:
        return decision
    if assigned_only and not assigned:
        return Denial(_("this queue is for other people"), code="not_assigned")
    if paused == "skill":
        return Denial(_("Your work is paused; your manager has been told."), code="paused")
    if paused:
        return Denial(_("your place in this queue is paused"), code="paused")
    return decision


def sees(role: str | None, stage: str, *, assigned_only: bool, assigned: bool) -> bool:
    """Whether the queue is there for this person at all."""
    if role in OVERSEERS:
        return True
    return role in WORKERS[stage] and (assigned or not assigned_only)
