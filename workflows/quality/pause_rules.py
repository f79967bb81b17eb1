"""Switching on and off that gold answers pause people, in a queue or in all of a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.models import Annotation
from annotate.annotations.schemas import parsed
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import current_schema
from annotate.queues.models import Queue
from workflows.quality.models import PauseRule

BAR, LEVEL, LEAST = 0.8, 0.95, 10
MOST_LABELS = 20
HORIZON = 200  # gold items that the stated error rates are about


@transaction.atomic
def set_rule(
    project: Project, queue: Queue | None = None, *, bar: float = BAR, level: float = LEVEL, least: int = LEAST, labels: Sequence[str] = (), by: Actor
) -> PauseRule:
    """Whoever answers gold in the queue, or among the work of any queue of the project, is paused when it is as sure as `level` that they
    are right in less than `bar`. Counts what is answered from now on; setting it anew changes the figures and keeps what has counted.

    `Invalid` names what is wrong; `Missing` for a queue of another project, `Conflict` for one that has no gold of its own.
    """
    require(may_manage(by, project))
    named = _checked(project, queue, bar, level, least, labels)
    newest = Annotation.objects.aggregate(newest=Max("pk"))["newest"] or 0
    values: dict[str, Any] = {"bar": float(bar), "level": float(level), "least": least, "labels": named}
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    rule = PauseRule.objects.filter(project=project, queue=queue).first()
    if rule is None:
        rule = PauseRule.objects.create(project=project, queue=queue, after_annotation=newest, created_by=by.person, **values)
    elif values == {name: getattr(rule, name) for name in values}:
        return rule
    else:
        for name, value in values.items():
            setattr(rule, name, value)
        rule.save(update_fields=list(values))
    _record(project, queue, "pause_rule.set", by, values)
    return rule


@transaction.atomic
def remove_rule(project: Project, queue: Queue | None = None, *, by: Actor) -> None:
    """Nobody is paused by it any more; who is stays so until they are let on. `Missing` when there is none."""
    require(may_manage(by, project))
    if not PauseRule.objects.filter(project=project, queue=queue).delete()[0]:
        raise Missing()
    _record(project, queue, "pause_rule.remove", by, {})


def _checked(project: Project, queue: Queue | None, bar: Any, level: Any, least: Any, labels: Any) -> list[str]:
    if queue is not None and queue.project_id != project.pk:
        raise Missing()
    if queue is not None and queue.stage != "annotate":
        raise Conflict(_("Gold is answered where people label: choose such a queue."), code="no_gold")
    if queue is not None and getattr(queue, "qualification", None) is not None:
        raise Conflict(_("This queue is the run of a qualification: it says itself who passes."), code="queue_of_run")
    wrong: dict[str, str] = {}
    for name, value in (("bar", bar), ("level", level)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
            wrong[name] = _("a number between 0 and 1")
    if isinstance(least, bool) or not isinstance(least, int) or not 1 <= least <= 1000:
        wrong["least"] = _("a whole number from 1 to 1000")
    known = {one["name"] for one in parsed(current_schema(project.pk).pk).document.get("labels") or ()}
    named = list(dict.fromkeys(labels))
    if len(named) > MOST_LABELS:
        wrong["labels"] = _("at most %(most)d") % {"most": MOST_LABELS}
    for place, label in enumerate(named[:MOST_LABELS]):
        if label not in known:
            wrong[f"labels[{place}]"] = _("the schema has no such label")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return named


def rule_of(project: Project, queue: Queue | None = None) -> PauseRule | None:
    return PauseRule.objects.filter(project=project, queue=queue).first()


def error_rates(bar: float, level: float, least: int, labels: int = 0) -> dict[str, Any]:
    """What the rule does to people of known skill within `HORIZON` gold items, reckoned exactly (`pausing.chances`): how likely somebody
    halfway between the bar and 1 is wrongly paused, and within how many items somebody a quarter below the bar is caught in 95 of 100
    cases (None: in fewer). With labels watched apart the wrong pauses add up, so `wrongly` is at most so much.
    """
    from workflows.quality.pausing import Rule, chances  # numpy, which idle processes do without

    rule, good, bad = Rule(bar, level, least), (1 + bar) / 2, 0.75 * bar
    wrongly, caught = chances(good, HORIZON, rule), chances(bad, HORIZON, rule)
    within = next((golds for golds, chance in enumerate(caught) if chance >= 0.95), None)
    return {"golds": HORIZON, "good": good, "wrongly": min(1.0, float(wrongly[HORIZON]) * max(1, labels)), "bad": bad, "caught_within": within}


def _record(project: Project, queue: Queue | None, verb: str, by: Actor, data: dict[str, Any]) -> None:
    record(by, verb, queue or project, organisation=project.organisation_id, project=project, data=data)
