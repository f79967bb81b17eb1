"""Why an item may be skipped: a project's own list, else the usual reasons in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage

MOST = 30
LONGEST = 80


def usual() -> list[str]:
    return [
        _("Cannot be made out"),
        _("Broken picture or text"),
        _("Does not belong here"),
        _("Too hard for me"),
    ]


def of(project: Project) -> list[str]:
    """What the workbench offers in this project."""
    return list(project.skip_reasons) or usual()


@transaction.atomic
def change(project: Project, reasons: Iterable[str], *, by: Actor) -> Project:
    """The project's own list from now on; empty, or the usual ones as they are, means the usual ones."""
    require(may_manage(by, project))
    found = list(dict.fromkeys(words for reason in reasons if (words := check_text(str(reason)).strip())))
    if len(found) > MOST or any(len(words) > LONGEST for words in found):
        why = f"at most {MOST} reasons of at most {LONGEST} characters"
        raise Invalid(_("Too many reasons, or too long ones."), fields={"skip_reasons": why})
    project.skip_reasons = [] if found == usual() else found
    project.save(update_fields=["skip_reasons"])
    record(by, "project.change", project, organisation=project.organisation_id, project=project, data={"skip_reasons": len(found)})
    return project
