"""People at work in threads and processes of their own, each noting what it asked and was told.

`serve` is one such process: it reads parts to play as JSON, one line each, and answers with the calls as JSON.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from django.db import connections

from annotate.kernel.errors import SluiceError
from annotate.people.actor import Actor
from annotate.people.models import Person
from tests.concurrency.history import Call
from tests.concurrency.recording import Recorder, mark

CONNECTIONS = 32  # of one process; the rest waits for its turn, as behind a pool


def once(log: Recorder, actor: Actor, queue: int, **_about: Any) -> None:
    """One `next`."""
    log.next(queue, actor)


def working(log: Recorder, actor: Actor, queue: int, *, seconds: float, seed: int, empties: int = 10**9, **_about: Any) -> None:
    """Takes, draws, dawdles, hands in, skips, gives back and reloads for a time, or until `empties` answers say that nothing is left."""
    chance, until = random.Random(seed), time.time() + seconds
    while time.time() < until and empties > 0:
        with suppress(SluiceError):
            lease = log.next(queue, actor, slot=int(chance.random() < 0.2))
            if lease is None:
                empties -= 1
                time.sleep(0.02)
                continue
            what = chance.random()
            if what < 0.25:
                log.save(lease, actor, chance.randrange(2), mark())
            if what < 0.35:
                time.sleep(chance.uniform(0, 1.2))  # past the end of a short lease
            if what > 0.9:
                (log.skip if what > 0.97 else log.release)(lease, actor)
            elif what > 0.85:
                log.renew(lease, actor)
            else:
                body = mark()
                for _try in range(1 + (what < 0.1)):
                    log.submit(lease, actor, body, key=body)


PARTS: dict[str, Callable[..., None]] = {"once": once, "working": working}


def play(part: str, cast: Sequence[dict[str, Any]], *, at: float | None = None, most: int = CONNECTIONS) -> list[Call]:
    """Everybody of the cast plays the part, on at most so many connections, each with a thread; all start at the moment `at`."""
    hands = min(most, len(cast))
    logs = [Recorder() for _each in range(hands)]
    broken: list[Exception] = []
    ready = threading.Barrier(max(hands, 1))

    def run(hand: int) -> None:
        try:
            actors = [(Actor.of(Person.objects.get(pk=about["person"])), about) for about in cast[hand::hands]]
            ready.wait(30)
            if at is not None:
                time.sleep(max(0.0, at - time.time()))
            for actor, about in actors:
                PARTS[part](logs[hand], actor, **about)
        except Exception as error:  # noqa: BLE001  told by who plays
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(hand,)) for hand in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return [call for log in logs for call in log.calls]


def serve(database: str) -> None:
    """The life of a process of clients: a part to play per line of input, the calls as a line of output."""
    connections["default"].settings_dict["NAME"] = database
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps([asdict(call) for call in play(asked["part"], asked["cast"], at=asked["at"])]), flush=True)
