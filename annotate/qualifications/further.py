"""One more attempt at a run for one person: granted by a manager, and taken back while it is not begun.

Whoever begins an attempt, grants one or takes one back has the person locked (`services.lock`), so that each counts what the
others did; the constraint behind it lets of two grants with the same number one stand.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.policies import may_manage
from annotate.qualifications.models import FurtherAttempt, Qualification
from annotate.qualifications.services import lock, told
from annotate.qualifications.standing import Standing, standings
from annotate.queues.mixing import unseen
from annotate.queues.queries import able


def _standing(qualification: Qualification, person: Person) -> Standing:
    return standings(person.pk, [qualification.project_id], [qualification.pk])[0]


@transaction.atomic
def grant(qualification: Qualification, person: Person, *, by: Actor) -> bool:
    """Let the person take the run once more. False, and nothing more is granted, while an attempt runs or is left to them.

    `Invalid` for who does no work in the project; `Conflict`: no_run, has_qualification, too_little_gold with `missing`.
    """
    require(may_manage(by, qualification.project))
    if person.pk not in able(qualification.project):
        words = _("%(name)s does no work in this project") % {"name": person.name}
        raise Invalid(words, fields={"person": words})
    lock(qualification, person)
    now = _standing(qualification, person)
    if now.has:
        raise Conflict(_("%(name)s has this qualification already.") % {"name": person.name}, code="has_qualification")
    if now.state == "by_hand":
        raise Conflict(_("There is no run that is open: set one up, or give the qualification by hand."), code="no_run")
    if now.state != "used_up":
        return False
    missing = now.questions - unseen(qualification.project_id, person.pk, now.questions, run=True)
    if missing > 0:
        words = ngettext(
            "%(name)s has seen too much of the gold: add %(n)d item of gold first.",
            "%(name)s has seen too much of the gold: add %(n)d items of gold first.",
            missing,
        )
        raise Conflict(words % {"name": person.name, "n": missing}, code="too_little_gold", extra={"missing": missing})
    before = FurtherAttempt.objects.filter(qualification=qualification, person=person).count()
    FurtherAttempt.objects.create(qualification=qualification, person=person, number=before + 1, granted_by=by.person)
    told(by, "grant", qualification, person=person.pk, attempt=now.used + 1)
    return True


@transaction.atomic
def revoke(qualification: Qualification, person: Person, *, by: Actor) -> bool:
    """Take back the attempt that was granted last. False when none is granted. `Conflict` attempt_used once it has begun."""
    require(may_manage(by, qualification.project))
    lock(qualification, person)
    newest = FurtherAttempt.objects.filter(qualification=qualification, person=person, revoked_at=None).order_by("-number").first()
    if newest is None:
        return False
    now = _standing(qualification, person)
    if not now.left:
        raise Conflict(_("%(name)s has begun the attempt already; it goes on.") % {"name": person.name}, code="attempt_used")
    FurtherAttempt.objects.filter(pk=newest.pk).update(revoked_at=DatabaseNow(), revoked_by=by.person)
    told(by, "revoke", qualification, person=person.pk)
    return True
