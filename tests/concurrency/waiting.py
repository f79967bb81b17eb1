"""`next` says 204 only when it is true: an item that was surely free for the person all through the call proves it wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.concurrency.history import NEVER, Call, Fault, History
from tests.concurrency.holding import Held, leases

_AWAY = {"hold": "unhold", "assign": "", "void": ""}  # what takes items away, and what brings them back


def nothing_is_said_to_be_left_while_something_is(history: History) -> Iterator[Fault]:
    empty = [call for call in history.named("next") if call.status == 204]
    if not empty:
        return
    away, paused = _away(history), _paused(history)
    lost = [call for call in history.named("next") if not call.done and not call.refused]
    by_item: dict[tuple[int, int], list[Held]] = defaultdict(list)
    for held in leases(history).values():
        by_item[held.queue, held.item].append(held)
    answered = _from(history, "submit")
    passed = _from(history, "skip")
    drawn = {call.about["task"]: call.person for call in history.named("save")}
    for call in empty:
        queue = call.about["queue"]
        if any(person in (None, call.person) and _meets(call, span) for person, span in paused[queue]):
            continue
        free = []
        for item in history.items.get(queue, []):
            held = by_item[queue, item]
            if any(_meets(call, span) for span in away[item]) or any(_theirs(one, call, answered, passed) for one in held):
                continue
            if item in history.framed and any(drawn.get(one.task, call.person) != call.person for one in held):
                continue
            taken = {one.task for one in held if one.begun < call.end and max(one.over, _end(one, answered)) > call.start}
            if len(taken) < history.overlap(queue)[0]:
                free.append(item)
        unknown = sum(one.about["queue"] == queue and one.start < call.end for one in lost)
        if len(free) > unknown:
            yield Fault("false_204", f"person {call.person} was told that queue {queue} is empty; free all the time: {free[:5]}")


def returned_work_is_served(history: History) -> Iterator[Fault]:
    """What came back to a person is theirs to get, as long as nobody holds it back."""
    away, paused = _away(history), _paused(history)
    known = leases(history)
    for back in history.named("return"):
        if not back.done or back.about.get("queue") is None:
            continue
        task, person, queue = back.about["task"], back.about["author"], back.about["queue"]
        for call in history.named("next"):
            if call.status != 204 or call.person != person or call.about["queue"] != queue or call.start < back.end:
                continue
            since = [held for held in known.values() if held.task == task and held.since > back.start and held.begun < call.end]
            barred = any(_meets(call, span) for span in away[back.about["item"]])
            barred = barred or any(who in (None, person) and _meets(call, span) for who, span in paused[queue])
            unknown = any(not one.done and not one.refused and one.person == person and one.start < call.end for one in history.named("next"))
            if not since and not barred and not unknown:
                yield Fault("false_204", f"person {person} was told that queue {queue} is empty; task {task} had come back to them")


def _from(history: History, name: str) -> dict[int, float]:
    """Lease → when such a call may have taken effect first."""
    found: dict[int, float] = {}
    for call in history.named(name):
        if not call.refused:
            found[call.about["lease"]] = min(found.get(call.about["lease"], NEVER), call.start)
    return found


def _end(held: Held, answered: dict[int, float]) -> float:
    """An answer takes its task for ever."""
    return NEVER if held.lease in answered else held.over


def _theirs(held: Held, call: Call, answered: dict[int, float], passed: dict[int, float]) -> bool:
    """Whether the item may have been no more for this person: held, answered or skipped by them."""
    if held.person != call.person or held.begun >= call.end:
        return False
    return held.over > call.start or answered.get(held.lease, NEVER) < call.end or passed.get(held.lease, NEVER) < call.end


def _meets(call: Call, span: tuple[float, float]) -> bool:
    return span[0] < call.end and span[1] > call.start


def _away(history: History) -> dict[int, list[tuple[float, float]]]:
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for name, back in _AWAY.items():
        for call in history.named(name):
            if not call.refused:
                ends = [one.end for one in history.named(back) if back and one.done and one.about["item"] == call.about["item"] and one.start > call.end]
                found[call.about["item"]].append((call.start, min([NEVER, *ends])))
    return found


def _paused(history: History) -> dict[int, list[tuple[int | None, tuple[float, float]]]]:
    found: dict[int, list[tuple[int | None, tuple[float, float]]]] = defaultdict(list)
    for call in history.named("pause"):
        about = (call.about["queue"], call.about.get("person"))
        ends = [one.end for one in history.named("resume") if one.done and (one.about["queue"], one.about.get("person")) == about and one.start > call.end]
        if not call.refused:
            found[about[0]].append((about[1], (call.start, min([NEVER, *ends]))))
    return found


RULES = (nothing_is_said_to_be_left_while_something_is, returned_work_is_served)
