"""One annotate queue as a few dictionaries: what it may serve and must refuse, one call after the other.

Small enough to be believed by reading. Sound histories are played out on it, and the services are held against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Asked:
    """One answer asked of an item. `person` gave it, or has it back; an open one with a person is kept for them."""

    task: int
    item: int
    n: int
    state: str = "open"
    person: int | None = None


@dataclass
class Given:
    lease: int
    task: int
    person: int
    slot: int
    expires: float
    ended: str = ""


@dataclass
class Reference:
    """`choose` picks a task of those that may be served; `framed` says which items are frames of the one group there is."""

    overlap: int = 1
    lifetime: float = 60.0
    now: float = 0.0
    tasks: dict[int, Asked] = field(default_factory=dict)
    leases: dict[int, Given] = field(default_factory=dict)
    skipped: set[tuple[int, int]] = field(default_factory=set)  # (person, item)
    drafts: dict[tuple[int, int], int] = field(default_factory=dict)  # (task, person) → revision
    held: set[int] = field(default_factory=set)
    paused: set[int] = field(default_factory=set)
    framed: frozenset[int] = frozenset()

    def live(self, given: Given) -> bool:
        return not given.ended and given.expires > self.now

    def of_task(self, task: int) -> Given | None:
        return next((one for one in self.leases.values() if one.task == task and self.live(one)), None)

    def own(self, person: int) -> dict[int, Given]:
        """Slot → the live lease in it."""
        return {one.slot: one for one in self.leases.values() if one.person == person and self.live(one)}

    def _fit(self, task: Asked, person: int) -> bool:
        """Whether a fresh task may come to the person."""
        others = [one for one in self.tasks.values() if one.item == task.item and one.task != task.task]
        holds = any(self.tasks[one.task].item == task.item for one in self.own(person).values())
        return (
            task.state == "open"
            and self.of_task(task.task) is None
            and task.item not in self.held
            and not holds
            and (person, task.item) not in self.skipped
            and task.person in (None, person)
            and not any(one.person == person for one in others)
        )

    def back(self, person: int) -> list[Asked]:
        """Returned work that the person must be served before all else."""
        mine = [one for one in self.tasks.values() if one.state == "returned" and one.person == person]
        return [one for one in mine if one.item not in self.held and self.of_task(one.task) is None]

    def may(self, person: int) -> list[Asked]:
        """What `next` may give in an empty slot: what came back first, then what is kept for the person."""
        fit = [one for one in self.tasks.values() if self._fit(one, person)]
        return self.back(person) or [one for one in fit if one.person == person] or fit

    def must(self, person: int) -> list[Asked]:
        """Of that, what it may not say 204 to: a frame that another has begun may wait for them."""
        begun = {task for task, who in self.drafts if who != person}
        return [one for one in self.may(person) if one.person == person or one.item not in self.framed or one.task not in begun]

    def slipped(self, person: int) -> Asked | None:
        """What the person had on the desk when their time ran out, or left with a draft, of their last leases; it comes back
        to them before all else while nobody else has it."""
        last = sorted((one for one in self.leases.values() if one.person == person), key=lambda one: one.lease)[-4:]
        for given in reversed([one for one in last if one.slot == 0]):
            task = self.tasks[given.task]
            if task.state == "open" or (task.state == "returned" and task.person == person):
                ran_out = given.ended == "expiry" or (not given.ended and given.expires <= self.now)
                if ran_out or (given.ended == "release" and (task.task, person) in self.drafts):
                    return task if task in self.back(person) or self._fit(task, person) else None
        return None

    def present(self, person: int, slot: int) -> Given | None:
        """The lease that answers `next` without a new one; the one ahead moves up, unless its item is held back."""
        own = self.own(person)
        if slot in own:
            return own[slot]
        if slot == 0 and 1 in own:
            ahead = own[1]
            if self.tasks[ahead.task].item in self.held:
                ahead.ended = "move"
                return None
            ahead.slot, ahead.expires = 0, max(ahead.expires, self.now + self.lifetime)
            return ahead
        return None

    def give(self, lease: int, task: int, person: int, slot: int) -> Given:
        given = self.leases[lease] = Given(lease, task, person, slot, self.now + self.lifetime)
        return given

    def take(self, person: int, slot: int, lease: int, choose: Callable[[list[Asked]], Asked]) -> Given | None:
        given = self.present(person, slot)
        if given is not None:
            return given
        fit = self.may(person)
        return self.give(lease, choose(fit).task, person, slot) if fit else None

    def submit(self, lease: int) -> bool:
        given = self.leases[lease]
        if not self.live(given) or self.tasks[given.task].state not in ("open", "returned"):
            return False
        given.ended = "submit"
        task = self.tasks[given.task]
        task.state, task.person = "answered", given.person
        self.drafts.pop((task.task, given.person), None)
        return True

    def skip(self, lease: int) -> bool:
        given = self.leases[lease]
        if not self.live(given):
            return False
        given.ended = "skip"
        task = self.tasks[given.task]
        self.skipped.add((given.person, task.item))
        if task.person in (None, given.person):
            task.state, task.person = "open", None
        return True

    def end(self, lease: int, why: str) -> None:
        if self.live(self.leases[lease]):
            self.leases[lease].ended = why

    def save(self, lease: int, revision: int) -> bool | None:
        """Whether the draft moved on; None when the lease was over (and the body may have been kept)."""
        given = self.leases[lease]
        if not self.live(given):
            return None
        about = (given.task, given.person)
        if self.drafts.get(about, 0) != revision:
            return False
        self.drafts[about] = revision + 1
        return True

    def send_back(self, task: int) -> bool:
        if self.tasks[task].state != "answered":
            return False
        self.tasks[task].state = "returned"
        return True

    def frame(self, person: int, item: int) -> list[Asked]:
        """What a step to this frame may lead to: one's own answer, or what came back of it, else a task that is free."""
        own = [one for one in self.tasks.values() if one.item == item and one.person == person and one.state in ("answered", "returned")]
        if own:
            return [one for one in own if item not in self.held]
        return [one for one in self.tasks.values() if one.item == item and self._fit(one, person)]
