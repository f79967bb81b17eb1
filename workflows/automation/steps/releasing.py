"""The step `version`: when all of the batch is through, a version of the flow's dataset is cut, whose message names the batch."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from annotate.items.models import Item
from annotate.jobs.states import LIVE
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.search.compile import compile_query
from workflows.automation import facts
from workflows.automation.models import Step
from workflows.automation.steps.moves import START, Kind, Move, Way, waits
from workflows.releases.models import Dataset, Version
from workflows.releases.queries import versions
from workflows.releases.services import cut


def look(step: Step, way: Way) -> Move:
    if way.document.get("release") is None:
        return Move("skip", "no_release")
    if step.state == "running":
        return _going_on(step.version)
    of = facts.counts(way.batch.pk)
    if of.unanswered:
        return waits("unanswered", n=of.unanswered)
    if of.labelled:
        return waits("in_review", n=of.labelled)
    if not of.approved:
        return Move("skip", "nothing_approved")
    if (found := _by_hand(way)) is not None:
        return Move("start", by_hand=True, refs={"version": found}) if found.state == "cutting" else Move("finish", by_hand=True, refs={"version": found})
    return START


def _going_on(version: Version | None) -> Move:
    if version is None:
        return Move("fail", "gone")
    if version.state in ("frozen", "withdrawn"):
        return Move("finish", about={"number": version.number})
    job = version.job
    if version.state == "cutting" and (job is None or job.state in LIVE):
        return waits("cutting")
    return Move("fail", job.error if job is not None and job.error else "not_cut")


def _by_hand(way: Way) -> Version | None:
    """A version that somebody asked for when all of the batch was approved, and that takes all that the flow's own would take of it."""
    last = facts.last_approval(way.batch.pk)
    if last is None:
        return None
    since = max(last, way.since) if way.since is not None else last
    release = way.document["release"]
    try:
        wanted = Item.objects.filter(compile_query(release["q"], way.batch.project_id), batch=way.batch, state="approved")
    except Invalid:  # cutting says what is wrong with it
        return None
    number = wanted.count()
    rows = Version.objects.filter(dataset=release["dataset"], state__in=("cutting", "frozen"), created_at__gte=since)
    for version in rows.exclude(pk__in=[step.version_id for step in way.steps if step.version_id]).order_by("pk"):
        try:
            if number and wanted.filter(compile_query(version.q, way.batch.project_id)).count() == number:
                return version
        except Invalid:  # its query was of other days
            continue
    return None


def act(step: Step, way: Way, by: Actor) -> Move:
    """Whatever gate stands before a release is asked by `cut` itself. Where it says no, by a `Conflict`, the step waits and asks again."""
    said = way.document["release"]
    dataset = Dataset.objects.select_related("project").filter(pk=said["dataset"]).first()
    if dataset is None:
        raise Invalid(_("The dataset that the flow names has gone: declare another, and try again."), code="dataset_gone")
    with translation.override(getattr(by.person, "language", "") or "en"):
        message = _("Batch “%(batch)s” came through.") % {"batch": way.batch.name}
    first = not versions(dataset).exists()  # later ones have the recipe of the one before, which a person may have changed by hand
    splits, by_group = (said["splits"], said["by"] == "group") if first else (None, None)
    made = cut(dataset, q=said["q"], message=message, splits=splits, by_group=by_group, by=by)
    return Move("start", refs={"version": made})


VERSION = Kind(look, act)
