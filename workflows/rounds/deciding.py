"""Ending a round: decided when the last verdict of its sample is in, closed earlier, or withdrawn. Each of them once.

Locks: the round, then the tasks of its queue that wait, in the order of their ids. A verdict that was being given is in then, and
counts; one that comes later finds its task void.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.jobs.models import Job
from annotate.jobs.services import enqueue
from annotate.jobs.states import LIVE as LIVE_JOBS
from annotate.kernel.canonical import check_text
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.kernel.registry import ticks
from annotate.people.actor import Actor
from annotate.queues import taking_over
from workflows.rounds import policies, settling, tallying
from workflows.rounds.models import Round, RoundItem
from workflows.rounds.states import ROUND

PATIENCE = dt.timedelta(minutes=5)  # before work that failed is tried again
EVERY = 3.0  # seconds between looks for rounds whose last verdict is in
AT_ONCE = 1000  # unsampled items that a request settles itself; more are a job's
LONGEST_REASON = 500
_MARK = """
UPDATE workflows_rounditem m SET outcome = v.outcome, review_id = v.review
FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS v(id, outcome, review) WHERE m.id = v.id
"""


def _locked(round_id: int) -> Round:
    return Round.objects.select_for_update(of=("self",)).select_related("batch__project", "queue").get(pk=round_id)


@transaction.atomic
def close(made: Round, *, by: Actor) -> Round:
    """Decide it now by the verdicts that are in; what waits for one is asked for no more. Unsampled items are approved, sent back or
    left as they are by the time this returns, or by a job where they are many.

    `Conflict` when it is not open, or nothing of the sample is judged.
    """
    require(policies.may_plan(by, made.batch.project))
    made = _locked(made.pk)
    ROUND.after(made.state, "pass")
    if not _decide(made, by, early=True):
        raise Conflict(_("Nothing of the sample is judged yet: judge some of it, or withdraw the round."), code="nothing_judged")
    return _go_on(made, by, at_once=True)


@transaction.atomic
def withdraw(made: Round, *, reason: str = "", by: Actor) -> Round:
    """End it without a result: verdicts stand as they were given, nothing else is approved or returned, and what was not judged is
    for other review queues again."""
    require(policies.may_plan(by, made.batch.project))
    why = check_text(reason).strip()
    if len(why) > LONGEST_REASON:
        raise Invalid(_("The reason is too long."), fields={"reason": f"at most {LONGEST_REASON} characters"})
    made = _locked(made.pk)
    ROUND.after(made.state, "withdraw")
    sample = _settled(made)
    _mark(sample)
    _withdrawn(made, why, by)
    return made


def _withdrawn(made: Round, reason: str, by: Actor | None) -> None:
    made.state, made.reason = ROUND.after(made.state, "withdraw"), reason
    if by is not None:
        made.decided_by = by.person
    made.save(update_fields=["state", "reason", "decided_by"])
    Round.objects.filter(pk=made.pk).update(decided_at=DatabaseNow())
    made.refresh_from_db(fields=["decided_at"])
    settling.let_go(made)
    about = {"batch": made.batch_id, "reason": reason}
    record(by, "round.withdraw", made, organisation=made.batch.project.organisation_id, project=made.batch.project, data=about)


def _settled(made: Round) -> list[tallying.Found]:
    """The sample as it is for good: nothing more is judged for the round."""
    if made.queue_id is None:
        return tallying.found(made.pk)
    taking_over.settle(made.queue_id)
    sample = tallying.found(made.pk)
    taking_over.call_off(made.queue_id, [one.annotation for one in sample if one.review is None])
    return sample


def _mark(sample: list[tallying.Found]) -> None:
    """Keep what each verdict was with its item."""
    with connection.cursor() as cursor:
        columns = [one.member for one in sample], [one.outcome or "unjudged" for one in sample], [one.review for one in sample]
        cursor.execute(_MARK, list(columns))


def _decide(made: Round, by: Actor | None, *, early: bool) -> bool:
    """Passed or failed, by what is judged; False, and nothing changed, when nothing is, or when a verdict is still to come and it is
    not to be closed `early`."""
    if made.queue_id is not None:  # what comes in from here on waits for what is decided
        taking_over.settle(made.queue_id)
    of = tallying.figures(tallying.found(made.pk))
    if of.rate is None or (of.pending and not early):
        return False
    _mark(_settled(made))
    move = "pass" if tallying.passes(made, of) else "fail"
    made.state = ROUND.after(made.state, move)
    made.judged, made.erring, made.rate, made.low, made.high = of.judged, of.erring, of.rate, of.low, of.high
    made.decided_by = by.person if by else None
    Round.objects.filter(pk=made.pk).update(
        state=made.state, judged=of.judged, erring=of.erring, rate=of.rate, low=of.low, high=of.high, decided_by=made.decided_by, decided_at=DatabaseNow()
    )
    made.refresh_from_db(fields=["decided_at"])
    about: dict[str, Any] = {"batch": made.batch_id, "judged": of.judged, "erring": of.erring, "sampled": of.sampled, "pass_mark": made.pass_mark}
    about |= {"cause": "close" if early else "sample judged"}
    record(by, f"round.{move}", made, organisation=made.batch.project.organisation_id, project=made.batch.project, data=about)
    return True


def _go_on(made: Round, by: Actor | None, *, at_once: bool) -> Round:
    """What follows from the decision, here or by a job."""
    if at_once and RoundItem.objects.filter(round=made, sampled=False)[: AT_ONCE + 1].count() <= AT_ONCE:
        return settling.carry_out(made.pk)
    project = made.batch.project
    made.job = enqueue(
        settling.JOB, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments={"round": made.pk}, key=f"settle round {made.pk}"
    )
    made.save(update_fields=["job"])
    return made


@transaction.atomic
def decide(round_id: int) -> bool:
    """Decide a round whose last verdict is in, whoever gave it; whether it was. One whose sample has all changed is withdrawn."""
    made = _locked(round_id)
    if made.state != "judging" or tallying.pending(round_id):
        return False
    if not _decide(made, None, early=False):
        if made.queue_id is not None and tallying.pending(round_id):  # a verdict was taken back meanwhile
            return False
        _mark(_settled(made))
        _withdrawn(made, "nothing_judged", None)
        return True
    _go_on(made, None, at_once=False)
    return True


def decide_some() -> int:
    """Decide what is ready, and see to it that what was decided goes on, whatever became of its job; how many moved."""
    done = 0
    for round_id in Round.objects.filter(state="judging").order_by("pk").values_list("pk", flat=True):
        if not tallying.pending(round_id):
            done += decide(round_id)
    alive = Q(state__in=LIVE_JOBS) | Q(ended_at__gt=DatabaseNow() - PATIENCE)
    stalled = Round.objects.filter(state__in=("passing", "failing")).exclude(job__in=Job.objects.filter(alive))
    for round_id in stalled.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            made = _locked(round_id)
            if made.state in ("passing", "failing"):
                _go_on(made, None, at_once=False)
                done += 1
    for round_id in Round.objects.filter(state="planning").exclude(job__state__in=LIVE_JOBS).values_list("pk", flat=True):
        with transaction.atomic():
            made = _locked(round_id)
            if made.state == "planning":
                _withdrawn(made, "not_planned", None)
                done += 1
    return done


ticks.add("decide rounds", (EVERY, decide_some))
