"""Planning a round: what it would come to, and making it. A round is planned of one instant, in one transaction, or not at all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Batch
from annotate.jobs.services import enqueue
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.queues import taking_over
from annotate.queues.models import Queue
from annotate.queues.queries import able
from annotate.queues.services import create_queue
from workflows.rounds import policies
from workflows.rounds.gathering import META, Gathered, sample
from workflows.rounds.models import Round, RoundItem
from workflows.rounds.sampling import BY_COUNT, KINDS, Plan, Sample
from workflows.rounds.states import ESCALATIONS, JUDGED_BY, ROUND
from workflows.rounds.wilson import least

JOB = "rounds.plan"
AT_ONCE = 5000  # answered items that a request plans itself; a larger batch is a job's
LARGEST_SEED = 2**53 - 1
LONGEST_BY = 300


@dataclass(frozen=True)
class Wish:
    """What somebody wants of a round. `reviewers` are named for its queue; nobody: whoever may review.

    `judged_by` point holds the share of mistakes against the mark: what "at least 95 % right" is commonly read as, and what a sample of
    ten can keep to. `bound` holds the upper end of its interval against it: what was seen must prove the mark, which takes 73 items
    without a mistake for 95 %.
    """

    batch: Batch
    plan: Plan
    pass_mark: float = 0.95
    judged_by: str = "point"
    escalation: str = "larger"
    reviewers: tuple[Person, ...] = field(default=())


@dataclass(frozen=True)
class Preview:
    """`least`: what the bound asks to be judged without a mistake, where this sample is smaller than that; else None."""

    items: int
    sampled: int
    left_out: dict[str, int]
    sample: Sample
    least: int | None


def check(wish: Wish) -> Wish:
    """The wish, whole; `Invalid` names each part that is wrong."""
    wrong: dict[str, str] = {}
    plan = wish.plan
    if plan.kind not in KINDS:
        wrong["sample.kind"] = f"one of {', '.join(KINDS)}"
    elif plan.kind in BY_COUNT:
        if plan.value is None or not (plan.value == int(plan.value) if math.isfinite(plan.value) else False) or not 1 <= plan.value <= 10**7:
            wrong["sample.value"] = _("how many answers: a whole number from 1 on")
    elif plan.kind != "all" and (plan.value is None or not math.isfinite(plan.value) or not 0 < plan.value <= 100):
        wrong["sample.value"] = _("percent: more than 0, at most 100")
    if plan.kind == "stratified":
        name = plan.by.removeprefix(META)
        if plan.by not in ("label", "person") and (not plan.by.startswith(META) or not name or len(plan.by) > LONGEST_BY):
            wrong["sample.by"] = _("label, person or meta.<name>")
    elif plan.by:
        wrong["sample.by"] = _("for the kind stratified only")
    if not 0 <= plan.seed <= LARGEST_SEED:
        wrong["sample.seed"] = _("a whole number from 0 to %(most)s") % {"most": LARGEST_SEED}
    if not math.isfinite(wish.pass_mark) or not 0 < wish.pass_mark <= 1:
        wrong["pass_mark"] = _("more than 0, at most 1 (100 percent)")
    if wish.judged_by not in JUDGED_BY:
        wrong["judged_by"] = f"one of {', '.join(JUDGED_BY)}"
    if wish.escalation not in ESCALATIONS:
        wrong["escalation"] = f"one of {', '.join(ESCALATIONS)}"
    may = able(wish.batch.project, stage="review") if wish.reviewers else {}
    for index, person in enumerate(wish.reviewers):
        if person.pk not in may:
            wrong[f"reviewers[{index}]"] = _("%(name)s may not do this work") % {"name": person.name}
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    check_text(plan.by)
    return replace(wish, plan=replace(plan, value=None)) if plan.kind == "all" else wish


def preview(wish: Wish, *, by: Actor) -> Preview:
    """What the round would be if it were planned now; nothing changes."""
    require(policies.may_plan(by, wish.batch.project))
    wish = check(wish)
    found, drawn = sample(wish.batch, wish.plan, wish.pass_mark)
    asked = least(1 - wish.pass_mark) if wish.judged_by == "bound" else None
    short = len(drawn.ids) < len(found.answers) and wish.judged_by == "bound" and (asked is None or len(drawn.ids) < asked)
    return Preview(len(found.answers), len(drawn.ids), found.left_out, drawn, (asked or 0) if short else None)


@transaction.atomic
def plan(wish: Wish, *, by: Actor) -> Round:
    """A new round of the batch: at once (`judging`), or by a job (`planning`) for a large one.

    `Invalid` when the wish does not fit or nothing is there to be judged; `Conflict` for a project in the archive.
    """
    project = wish.batch.project
    require(policies.may_plan(by, project))
    if project.archived_at is not None:
        raise Conflict(_("the project is in the archive"), code="archived")
    made = _row(check(wish), by)
    if wish.batch.items.filter(state="labelled").count() > AT_ONCE:
        made.job = enqueue(
            JOB, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments={"round": made.pk}, key=f"plan round {made.pk}"
        )
        made.save(update_fields=["job"])
        return made
    if not _open(made, by):
        raise Invalid(_("Nothing of this batch can be judged now: no answer is there that is neither approved nor being judged."),
                      code="nothing_to_judge", fields={"sample": "nothing to judge"})  # fmt: skip
    return made


def one_at_a_time(batch_id: int) -> None:
    """Until the transaction ends nobody else plans a round of the batch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('rounds ' || %s::text, 0))", [batch_id])


def _row(wish: Wish, by: Actor, after: Round | None = None) -> Round:
    """The round without its items."""
    one_at_a_time(wish.batch.pk)
    last = Round.objects.filter(batch=wish.batch).aggregate(last=Max("number"))["last"] or 0
    return Round.objects.create(
        batch=wish.batch, number=last + 1, after=after, kind=wish.plan.kind, value=wish.plan.value, seed=wish.plan.seed, by=wish.plan.by,
        pass_mark=wish.pass_mark, judged_by=wish.judged_by, escalation=wish.escalation,
        reviewers=[person.pk for person in wish.reviewers], created_by=by.person,
    )  # fmt: skip


def follow(failed: Round, plan: Plan, *, by: Actor) -> Round | None:
    """The round that follows a failed one with a larger sample, in the caller's transaction; None when nothing is left to judge."""
    may = able(failed.batch.project, stage="review")
    people = tuple(may[person] for person in failed.reviewers if person in may)
    wish = Wish(failed.batch, plan, failed.pass_mark, failed.judged_by, failed.escalation, people)
    with transaction.atomic():
        made = _row(wish, by, failed)
        if _open(made, by):
            return made
        transaction.set_rollback(True)
    return None


@transaction.atomic
def carry_out(round_id: int, *, by: Actor) -> Round:
    """The job's part, all of it in one transaction: what was cut off has done nothing and begins anew."""
    made = Round.objects.select_for_update(of=("self",)).select_related("batch__project").get(pk=round_id)
    if made.state == "planning" and not _open(made, by):
        made.state, made.reason = ROUND.after("planning", "withdraw"), "nothing_to_judge"
        made.save(update_fields=["state", "reason"])
    return made


def plan_of(made: Round) -> Plan:
    return Plan(made.kind, made.value, made.seed, made.by)


def _open(made: Round, by: Actor) -> bool:
    """Draw the sample and send it to be judged; False when there is nothing to draw from."""
    project: Project = made.batch.project
    one_at_a_time(made.batch_id)
    taking_over.still(project.pk, made.batch_id)
    found, drawn = sample(made.batch, plan_of(made), made.pass_mark)
    if not drawn.ids:
        return False
    people = list(Person.objects.filter(pk__in=made.reviewers))
    name = _free_name(project.pk, f"{made.batch.name[:180]} · {made.number}")
    made.queue = create_queue(project, name, stage="review", q=f"round = {made.pk}", members=people, by=by)
    _keep(made, found, drawn)
    taking_over.take_over(made.queue, found.answers, [(item, found.answers[item][0]) for item in drawn.ids])
    made.items, made.sampled, made.left_out = len(found.answers), len(drawn.ids), found.left_out
    made.rates = {str(person or 0): round(percent, 4) for person, percent in drawn.rates.items()}
    made.state = ROUND.after(made.state, "plan")
    made.save(update_fields=["queue", "items", "sampled", "left_out", "rates", "state"])
    about: dict[str, Any] = {"batch": made.batch_id, "items": made.items, "sampled": made.sampled, "seed": made.seed, "queue": made.queue.pk}
    if made.after_id is not None:
        about |= {"cause": "escalation", "after": made.after_id}
    record(by, "round.plan", made, organisation=project.organisation_id, project=project, data=about)
    return True


def _keep(made: Round, found: Gathered, drawn: Sample) -> None:
    places = {item: place for place, item in enumerate(drawn.ids, 1)}
    rows = (
        RoundItem(round=made, item_id=item, annotation_id=annotation, person_id=person, place=places.get(item), sampled=item in places)
        for item, (annotation, person) in found.answers.items()
    )
    RoundItem.objects.bulk_create(rows, batch_size=5000)


def _free_name(project_id: int, wanted: str) -> str:
    taken = set(Queue.objects.filter(project_id=project_id, name__startswith=wanted).values_list("name", flat=True))
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    return name
