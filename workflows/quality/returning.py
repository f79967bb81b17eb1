"""Back to work after a pause by gold answers: let on by a manager, or through the run of a qualification."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.projects.policies import may_manage
from annotate.qualifications.models import Qualification
from annotate.qualifications.requalifying import pause_of, requalify
from annotate.queues.pausing import let_on
from workflows.quality.models import SkillPause


@transaction.atomic
def let_go_on(row: SkillPause, *, by: Actor) -> SkillPause:
    """The person goes on, and their evidence starts anew. One that has ended stays as it is."""
    require(may_manage(by, row.project))
    if row.ended_at is None:
        let_on(row.project, row.person, queue=row.queue, by=by)
        row.refresh_from_db()
    return row


@transaction.atomic
def send_to_run(row: SkillPause, qualification_id: int, *, by: Actor) -> SkillPause:
    """The person comes back by passing the run; see `requalify`. `Conflict` pause_over when the pause has ended."""
    require(may_manage(by, row.project))
    qualification = Qualification.objects.select_related("project").filter(pk=qualification_id, project=row.project_id).first()
    if qualification is None:
        words = _("The project has no such qualification.")
        raise Invalid(words, fields={"qualification": words})
    pause = pause_of(row.person, row.project_id, row.queue) if row.ended_at is None else None
    if pause is None:
        raise Conflict(_("This pause is over."), code="pause_over")
    requalify(pause, qualification, by=by)
    return row
