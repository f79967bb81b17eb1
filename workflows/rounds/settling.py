"""What follows for the items that nobody looked at: approved by a passed round; returned, or left to a larger sample, by a failed one.

Some hundred at a time, each step one transaction with what it did written beside the items, so that a job that was cut off goes on
where it was and nothing happens twice. What has changed since the round was planned is left out and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.live import lock
from annotate.annotations.models import Annotation
from annotate.items.services import move
from annotate.kernel.deadlocks import carried_through
from annotate.kernel.errors import Denied, Stale
from annotate.kernel.words import share
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.queues.models import Queue
from annotate.queues.states import QUEUE
from annotate.reviews.approving import approve_many
from annotate.reviews.models import Comment
from annotate.reviews.returning import give_back
from workflows.rounds import planning
from workflows.rounds.models import Round, RoundItem
from workflows.rounds.sampling import larger
from workflows.rounds.states import ROUND

JOB = "rounds.settle"
CHUNK = 500
CAUSE = "round"
Say = Callable[[int], object]

# Why the round does not speak for an item any more; "" when it does. Asked with the item and its tasks locked.
_WHY = """
SELECT m.id, m.item_id, m.annotation_id,
       CASE WHEN i.state = 'erased' THEN 'elsewhere'
            WHEN EXISTS (SELECT 1 FROM annotate_annotation n JOIN annotate_annotation a ON a.id = m.annotation_id
                         WHERE n.item_id = m.item_id AND n.number > a.number)
              OR EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id AND q.stage = 'annotate'
                         WHERE t.item_id = m.item_id AND t.annotation_id = m.annotation_id AND t.state IN ('returned', 'parked')) THEN 'changed'
            WHEN i.state <> 'labelled'
              OR EXISTS (SELECT 1 FROM annotate_review v WHERE v.annotation_id = m.annotation_id
                         AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id)) THEN 'elsewhere'
            WHEN EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = m.item_id AND h.ended_at IS NULL) THEN 'held'
            ELSE '' END
FROM workflows_rounditem m JOIN annotate_item i ON i.id = m.item_id
WHERE m.id = ANY(%s) ORDER BY m.item_id
"""
_OUTCOMES = "UPDATE workflows_rounditem m SET outcome = v.outcome FROM unnest(%s::bigint[], %s::text[]) AS v(id, outcome) WHERE m.id = v.id"


def carry_out(round_id: int, say: Say = lambda done: None) -> Round:
    """To the end of what was decided, from where it is."""
    done = 0
    while number := _step(round_id):
        done += number
        say(done)
    return Round.objects.select_related("batch__project", "queue").get(pk=round_id)


def _step(round_id: int) -> int:
    return carried_through(lambda: _some(round_id))


def _some(round_id: int) -> int:
    made = Round.objects.select_for_update(of=("self",)).select_related("batch__project", "created_by", "decided_by").get(pk=round_id)
    if made.state not in ("passing", "failing"):
        return 0
    rows = list(RoundItem.objects.filter(round=made, sampled=False, outcome="").order_by("pk")[:CHUNK])
    if not rows:
        _over(made)
        return 0
    if made.state == "failing" and made.escalation != "return":
        RoundItem.objects.filter(pk__in=[row.pk for row in rows]).update(outcome="stays")
        return len(rows)
    lock(row.item_id for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(_WHY, [[row.pk for row in rows]])
        found = cursor.fetchall()
    outcomes = {member: why for member, _item, _annotation, why in found if why}
    fit = [(member, item, annotation) for member, item, annotation, why in found if not why]
    outcomes |= _approve(made, fit) if made.state == "passing" else _return(made, fit)
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, [list(outcomes), list(outcomes.values())])
    return len(rows)


def _approve(made: Round, rows: Sequence[tuple[int, int, int]]) -> dict[int, str]:
    if not rows:
        return {}
    items = sorted(item for _member, item, _annotation in rows)
    approve_many({item: annotation for _member, item, annotation in rows}, cause=CAUSE, person_id=made.decided_by_id)
    _tell(made, "approval.add", items)
    return {member: "approved" for member, _item, _annotation in rows}


def _return(made: Round, rows: Sequence[tuple[int, int, int]]) -> dict[int, str]:
    """To its author, or to whoever can do it, with the reason as a comment on the very revision."""
    outcomes: dict[int, str] = {}
    back: list[tuple[int, int]] = []
    answers = Annotation.objects.in_bulk([annotation for _member, _item, annotation in rows])
    for member, item, annotation in rows:
        try:
            with transaction.atomic():
                give_back(answers[annotation], made.batch.project)
        except Stale:
            outcomes[member] = "elsewhere"
            continue
        outcomes[member] = "sent_back"
        back.append((item, annotation))
    if back:
        items = sorted(item for item, _annotation in back)
        move(items, "return")
        words = _reason(made)
        Comment.objects.bulk_create([Comment(item_id=item, annotation_id=annotation, text=words, person=made.decided_by) for item, annotation in back])
        _tell(made, "item.return", items)
    return outcomes


def _reason(made: Round) -> str:
    """In the language of who planned the round, as a person would have written it."""
    asked = made.decided_by or made.created_by
    with translation.override(getattr(asked, "language", "") or "en"):
        return _("Review round %(n)s of this batch found mistakes in %(erring)s of %(judged)s answers (at most %(most)s may be). "
                 "All of the batch comes back: please look through this one again.") % {
            "n": made.number, "erring": made.erring, "judged": made.judged, "most": share(1 - made.pass_mark)
        }  # fmt: skip


def _tell(made: Round, verb: str, items: Sequence[int]) -> None:
    """One row of the activity for many items, which names the round as its cause."""
    data = {"count": len(items), "first": items[0], "last": items[-1], "cause": CAUSE, "round": made.pk}
    noun = ("item", items[0]) if len(items) == 1 else None
    by = Actor.of(made.decided_by) if made.decided_by else None
    record(by, verb, noun, organisation=made.batch.project.organisation_id, project=made.batch.project, data=data)


def _over(made: Round) -> None:
    made.state = ROUND.after(made.state, "approve" if made.state == "passing" else "escalate")
    let_go(made)
    made.save(update_fields=["state", "counts", "reason"])
    if made.state == "failed" and made.escalation == "larger":
        _escalate(made)


def _escalate(made: Round) -> None:
    """A larger sample of what is left, in the name of who ended the round or planned it; why there is none, in `reason`."""
    person: Person | None = made.decided_by or made.created_by
    try:
        if person is None or not person.is_active:
            raise Denied()
        following = planning.follow(made, larger(planning.plan_of(made), made.sampled), by=Actor.of(person))
        why = "" if following is not None else "nothing_left"
    except Denied:
        why = "nobody_to_ask"
    if why:
        made.reason = why
        made.save(update_fields=["reason"])


def let_go(made: Round) -> None:
    """The round is over: its items may be judged otherwise. Its queue stays open while corrections of its sample are to come."""
    RoundItem.objects.filter(round=made, live=True).update(live=False)
    rows = RoundItem.objects.filter(round=made).exclude(outcome="").order_by().values_list("outcome", flat=True)
    made.counts = dict(sorted(Counter(rows.iterator(chunk_size=10_000)).items()))
    Round.objects.filter(pk=made.pk).update(counts=made.counts)
    if made.queue_id is not None and not made.counts.get("returned"):
        Queue.objects.filter(pk=made.queue_id, state__in=QUEUE.origins("close")).update(state="closed")


def progress(made: Round) -> dict[str, Any]:
    """How far what follows is: of `total` unsampled items `done` are settled."""
    rows = RoundItem.objects.filter(round=made, sampled=False)
    return {"done": rows.exclude(outcome="").count(), "total": rows.count()}
