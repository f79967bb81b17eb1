"""The step `round`: as soon as nothing of the batch waits for an answer, a review round judges what is neither approved nor judged.

A later round judges what those before it left: answers that came back mended. A round that fails is followed where it leads: by the
larger sample that it drew, or, when all went back to its authors, by a round of the same plan once all is answered again.
"""

from __future__ import annotations

from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.queues.fill import fill
from annotate.queues.queries import able
from workflows.automation import facts
from workflows.automation.models import Step
from workflows.automation.steps.moves import START, Kind, Move, Way, waits
from workflows.automation.steps.queueing import queue_for
from workflows.rounds import planning
from workflows.rounds.models import Round
from workflows.rounds.sampling import Plan
from workflows.rounds.states import LIVE


def look(step: Step, way: Way) -> Move:
    made = _newest(step.round) if step.round is not None else None
    if step.state == "running":
        return Move("fail", "gone") if made is None else _going_on(step, made)
    by_hand = _by_hand(step, way)
    if by_hand is not None:
        if by_hand.state in LIVE:
            return Move("start", by_hand=True, refs={"round": by_hand})
        return Move("finish", by_hand=True, refs={"round": by_hand})
    of = facts.counts(way.batch.pk)
    if of.unanswered:
        return waits("unasked", n=of.unasked) if of.unasked == of.unanswered else waits("unanswered", n=of.unanswered)
    if not of.labelled:
        return Move("finish" if of.approved else "skip", "nothing_to_judge", by_hand=bool(of.approved and step.round_id is None))
    return START


def _newest(made: Round) -> Round:
    """The round, or the last of those that follow it with larger samples."""
    while (following := Round.objects.filter(after=made).first()) is not None:
        made = following
    return made


def _going_on(step: Step, made: Round) -> Move:
    refs = {"round": made}
    if made.state == "passed":
        return Move("finish", by_hand=step.by_hand, refs=refs)
    if made.state == "withdrawn":
        return Move("fail", made.reason if made.reason in ("nothing_to_judge", "nothing_judged", "not_planned") else "round_withdrawn", refs=refs)
    if made.state == "failed" and made.escalation == "none":
        return Move("fail", "round_failed", refs=refs)
    if made.state == "failed" and made.reason == "nobody_to_ask":
        return Move("fail", "round_failed", refs=refs)
    if made.state == "failed":
        return Move("again", "came_back", refs=refs)
    return waits("judging", round=made.pk, number=made.number)


def _by_hand(step: Step, way: Way) -> Round | None:
    """A round of this batch that nobody but a person planned since it set out, and that no other step has taken for its own."""
    taken = {one.round_id for one in way.steps if one.round_id is not None}
    rows = Round.objects.filter(batch=way.batch, after=None, state__in=(*LIVE, "passed")).exclude(pk__in=taken)
    if way.since is not None:
        rows = rows.filter(created_at__gte=way.since)
    return rows.order_by("pk").first()


def act(step: Step, way: Way, by: Actor) -> Move:
    if way.document.get("adjudicate") is not None:
        fill(queue_for(way, "adjudicate", by).pk)  # what people answered differently is decided there, not in the round
    said = way.document["review"][step.number - 1]
    may = able(way.batch.project, stage="review")
    people: tuple[Person, ...] = tuple(may[person] for person in said["reviewers"] if person in may)
    sample = said["sample"]
    plan = Plan(sample["kind"], sample["value"], sample["seed"] + step.tries, sample["by"])
    wish = planning.Wish(way.batch, plan, said["pass_mark"], said["judged_by"], said["escalation"], people)
    try:
        return Move("start", refs={"round": planning.plan(wish, by=by)})
    except Invalid as error:
        if error.code == "nothing_to_judge":
            return Move("skip", "nothing_to_judge")
        raise


ROUND = Kind(look, act)
