"""An item's history, folded from what is on record: acts, leases, answers, verdicts, comments, approvals; newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from annotate.items.models import Item
from annotate.items.queries import sees_all
from annotate.items.related import rows
from annotate.people.actor import Actor
from annotate.projects.return_reasons import said

MOST = 500  # of each kind


@dataclass(frozen=True)
class Event:
    """`what` is "noun.act"; `person` None means the machine, or somebody who has left."""

    at: dt.datetime
    what: str
    person: Any | None = None
    data: dict[str, Any] = field(default_factory=dict)
    apart: bool = False  # for its person alone


def _came(item: Item) -> Iterator[Event]:
    yield Event(item.created_at, "item.add", item.created_by, {"batch": item.batch.name})


def _acts(item: Item) -> Iterator[Event]:
    acts = list(rows("Activity").filter(noun="item", noun_id=item.pk).order_by("-id")[:MOST])
    people = rows("Person").in_bulk({act.person_id for act in acts if act.person_id})
    for act in acts:
        if act.verb.startswith("item."):
            said = {name: value for name, value in act.data.items() if name not in ("count", "first", "last")}
            yield Event(act.at, act.verb, people.get(act.person_id), said)


def _answers(item: Item) -> Iterator[Event]:
    """Revisions; those that only measure their author stand as any other, and `history` shows them to nobody else."""
    for row in rows("Annotation").filter(item=item).select_related("person", "parent__person").order_by("-number")[:MOST]:
        apart = row.source == "gold"
        data = {"revision": row.revision, "source": "person" if apart else row.source, "seconds": row.seconds}
        if row.source != "undo":
            yield Event(row.created_at, "annotation.add", row.person, data, apart)
        else:
            author = row.author.name if row.author else None
            yield Event(row.created_at, "annotation.restore", row.person, {"revision": row.number, "author": author})


def _leases(item: Item) -> Iterator[Event]:
    found = rows("Lease").filter(item=item).select_related("person", "queue").order_by("-id")[:MOST]
    for row in found:
        yield Event(row.created_at, "lease.take", row.person, {"queue": row.queue.name})
        if row.ended_at is not None and row.ended_by in ("release", "expiry", "move", "erase", "ask", "dispute"):
            yield Event(row.ended_at, "lease.end", row.person, {"queue": row.queue.name, "by": row.ended_by})
    for row in rows("Skip").filter(item=item).select_related("person").order_by("-id")[:MOST]:
        yield Event(row.created_at, "task.skip", row.person, {"reason": row.reason})


def _questions(item: Item) -> Iterator[Event]:
    for row in rows("Question").filter(item=item).select_related("person", "answered_by").order_by("-id")[:MOST]:
        yield Event(row.created_at, "question.ask", row.person, {"reason": row.text})
        if row.answered_at is not None:
            yield Event(row.answered_at, "question.answer", row.answered_by, {"reason": row.answer})
    for row in rows("Dispute").filter(item=item).select_related("person", "decided_by").order_by("-id")[:MOST]:
        yield Event(row.created_at, "dispute.open", row.person, {"reason": row.text})
        if row.state != "open" and row.decided_at is not None:
            decided = {"upheld": "uphold", "overturned": "overturn"}.get(row.state, "withdraw")
            yield Event(row.decided_at, f"dispute.{decided}", row.decided_by or row.person, {"reason": row.answer})
    for row in rows("Undo").filter(review__item=item).exclude(review__disputes__state="overturned").select_related("person").order_by("-id")[:MOST]:
        yield Event(row.created_at, "review.undo", row.person, {})


def _verdicts(item: Item) -> Iterator[Event]:
    found = rows("Review").filter(item=item).select_related("person", "annotation", "fixed").order_by("-id")[:MOST]
    for row in found:
        data = {"revision": row.annotation.number, "reason": said(item.project, row.reason_key, row.reason), "round": row.round}
        if row.fixed is not None:
            data["fixed"] = row.fixed.number
        yield Event(row.created_at, f"review.{row.verdict}", row.person, data)


def _words(item: Item) -> Iterator[Event]:
    found = rows("Comment").filter(item=item).select_related("person", "resolved_by").order_by("-id")[:MOST]
    for row in found:
        about = {"object": str(row.object) if row.object else None}
        yield Event(row.created_at, "comment.add", row.person, {"text": row.text, **about})
        if row.resolved_at is not None:
            yield Event(row.resolved_at, "comment.resolve", row.resolved_by, about)


def _approvals(item: Item) -> Iterator[Event]:
    found = rows("Approval").filter(item=item).select_related("person", "annotation").order_by("-id")[:MOST]
    for row in found:
        data = {"revision": row.annotation.number, "cause": row.cause}
        yield Event(row.created_at, "approval.add", row.person, data)
        if row.ended_at is not None:
            yield Event(
                row.ended_at, "approval.end", None, {"revision": row.annotation.number, "reason": row.ended_reason}
            )


def _holds(item: Item) -> Iterator[Event]:
    for row in rows("Hold").filter(item=item).select_related("created_by").order_by("-id")[:MOST]:
        yield Event(row.created_at, "hold.add", row.created_by, {"cause": row.cause, "reason": row.reason})
        if row.ended_at is not None:
            yield Event(row.ended_at, "hold.end", None, {"cause": row.cause})


_ALL = (_came, _acts, _answers, _leases, _questions, _verdicts, _words, _approvals, _holds)
_OWN = (_came, _answers, _leases, _questions)


def history(actor: Actor, item: Item) -> list[Event]:
    """Everything for those who see the item pages; annotators and collectors, only what they did themselves."""
    if sees_all(actor, item.project):
        events = [event for kind in _ALL for event in kind(item)]
        events = [event for event in events if not event.apart or getattr(event.person, "pk", None) == actor.person_id]
    else:
        events = [event for kind in _OWN for event in kind(item)]
        events = [event for event in events if event.person is not None and event.person.pk == actor.person_id]
    return sorted(events, key=lambda event: (event.at, _RANK.get(event.what, 5)), reverse=True)


# What happens in one transaction has one time: this is the order it is told in.
_RANK = {"item.add": 0, "lease.take": 1, "annotation.add": 3, "annotation.restore": 6, "review.undo": 5, "review.accept": 4, "review.fix": 4, "approval.add": 6}
