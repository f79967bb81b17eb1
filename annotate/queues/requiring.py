"""What a queue asks of who works in it, and questions that the claim has about runs: another room knows the answers.

The check itself is a sub-select of the claim (`lacking`), so that a queue which asks for nothing costs one probe of an index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from annotate.kernel import sql
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.kernel.registry import Registry
from annotate.kernel.words import share
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.queues.models import Queue

RUN_OF = "(SELECT c.id FROM annotate_qualification c WHERE c.queue_id = q.id)"


def lacking(person: str, queue: str = "q.id") -> str:
    """SQL of the ids of the qualifications that a queue asks for and a person has not, or not with the score."""
    return f"""ARRAY(SELECT r.qualification_id FROM annotate_requirement r WHERE r.queue_id = {queue}
        AND NOT EXISTS (SELECT 1 FROM annotate_qualified h WHERE h.qualification_id = r.qualification_id
                        AND h.person_id = {person} AND h.ended_at IS NULL AND (r.bar IS NULL OR h.score >= r.bar))
        ORDER BY r.qualification_id)"""


def requalifies(pause: str, queue: str) -> str:
    """SQL: the queue is the run that stays open to somebody under this pause of the project."""
    return f"""({pause}.queue_id IS NULL AND {pause}.qualification_id IS NOT NULL
        AND EXISTS (SELECT 1 FROM annotate_qualification u WHERE u.id = {pause}.qualification_id AND u.queue_id = {queue}))"""


@dataclass(frozen=True)
class Lacked:
    """A qualification that somebody lacks for a queue. `score`: what they have instead, where they have it below the bar.

    `run` is the queue that tells whether they are, and `state` how they stand with it: begin, running, measuring, used_up,
    below (passed, but under the bar of this queue) or by_hand (there is no run that is open).
    """

    qualification: int
    name: str
    bar: float | None
    score: float | None
    run: int | None
    state: str

    @property
    def takes_run(self) -> bool:
        return self.state in ("begin", "running")

    def as_dict(self) -> dict[str, Any]:
        return {"qualification": self.qualification, "name": self.name, "bar": self.bar, "score": self.score, "run": self.run, "state": self.state}


# "of": (person id, queue ids) → what the person lacks, by queue; queues for which they lack nothing are left out.
lacks: Registry[Callable[[int, Sequence[int]], dict[int, list[Lacked]]]] = Registry("lacks")
# "set": (queue, [{"qualification", "bar"}], actor), all of them anew; "of": (queue) → the same, with names, for managers;
# "choice": (queue) → every qualification of the project with whether it is asked for, for the page.
requirements: Registry[Callable[..., Any]] = Registry("requirements")
# "draw": (qualification id, person id) → whether another question may be handed out, beginning an attempt where none runs;
# "shut": (qualification id, person id) → raises where an answer may not be opened again any more.
runs: Registry[Callable[[int, int], Any]] = Registry("runs")

_RUN_OF_TASK = "SELECT c.id FROM annotate_qualification c JOIN annotate_task t ON t.queue_id = c.queue_id WHERE t.id = %(task)s::bigint AND t.gold"
_LACKING_ANY = f"SELECT {lacking('%(person)s::bigint', '%(queue)s::bigint')}"


_UNQUALIFIED = f"SELECT p.id FROM unnest(%(people)s::bigint[]) AS p(id) WHERE cardinality({lacking('p.id', '%(queue)s::bigint')}) > 0"


def unqualified(queue_id: int, person_ids: Sequence[int]) -> set[int]:
    """Who of these people lacks something that the queue asks for."""
    return {row[0] for row in sql.rows(_UNQUALIFIED, {"queue": queue_id, "people": list(person_ids)})}


def lacked(person_id: int, queue_ids: Sequence[int]) -> dict[int, list[Lacked]]:
    """What the person lacks for each of the queues."""
    return lacks.get("of")(person_id, queue_ids) if queue_ids and "of" in lacks else {}


def names(found: Sequence[Lacked]) -> str:
    """ "Cells (80 %), Mandarin"."""
    return ", ".join(f"{one.name} ({share(one.bar)})" if one.bar is not None else one.name for one in found)


def words(found: Sequence[Lacked]) -> str:
    """What the person is told, and what they can do about it."""
    said = [_("This queue needs %(names)s.") % {"names": names(found)}]
    for one in found:
        about = {"name": one.name, "score": share(one.score) if one.score is not None else _("no score")}
        if one.state == "begin":
            said.append(_("Take the run of %(name)s first.") % about)
        elif one.state == "running":
            said.append(_("You are in the run of %(name)s: go on with it.") % about)
        elif one.state == "measuring":
            said.append(_("Your run of %(name)s is being measured.") % about)
        elif one.state == "used_up":
            said.append(_("Your attempts at %(name)s are used up: ask a manager.") % about)
        elif one.state == "below":
            said.append(_("You have %(name)s with %(score)s, which is too little here: ask a manager.") % about)
        else:
            said.append(_("A manager gives %(name)s.") % about)
    return " ".join(said)


def refusal(person_id: int, queue_id: int) -> Denied:
    """403 `not_qualified` with `missing`: what is lacked, and the queue of the run where there is one."""
    found = lacked(person_id, [queue_id]).get(queue_id, [])
    return Denied(words(found), code="not_qualified", extra={"missing": [one.as_dict() for one in found]})


def require_qualified(queue: Queue, person: Person, place: str) -> None:
    """For who gives work away: `Invalid` at `place` when the person lacks something that the queue asks for."""
    row = sql.row(_LACKING_ANY, {"person": person.pk, "queue": queue.pk})
    if row is not None and row[0]:
        found = lacked(person.pk, [queue.pk]).get(queue.pk, [])
        said = _("%(person)s is not qualified for %(queue)s: it needs %(names)s") % {"person": person.name, "queue": queue.name, "names": names(found)}
        raise Invalid(said, fields={place: said})


def set_requirements(queue: Queue, wanted: Sequence[Mapping[str, Any]], by: Actor) -> None:
    requirements.get("set")(queue, wanted, by)


def requirements_of(queue: Queue) -> list[dict[str, Any]]:
    """What the queue asks for: [{"qualification", "name", "bar"}]."""
    return requirements.get("of")(queue) if "of" in requirements else []


def may_draw(qualification_id: int, person_id: int) -> bool:
    """Whether another question of a run may be handed out. `Denied` or `Conflict` says why no attempt can begin."""
    return bool(runs.get("draw")(qualification_id, person_id))


def require_open_run(task_id: int, person_id: int) -> None:
    """An answer of a run that is over is not opened again."""
    found = sql.row(_RUN_OF_TASK, {"task": task_id})
    if found is not None:
        runs.get("shut")(found[0], person_id)


def refuse_skip(task_id: int) -> None:
    """The questions of a run are the same number for everybody, so none is passed over."""
    if sql.row(_RUN_OF_TASK, {"task": task_id}) is not None:
        raise Conflict(_("A question of a run is answered as well as one can, not skipped."), code="run_no_skip")
