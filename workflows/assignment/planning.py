"""What handing a batch to a team would do, worked out from rows: the preview and the act itself ask here."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.items.models import Batch
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.people.models import Person, Team
from annotate.projects.team_queries import members
from annotate.queues.bulk import until_fault
from annotate.queues.models import Assignment, Pause, Queue
from annotate.queues.queries import able
from annotate.queues.requiring import unqualified
from annotate.search.writing import quoted
from workflows.assignment.shares import Piece, divide
from workflows.assignment.states import MODES

MOST_SHARE = 10_000
# Items of the batch with their tasks in the queue that wait for anybody; `there` counts all its tasks, also void ones.
_ITEMS = """
SELECT i.id, CASE WHEN i.frame IS NOT NULL THEN i.group_key ELSE '' END, count(t.id),
       array_agg(t.id ORDER BY t.n) FILTER (WHERE t.state = 'open' AND t.person_id IS NULL AND NOT t.held AND NOT EXISTS (
           SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()))
FROM annotate_item i LEFT JOIN annotate_task t ON t.item_id = i.id AND t.queue_id = %s AND NOT t.gold
WHERE i.batch_id = %s AND i.state <> 'erased' GROUP BY i.id
"""
# Who answered, holds or skipped an item there, or has it kept for them, gets no (other) task of it.
_BARRED = """
SELECT t.item_id, t.person_id FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id
WHERE t.queue_id = %(queue)s AND i.batch_id = %(batch)s AND t.person_id = ANY(%(people)s)
UNION SELECT l.item_id, l.person_id FROM annotate_lease l JOIN annotate_item i ON i.id = l.item_id
WHERE l.queue_id = %(queue)s AND i.batch_id = %(batch)s AND l.person_id = ANY(%(people)s) AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
UNION SELECT s.item_id, s.person_id FROM annotate_skip s JOIN annotate_task t ON t.id = s.task_id JOIN annotate_item i ON i.id = s.item_id
WHERE t.queue_id = %(queue)s AND i.batch_id = %(batch)s AND s.person_id = ANY(%(people)s) AND s.settled <> 'back'
"""
LEFT_OUT = {
    "no_role": gettext_lazy("has no role in the project that may label"),
    "paused": gettext_lazy("is paused"),
    "not_qualified": gettext_lazy("has not the qualification that the queue asks for"),
    "no_share": gettext_lazy("has no share"),
}


@dataclass(frozen=True)
class Wish:
    """A batch for a team: `shares` (person's id → whole number, 0 leaves them out) with mode "shares"; `queue` an annotate queue
    to use, without one that of the batch, made with `overlap` answers per item when there is none; `until` ends what is kept."""

    batch: Batch
    team: Team
    mode: str = "even"
    shares: Mapping[int, int] = field(default_factory=dict)
    queue: Queue | None = None
    overlap: int = 1
    until: dt.datetime | None = None


@dataclass
class Plan:
    """`people`: who takes part, with their share. `left_out`: the others, each with a code of LEFT_OUT. `tasks`: task → person,
    empty for a queue that is still to be made; `given`: person → answers asked of them. `items` of the batch get somebody;
    `unmet` answers get nobody, since nobody is left who may give them; `settled` items have nothing to be divided."""

    queue: Queue | None
    people: list[tuple[Person, int]]
    left_out: list[tuple[Person, str]]
    tasks: dict[int, int] = field(default_factory=dict)
    given: Counter[int] = field(default_factory=Counter)
    items: int = 0
    unmet: int = 0
    settled: int = 0

    @property
    def answers(self) -> int:
        return sum(self.given.values())


def own_query(batch: Batch) -> str:
    return f"batch = {quoted(batch.name)}"


def queue_of(batch: Batch) -> Queue | None:
    """The annotate queue that is filled with just this batch, the newest that is not closed."""
    rows = Queue.objects.filter(project_id=batch.project_id, stage="annotate").exclude(state="closed")
    wanted = {own_query(batch), f"batch = {batch.name}", f"batch={batch.name}"}
    return rows.filter(q__in=wanted).select_related("project").order_by("-id").first()


def check(wish: Wish) -> Wish:
    """The wish with its queue found; `Invalid` names what is wrong with it, `Missing` what is of another project."""
    batch, team, queue = wish.batch, wish.team, wish.queue
    if team.organisation_id != batch.project.organisation_id or team.project_id not in (None, batch.project_id):
        raise Missing()
    if queue is not None and queue.project_id != batch.project_id:
        raise Missing()
    wrong: dict[str, str] = {}
    if wish.mode not in MODES:
        wrong["mode"] = f"one of {', '.join(MODES)}"
    if queue is not None and queue.stage != "annotate":
        wrong["queue"] = _("a queue in which items are labelled")
    if not 1 <= wish.overlap <= 100:
        wrong["overlap"] = "1 to 100"
    if (fault := until_fault(wish.until)) is not None:
        wrong["until"] = fault
    inside = set(team.places.values_list("person_id", flat=True)) if wish.mode == "shares" else set()
    for person, share in wish.shares.items() if wish.mode == "shares" else ():
        if person not in inside:
            wrong[f"shares.{person}"] = _("is not in the team")
        elif not 0 <= share <= MOST_SHARE:
            wrong[f"shares.{person}"] = f"0 to {MOST_SHARE}"
    if wish.mode == "shares" and not any(wish.shares.values()):
        wrong.setdefault("shares", _("give at least one person a share"))
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    if queue is None:
        queue = queue_of(batch)
    elif queue.state == "closed":
        raise Conflict(_("A closed queue does not change."), code="queue_closed")
    return Wish(batch, team, wish.mode, wish.shares, queue, wish.overlap if queue is None else queue.overlap, wish.until)


def _people(wish: Wish) -> tuple[list[tuple[Person, int]], list[tuple[Person, str]]]:
    project = wish.batch.project
    fit = set(able(project))
    stopped = set(Pause.objects.filter(project=project, queue=None).values_list("person_id", flat=True))
    if wish.queue is not None:
        stopped |= set(Pause.objects.filter(queue=wish.queue).values_list("person_id", flat=True))
        stopped |= set(Assignment.objects.filter(queue=wish.queue, paused=True).values_list("person_id", flat=True))
    part, out, team = [], [], list(members(wish.team))
    barred = unqualified(wish.queue.pk, [person.pk for person in team]) if wish.queue is not None else set()
    for person in team:
        share = 1 if wish.mode == "even" else wish.shares.get(person.pk, 0)
        why = "no_role" if person.pk not in fit else "paused" if person.pk in stopped else "not_qualified" if person.pk in barred else "" if share else "no_share"
        if why:
            out.append((person, why))
        else:
            part.append((person, share))
    return part, out


_ELSEWHERE = """
SELECT q.id, q.name, count(DISTINCT t.item_id) FROM annotate_item i JOIN annotate_task t ON t.item_id = i.id JOIN annotate_queue q ON q.id = t.queue_id
WHERE i.batch_id = %s AND q.stage = 'annotate' AND q.state <> 'closed' AND q.id <> %s AND t.state = 'open' AND NOT t.gold
GROUP BY q.id, q.name ORDER BY q.name, q.id
"""


def elsewhere(batch: Batch, queue: Queue | None) -> list[tuple[int, str, int]]:
    """The other queues, id and name, that ask about items of the batch, and about how many: there they are answered once more."""
    with connection.cursor() as cursor:
        cursor.execute(_ELSEWHERE, [batch.pk, queue.pk if queue is not None else 0])
        return list(cursor.fetchall())


def plan(wish: Wish) -> Plan:
    """For a checked wish: who would get what. Nothing changes; a queue that is not filled yet counts as it will be."""
    part, out = _people(wish)
    made = Plan(wish.queue, part, out)
    shares = {person.pk: share for person, share in part}
    queue_id = wish.queue.pk if wish.queue is not None else 0
    with connection.cursor() as cursor:
        cursor.execute(_BARRED, {"queue": queue_id, "batch": wish.batch.pk, "people": list(shares)})
        barred: dict[int, set[int]] = defaultdict(set)
        for item, person in cursor.fetchall():
            barred[item].add(person)
        cursor.execute(_ITEMS, [queue_id, wish.batch.pk])
        rows = cursor.fetchall()
    fills = wish.queue is None or wish.queue.q in ("", own_query(wish.batch))
    free: dict[int, Sequence[int]] = {}
    pieces = []
    for item, group, there, ids in rows:
        number = len(ids or ()) if there or not fills else wish.overlap
        if not number:
            made.settled += 1
            continue
        free[item] = ids or ()
        pieces.append(Piece(item, number, group, frozenset(barred.get(item, ()))))
    chosen = divide(pieces, shares)
    for item, people in chosen.items():
        made.given.update(people)
        made.tasks.update(zip(free[item], people, strict=False))
    made.items = len(chosen)
    made.unmet = sum(piece.free for piece in pieces) - made.answers
    return made
