"""Who may judge, withdraw and comment. That nobody judges their own work holds for every role."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotate.kernel.decisions import Allowed, Decision, Denial
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import role
from annotate.reviews.models import Review

SPEAKS = ("annotator", "reviewer", "manager")
SEES_INBOX = ("reviewer", "manager")


def may_judge(*, own: bool) -> Decision:
    """A verdict on an item that the person answered, fixed or brought in themselves is never theirs to give."""
    if own:
        return Denial(_("nobody reviews their own work: you wrote a revision of this item"), code="own_work")
    return Allowed()


def may_adjudicate(*, reviewed: bool) -> Decision:
    """Who decides between answers is a third: neither an author nor a reviewer of the item."""
    if reviewed:
        return Denial(_("somebody else decides between these answers: you reviewed this item"), code="reviewed")
    return Allowed()


def may_see_inbox(actor: Actor, project: Project) -> Decision:
    """The reviews page with everybody's verdicts."""
    if role(actor, project) in SEES_INBOX:
        return Allowed()
    return Denial(_("only reviewers and managers of the project see its reviews"))


def may_answer(actor: Actor, project: Project) -> Decision:
    """Answer what annotators ask."""
    if role(actor, project) in SEES_INBOX:
        return Allowed()
    return Denial(_("only reviewers and managers of the project answer questions"))


def may_undo(actor: Actor, review: Review, project: Project) -> Decision:
    """Take a verdict back: who gave it, or a manager."""
    held = role(actor, project)
    if held == "manager" or (held in SEES_INBOX and review.person_id == actor.person_id):
        return Allowed()
    return Denial(_("only who gave a verdict, or a manager, takes it back"))


def may_withdraw(actor: Actor, project: Project) -> Decision:
    """Take an approved item out of what later versions take."""
    return may_manage(actor, project)


def may_comment(actor: Actor, project: Project) -> Decision:
    if role(actor, project) in SPEAKS:
        return Allowed()
    return Denial(_("only annotators, reviewers and managers of the project may comment"))


def may_resolve(actor: Actor, project: Project) -> Decision:
    """Settle a comment that one sees: whoever works on the project."""
    return may_comment(actor, project)


def may_dispute(actor: Actor, project: Project, *, own: bool) -> Decision:
    """Hold against a return, or take that back: whose work it is, while they may label."""
    if own and role(actor, project) in SPEAKS:
        return Allowed()
    return Denial(_("only its author disputes that work was returned"))


def may_decide(actor: Actor, project: Project, *, part: bool, own: bool) -> Decision:
    """Decide a dispute, or between two reviewers. `part`: the actor is one of those whom it is between; `own`: they wrote a revision of the item."""
    if role(actor, project) not in SEES_INBOX:
        return Denial(_("only reviewers and managers of the project decide this"))
    if part or own:
        return Denial(_("nobody decides about their own work: somebody who had no part in it does"), code="own_work")
    return Allowed()


def may_judge_in(actor: Actor, project: Project) -> Decision:
    """Take back what one said at a second look, while one still reviews."""
    if role(actor, project) in SEES_INBOX:
        return Allowed()
    return Denial(_("only who gave a verdict, or a manager, takes it back"))
