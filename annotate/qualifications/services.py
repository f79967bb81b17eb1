"""Qualifications: made, changed, given by hand and ended."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.canonical import check_text
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.people.services import clean_name
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.qualifications.models import Qualification, Qualified
from annotate.qualifications.setting_up import stop_attempts
from annotate.qualifications.states import KINDS
from annotate.queues.pausing import lift_passed
from annotate.queues.queries import able

LONGEST_ABOUT = 5000
_LOCKS = (  # in the order of `running`
    "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || %(person)s::text, 0))",
    "SELECT id FROM annotate_qualification WHERE id = %(qualification)s FOR KEY SHARE",
    "SELECT id FROM annotate_qualifyingrun WHERE qualification_id = %(qualification)s AND person_id = %(person)s AND state = 'running' FOR UPDATE",
)


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    if "kind" in values and values["kind"] not in KINDS:
        wrong["kind"] = f"one of {', '.join(KINDS)}"
    if "about" in values:
        values["about"] = check_text(values["about"]).strip()
        if len(values["about"]) > LONGEST_ABOUT:
            wrong["about"] = f"at most {LONGEST_ABOUT} characters"
    if wrong:
        raise Invalid(_("The qualification's settings are not valid."), fields=wrong)
    if "name" in values:
        values["name"] = clean_name(values["name"], longest=200)
    return values


def _saved(row: Qualification, **how: Any) -> None:
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError as error:
        raise Conflict(_("A qualification of this name exists."), code="name_taken", fields={"name": "taken"}) from error


def told(by: Actor, verb: str, row: Qualification, **data: Any) -> None:
    """Record what was done to a qualification."""
    record(by, f"qualification.{verb}", row, organisation=row.project.organisation_id, project=row.project, data=data)


@transaction.atomic
def create(project: Project, name: str, *, kind: str = "other", about: str = "", by: Actor) -> Qualification:
    """A qualification that nobody has yet; `setting_up.give_run` lets people earn it. `Conflict` on a taken name."""
    require(may_manage(by, project))
    row = Qualification(project=project, created_by=by.person, **_clean({"name": name, "kind": kind, "about": about}))
    _saved(row, force_insert=True)
    told(by, "create", row, kind=kind)
    return row


@transaction.atomic
def change(qualification: Qualification, *, by: Actor, **changes: Any) -> Qualification:
    """Another name, kind or about. Who has it keeps it."""
    require(may_manage(by, qualification.project))
    row = Qualification.objects.select_for_update(of=("self",)).select_related("project").get(pk=qualification.pk)
    values = {name: value for name, value in _clean(changes).items() if getattr(row, name) != value}
    if values:
        for name, value in values.items():
            setattr(row, name, value)
        _saved(row, update_fields=list(values))
        told(by, "change", row, changed=sorted(values))
    return row


@transaction.atomic
def give(qualification: Qualification, person: Person, *, score: float | None = None, by: Actor) -> Qualified:
    """The person has it from now on, by a manager's word; with another score than before, anew. An attempt that runs ends
    without a result. A queue that asks for a bar wants a score. `Invalid` for who does no work in the project."""
    require(may_manage(by, qualification.project))
    if score is not None and (isinstance(score, bool) or not 0 <= score <= 1):  # also what is no number at all
        raise Invalid(_("A score is a number from 0 to 1."), fields={"score": "0 to 1"})
    if person.pk not in able(qualification.project):
        words = _("%(name)s does no work in this project") % {"name": person.name}
        raise Invalid(words, fields={"person": words})
    lock(qualification, person)
    standing = Qualified.objects.filter(qualification=qualification, person=person, ended_at=None).first()
    if standing is not None and standing.score == score:
        return standing
    _finish(qualification, person)
    stop_attempts(qualification, person)
    made = Qualified.objects.create(qualification=qualification, person=person, score=score, given_by=by.person)
    told(by, "give", qualification, person=person.pk, score=score)
    lift_passed(qualification.pk, person.pk)
    return made


@transaction.atomic
def end(qualification: Qualification, person: Person, *, by: Actor) -> bool:
    """The person has it no more; what they hold they may finish. False when they had it not."""
    require(may_manage(by, qualification.project))
    lock(qualification, person)
    if not _finish(qualification, person):
        return False
    told(by, "end", qualification, person=person.pk)
    return True


def lock(qualification: Qualification, person: Person) -> None:
    """Against a claim of the person and the last score of their run at this moment: either is before this act, or after it."""
    with connection.cursor() as cursor:
        for statement in _LOCKS:
            cursor.execute(statement, {"person": person.pk, "qualification": qualification.pk})


def _finish(qualification: Qualification, person: Person) -> int:
    return Qualified.objects.filter(qualification=qualification, person=person, ended_at=None).update(ended_at=DatabaseNow())
