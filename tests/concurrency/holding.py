"""What a history says about leases: when each was surely held, when it may have been, and the rules on holding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from tests.concurrency.history import NEVER, Call, Fault, History

# What a person or manager does to leases without naming them: {call: does it concern this lease?}
_BLANKET: dict[str, Callable[[Call, Held], bool]] = {
    "step": lambda call, held: call.person == held.person,
    "reopen": lambda call, held: call.person == held.person,
    "hold": lambda call, held: call.about["item"] == held.item,
    "void": lambda call, held: call.about["item"] == held.item,
    "pause": lambda call, held: call.about.get("person") == held.person,
}
_NAMED = ("submit", "skip", "release", "take_back", "step")


@dataclass(eq=False)
class Held:
    """One lease. Created between `begun` and `since`; surely live from `since` to `until`, maybe from `begun` to `over`."""

    lease: int
    task: int
    item: int
    round: int
    queue: int
    person: int
    schema: Any
    slot: int
    begun: float
    since: float
    expires: float
    until: float = NEVER
    over: float = NEVER
    lapsed: float = NEVER  # `over`, but for an answer of its own
    promoted: float = NEVER  # surely in slot 0 from then on
    grants: list[Call] = field(default_factory=list)

    def __str__(self) -> str:
        return f"lease {self.lease} of person {self.person} on task {self.task} (item {self.item})"

    @property
    def about(self) -> tuple[int, int, int]:
        return self.queue, self.item, self.round




def leases(history: History) -> dict[int, Held]:
    """Lease id → what is known of it."""
    found = history.__dict__.get("_leases")
    if found is None:
        found = history.__dict__["_leases"] = _leases(history)
    return found


def _leases(history: History) -> dict[int, Held]:
    found: dict[int, Held] = {}
    for call in history.named("next", "step", "reopen"):
        if not call.grants:
            continue
        told = call.answer or {}
        held = found.get(told["lease"])
        if held is None:
            held = found[told["lease"]] = Held(
                told["lease"], told["task"], told["item"], told["round"], told["queue"], call.person, told.get("schema"),
                told["slot"], call.start, call.end, told["expires"],
            )  # fmt: skip
        if call.end < held.since:
            held.slot = told["slot"]
        held.begun, held.since = min(held.begun, call.start), min(held.since, call.end)
        held.expires = max(held.expires, told["expires"])
        if told["slot"] == 0:
            held.promoted = min(held.promoted, call.end)
        held.grants.append(call)
    ending: dict[int, list[Call]] = defaultdict(list)
    longer: dict[int, float] = {}
    for call in history.named("renew"):
        if call.done and call.about["lease"] in found:
            held = found[call.about["lease"]]
            held.expires = max(held.expires, call.told("expires"))
        elif not call.refused:
            longer[call.about["lease"]] = NEVER
    for call in history.named(*_NAMED):
        if not call.refused:
            ending[call.about["lease"]].append(call)
    lost = [call for call in history.named("next") if not call.done and not call.refused]
    blanket = [call for call in history.named(*_BLANKET) if not call.refused]
    for held in found.values():
        ends = [call for call in ending[held.lease] if not _made(call, held)]  # a step to the frame at hand ends nothing
        others = [call for call in blanket if _BLANKET[call.call](call, held) and call.until > held.begun and not _made(call, held)]
        held.until = min([held.expires, *(call.start for call in ends), *(call.start for call in others)])
        extended = longer.get(held.lease, 0.0) or any(call.person == held.person and call.start < held.expires for call in lost)
        pauses = [call.end for call in others if call.call == "pause" and call.done and call.start > held.since]
        given_up = [call.end for call in ends if call.done and call.call != "submit"]
        held.lapsed = min([NEVER if extended else held.expires, *given_up, *pauses])
        held.over = min([held.lapsed, *(call.end for call in ends if call.done)])
    return found


@dataclass(frozen=True)
class Answer:
    """What one body came to, however often it was sent: taken between `start` and `end`."""

    annotation: int
    lease: int
    mark: str
    start: float
    end: float


def answers(history: History) -> list[Answer]:
    """Every answer that was acknowledged at least once."""
    sent: dict[tuple[int, str], list[Call]] = defaultdict(list)
    for call in history.named("submit"):
        if not call.refused:
            sent[call.about["lease"], call.about["mark"]].append(call)
    told = {about: [call for call in calls if call.done] for about, calls in sent.items()}
    return [
        Answer(annotation, lease, mark, sent[lease, mark][0].start, min(call.end for call in calls if call.told("annotation") == annotation))
        for (lease, mark), calls in told.items()
        for annotation in dict.fromkeys(call.told("annotation") for call in calls)
    ]


def _made(call: Call, held: Held) -> bool:
    return call.told("lease") == held.lease


def reopenings(history: History, task: int, item: int, person: int) -> list[Call]:
    """What may have opened an answer again for its person."""
    return [
        call
        for call in history.named("return", "reopen", "step")
        if not call.refused
        and (call.about.get("task") == task or call.about.get("item") == item)
        and (call.call == "return" or call.person == person)
    ]


def between(calls: Iterable[Call], after: float, before: float) -> bool:
    """Whether one of the calls may have taken effect in that time."""
    return any(call.start < before and call.until > after for call in calls)


def _together(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return max(one[0], other[0]) < min(one[1], other[1])


def no_task_has_two_leases(history: History) -> Iterator[Fault]:
    by_task: dict[int, list[Held]] = defaultdict(list)
    for held in leases(history).values():
        by_task[held.task].append(held)
    for held in by_task.values():
        for one, other in combinations(held, 2):
            if _together((one.since, one.until), (other.since, other.until)):
                yield Fault("double_lease", f"{one} while {other}")


def a_lease_is_one_persons(history: History) -> Iterator[Fault]:
    for held in leases(history).values():
        for call in held.grants:
            if call.person != held.person or call.told("task") != held.task:
                yield Fault("shared_lease", f"{held} was also given to person {call.person}")


def no_more_than_asked_for(history: History) -> Iterator[Fault]:
    """Leases and answers of an item at any one moment, counted by task."""
    spans: dict[tuple[int, int, int], list[tuple[float, float, int]]] = defaultdict(list)
    known = leases(history)
    for held in known.values():
        spans[held.about].append((held.since, held.until, held.task))
    for answer in answers(history):
        held = known.get(answer.lease)
        if held is not None:
            again = [one.start for one in reopenings(history, held.task, held.item, held.person) if one.until > answer.start]
            spans[held.about].append((answer.end, min([NEVER, *again]), held.task))
    for (queue, item, _round), ranges in spans.items():
        most = history.overlap(queue)[1]
        for moment in {since for since, until, _task in ranges if since < until}:
            tasks = {task for since, until, task in ranges if since <= moment < until}
            if len(tasks) > most:
                yield Fault("over_overlap", f"item {item} of queue {queue} asks for {most}, has {len(tasks)}: tasks {sorted(tasks)}")
                break


def nobody_gets_an_item_twice(history: History) -> Iterator[Fault]:
    by_person: dict[tuple[int, int, int, int], list[Held]] = defaultdict(list)
    known = leases(history)
    for held in known.values():
        by_person[(held.person, *held.about)].append(held)
    for held in by_person.values():
        for one, other in combinations(held, 2):
            if _together((one.since, one.until), (other.since, other.until)):
                yield Fault("item_twice", f"{one} while {other}")
    passed = [("skip", call.about["lease"], call.start, call.end) for call in history.named("skip") if call.done]
    for name, lease, start, end in [*passed, *(("answer", one.lease, one.start, one.end) for one in answers(history))]:
        was = known.get(lease)
        if was is None:
            continue
        again = reopenings(history, was.task, was.item, was.person)
        if name == "skip":
            again = [one for one in history.named("back", "return") if one.about["item"] == was.item and not one.refused]
        for held in by_person[(was.person, *was.about)]:
            if held is not was and held.begun >= end and not between(again, start, held.since):
                yield Fault("item_twice", f"{held} after the same person's {name} under {was}")


def nobody_holds_more_than_one_and_one_ahead(history: History) -> Iterator[Fault]:
    by_person: dict[tuple[int, int], list[Held]] = defaultdict(list)
    for held in leases(history).values():
        by_person[held.person, held.queue].append(held)
    for (person, queue), held in by_person.items():
        spans = [(one, one.since, one.until) for one in held if one.since < one.until]
        for _one, moment, _until in spans:
            now = [one for one, since, until in spans if since <= moment < until]
            if len(now) > 2:
                yield Fault("holds_too_many", f"person {person} holds {len(now)} in queue {queue}")
                break
        desks = [call for call in history.named("next", "step", "reopen") if call.person == person and call.about.get("slot", 0) == 0]
        behind = [call.start for call in history.named("reopen", "step") if call.person == person and not call.refused]
        for slot in (0, 1):
            sure = [(one, *_in_slot(one, slot, desks, behind)) for one in held]
            for (one, *span), (other, *more) in combinations(sure, 2):
                if _together((span[0], span[1]), (more[0], more[1])):
                    yield Fault("slot_twice", f"{one} and {other} at once in slot {slot}")


def _in_slot(held: Held, slot: int, desks: list[Call], behind: list[float]) -> tuple[float, float]:
    """When the lease was surely in this slot; an empty span when it is not sure of any time."""
    if slot == 0:
        since = held.promoted
        return since, min([held.until, *(start for start in behind if start > held.begun)])
    if held.slot != 1:
        return NEVER, NEVER
    return held.since, min([held.until, *(call.start for call in desks if call.until > held.begun)])


RULES = (
    no_task_has_two_leases,
    a_lease_is_one_persons,
    no_more_than_asked_for,
    nobody_gets_an_item_twice,
    nobody_holds_more_than_one_and_one_ahead,
)
