"""Back to work by a run: who is paused by a rule takes the run of a qualification, and passing it ends the pause by itself."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Stale
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.policies import may_manage
from annotate.qualifications import further, services
from annotate.qualifications.models import Qualification
from annotate.queues.models import Pause, Queue


@transaction.atomic
def requalify(pause: Pause, qualification: Qualification, *, by: Actor) -> None:
    """The person has the qualification no more until they pass its run again, with one more attempt where theirs are used up; the run
    stays open to them under the pause. Once more changes nothing, and another qualification takes the place of the first.

    `Stale` when the pause is over, `Conflict` for a pause by hand, and as `further.grant`: no_run, too_little_gold.
    """
    require(may_manage(by, pause.project))
    if qualification.project_id != pause.project_id:
        raise Invalid(_("The project has no such qualification."), fields={"qualification": _("the project has no such qualification")})
    services.lock(qualification, pause.person)
    now = Pause.objects.select_for_update(of=("self",)).filter(pk=pause.pk).first()
    if now is None:
        raise Stale()
    if now.cause != "skill":
        raise Conflict(_("A pause by hand is ended by hand."), code="by_hand")
    if now.qualification_id == qualification.pk:
        further.grant(qualification, pause.person, by=by)
        return
    services.end(qualification, pause.person, by=by)
    further.grant(qualification, pause.person, by=by)
    Pause.objects.filter(pk=now.pk).update(qualification=qualification)
    about = {"person": pause.person_id, "qualification": qualification.pk}
    record(by, "person.send_to_run", pause.person, organisation=pause.project.organisation_id, project=pause.project, data=about)


def pause_of(person: Person, project_id: int, queue: Queue | None) -> Pause | None:
    """The pause by a rule that stands for the person in the queue, or in all of the project."""
    return Pause.objects.select_related("project", "person").filter(person=person, project=project_id, queue=queue, cause="skill").first()
