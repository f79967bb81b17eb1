"""Sound histories: people at one queue, played out on the reference, with answers that get lost and clocks that are vague."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from tests.concurrency.history import Call, History, Kept, Stored
from tests.concurrency.reference import Asked, Given, Reference

QUEUE, SCHEMA, MANAGER = 1, 3, 99


class Play:
    """`width`: how long before and after its moment a call begins and ends, in seconds at most; moments are about 1 s apart."""

    def __init__(self, seed: int, *, people: int = 3, items: int = 4, overlap: int = 1, width: float = 2.0, losses: float = 0.1) -> None:
        self.chance = Random(seed)
        self.people, self.width, self.losses = range(1, people + 1), width, losses
        tasks = [Asked(10 * item + n, item, n) for item in range(1, items + 1) for n in range(overlap)]
        self.queue = Reference(overlap=overlap, lifetime=12.0, tasks={one.task: one for one in tasks}, now=1000.0)
        self.history = History([], {QUEUE: overlap}, {QUEUE: list(range(1, items + 1))}, [], [])
        self.answers: dict[int, Stored] = {}  # by lease
        self.keys: dict[int, str] = {}
        self.marks: dict[tuple[int, int], str] = {}
        self.count = 0

    def fresh(self) -> int:
        self.count += 1
        return 500 + self.count

    def tell(self, call: str, person: int, about: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        early, late = (self.chance.uniform(0, self.width) for _each in range(2))
        lost = self.chance.random() < self.losses
        self.history.calls.append(Call(call, person, self.queue.now - early, self.queue.now + late, about, None if lost else answer))

    def run(self, steps: int = 40) -> History:
        moves = [self.next] * 4 + [self.submit] * 3 + [self.save] * 2 + [self.renew, self.release, self.skip, self.send_back, self.hold, self.take_back]
        for _step in range(steps):
            self.queue.now += self.chance.expovariate(1.0)
            self.chance.choice(moves)()
        self.history.stored = list(self.answers.values())
        self.history.drafts = [Kept(task, person, revision, self.marks[task, person]) for (task, person), revision in self.queue.drafts.items()]
        return self.history

    def grant(self, given: Given) -> dict[str, Any]:
        return {
            "status": 200, "lease": given.lease, "task": given.task, "item": self.queue.tasks[given.task].item, "round": 1,
            "queue": QUEUE, "slot": given.slot, "expires": given.expires, "schema": SCHEMA,
        }  # fmt: skip

    def next(self) -> None:
        person, slot = self.chance.choice(self.people), int(self.chance.random() < 0.3)
        given = self.queue.take(person, slot, self.fresh(), self.chance.choice)
        self.tell("next", person, {"queue": QUEUE, "slot": slot}, {"status": 204} if given is None else self.grant(given))

    def some(self) -> Given | None:
        """A lease to do something with, mostly one of the last."""
        given = list(self.queue.leases.values())
        return self.chance.choice(given[-4:] if self.chance.random() < 0.8 else given) if given else None

    def submit(self) -> None:
        given = self.some()
        if given is None:
            return
        key = self.keys.setdefault(given.lease, f"key {given.lease}")
        about = {"lease": given.lease, "task": given.task, "key": key, "mark": f"answer {given.lease}"}
        if given.lease not in self.answers and self.queue.submit(given.lease):
            item = self.queue.tasks[given.task].item
            number = 1 + sum(one.item == item for one in self.answers.values())
            self.answers[given.lease] = Stored(self.fresh(), item, number, about["mark"], given.task, given.lease, given.person, SCHEMA)
        row = self.answers.get(given.lease)
        told = {"status": 409, "code": "lease_ended"} if row is None else {"status": 201, "annotation": row.annotation, "revision": row.revision}
        self.tell("submit", given.person, about, told)

    def save(self) -> None:
        given = self.some()
        if given is None:
            return
        standing = self.queue.drafts.get((given.task, given.person), 0)
        revision = max(0, standing - (self.chance.random() < 0.3))
        saved, mark = self.queue.save(given.lease, revision), f"draft {self.fresh()}"
        told: dict[str, Any] = {"status": 200, "revision": revision + 1}
        if saved:
            self.marks[given.task, given.person] = mark
        else:
            told = {"status": 409, "code": "lease_ended" if saved is None else "stale_draft"}
        self.tell("save", given.person, {"lease": given.lease, "task": given.task, "revision": revision, "mark": mark}, told)

    def renew(self) -> None:
        given = self.some()
        if given is None:
            return
        live = self.queue.live(given)
        if live:
            given.expires = max(given.expires, self.queue.now + self.queue.lifetime)
        told = {"status": 200, "expires": given.expires} if live else {"status": 409, "code": "lease_ended"}
        self.tell("renew", given.person, {"lease": given.lease}, told)

    def release(self) -> None:
        given = self.some()
        if given is not None:
            self.queue.end(given.lease, "release")
            self.tell("release", given.person, {"lease": given.lease}, {"status": 204})

    def take_back(self) -> None:
        given = self.some()
        if given is not None:
            self.queue.end(given.lease, "move")
            self.tell("take_back", MANAGER, {"lease": given.lease}, {"status": 200})

    def skip(self) -> None:
        given = self.some()
        if given is not None:
            told = {"status": 204} if self.queue.skip(given.lease) else {"status": 409, "code": "lease_ended"}
            self.tell("skip", given.person, {"lease": given.lease}, told)

    def send_back(self) -> None:
        answered = [one for one in self.queue.tasks.values() if one.state == "answered"]
        if answered:
            task = self.chance.choice(answered)
            self.queue.send_back(task.task)
            about = {"task": task.task, "item": task.item, "author": task.person, "queue": QUEUE}
            self.tell("return", MANAGER, about, {"status": 200})

    def hold(self) -> None:
        item = self.chance.choice(self.history.items[QUEUE])
        back = item in self.queue.held
        (self.queue.held.discard if back else self.queue.held.add)(item)
        self.tell("unhold" if back else "hold", MANAGER, {"item": item}, {"status": 200})
