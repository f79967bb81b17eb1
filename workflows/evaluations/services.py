"""Telling what was done with a version: that it was pulled, how a model did on it, and that one of its labels is wrong."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items import queries as items
from annotate.jobs.services import enqueue
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Gone, Invalid, Missing
from annotate.people.actor import Actor
from annotate.reviews import asking
from annotate.reviews.models import Question
from workflows.evaluations import metrics as figures
from workflows.evaluations.models import Evaluation, Pull
from workflows.releases import policies, reading
from workflows.releases.models import Version

REPORT = "evaluation.report"
LONGEST = 200


def named(text: str, field: str, *, needed: bool = False) -> str:
    text = check_text(text or "").strip()
    if len(text) > LONGEST or (needed and not text):
        raise Invalid(f"{field}: a name of at most {LONGEST} characters", fields={field: f"a name of at most {LONGEST} characters"})
    return text


def split_of(version: Version, split: str) -> str:
    split = check_text(split or "").strip()
    if split and split not in version.splits:
        raise Invalid(_("the version has no such split"), fields={"split": f"one of {', '.join(version.splits)}"})
    return split


@transaction.atomic
def pull(version: Version, *, run: str = "", format: str = "", split: str = "", by: Actor) -> Pull:
    """That the version was pulled, and for which run of a training."""
    require(policies.may_pull(by, version))
    made = Pull.objects.create(
        version=version,
        run=named(run, "run"),
        format=check_text(format or "")[:40],
        split=split_of(version, split),
        person=by.person,
        token_id=by.token_id,
    )
    project = version.dataset.project
    data = {"dataset": version.dataset_id, "number": version.number, **({"run": made.run} if made.run else {})}
    record(by, "version.pull", version, organisation=project.organisation_id, project=project, after=version.root, data=data)
    return made


@transaction.atomic
def report(version: Version, *, model: str, metrics: Any, run: str = "", split: str = "", by: Actor) -> Evaluation:
    """A model's figures on the version, with the `job` whose result names the evaluation. `Invalid` names what is no figure."""
    require(policies.may_pull(by, version))
    made = Evaluation(
        version=version,
        model=named(model, "model", needed=True),
        run=named(run, "run"),
        split=split_of(version, split),
        metrics=figures.sound(metrics),
        created_by=by.person,
    )
    made.save()
    project = version.dataset.project
    made.job = enqueue(
        REPORT,
        organisation_id=project.organisation_id,
        project_id=project.pk,
        by=by,
        arguments={"evaluation": made.pk},
        key=f"{REPORT}:{made.pk}",
    )
    made.save(update_fields=["job"])
    data = {"version": version.pk, "number": version.number, "model": made.model}
    record(by, "evaluation.report", made, organisation=project.organisation_id, project=project, after=version.root, data=data)
    return made


@transaction.atomic
def flag(version: Version, *, key: str, reason: str, object: str | None = None, by: Actor) -> Question:
    """A question on the item of this key: its label is bad as the version froze it. `Missing` when the version has no such item."""
    require(policies.may_pull(by, version))
    row = reading.row_of(version, check_text(key or ""))
    if row is None:
        raise Missing()
    item = items.get(by, row.item_id)
    if item.state == "erased":
        raise Gone(_("this item was erased"))
    words = check_text(reason or "").strip()
    if not words:
        raise Invalid(_("Say what is wrong with the label."), fields={"reason": "required"})
    text = _("%(reason)s (told of v%(number)s of %(dataset)s)") % {"reason": words, "number": version.number, "dataset": version.dataset.name}
    return asking.tell(item, text, object=object, document=row.document, by=by)
