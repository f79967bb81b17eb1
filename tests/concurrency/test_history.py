"""The checker itself: sound histories pass, however vague their clocks, and every kind of fault is seen where it is planted."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.concurrency.history import NEVER, Call, Fault, History, Kept, Stored, faults, read
from tests.concurrency.holding import Held, leases
from tests.concurrency.simulating import QUEUE, SCHEMA, Play

SEEDS = st.integers(0, 2**32)


@settings(max_examples=300)
@given(seed=SEEDS, people=st.integers(1, 5), items=st.integers(1, 5), overlap=st.integers(1, 3), width=st.sampled_from([0.0, 0.5, 5.0]))
def test_a_sound_history_has_no_faults(seed: int, people: int, items: int, overlap: int, width: float) -> None:
    assert not faults(Play(seed, people=people, items=items, overlap=overlap, width=width).run())


def grant(person: int, task: int, item: int, at: float, *, lease: int, slot: int = 0, queue: int = QUEUE) -> Call:
    told = {"status": 200, "lease": lease, "task": task, "item": item, "round": 1, "queue": queue, "slot": slot, "expires": at + 5, "schema": SCHEMA}
    return Call("next", person, at, at, {"queue": queue, "slot": slot}, told)


def one_of(chance: Random, rows: list[Any]) -> Any:
    """One of the rows; the example is passed over when there is none."""
    assume(rows)
    return chance.choice(rows)


def sure(history: History, chance: Random) -> Held:
    return one_of(chance, [held for held in leases(history).values() if held.since < held.until])


def middle(held: Held) -> float:
    return (held.since + held.until) / 2


def accepted(history: History, chance: Random, name: str = "submit") -> Call:
    return one_of(chance, [call for call in history.named(name) if call.done])


def swap(history: History, old: Any, new: Any) -> None:
    rows = history.calls if isinstance(old, Call) else history.stored
    assert rows is not None
    rows[rows.index(old)] = new


def after_all(history: History) -> float:
    return 100.0 + max(call.end for call in history.calls)


def double_lease(history: History, chance: Random) -> None:
    held = sure(history, chance)
    history.calls.append(grant(77, held.task, held.item, middle(held), lease=9001))


def shared_lease(history: History, chance: Random) -> None:
    held = sure(history, chance)
    history.calls.append(grant(77, held.task, held.item, middle(held), lease=held.lease))


def over_overlap(history: History, chance: Random) -> None:
    at = chance.uniform(1000, 1040)
    for n in range(history.overlaps[QUEUE] + 1):
        history.calls.append(grant(70 + n, 900 + n, 4, at, lease=9001 + n))


def item_twice(history: History, chance: Random) -> None:
    held = sure(history, chance)
    history.calls.append(grant(held.person, 901, held.item, middle(held), lease=9001, slot=1 - held.slot))


def item_after_its_answer(history: History, chance: Random) -> None:
    done = accepted(history, chance)
    held = leases(history).get(done.about["lease"])
    assume(held is not None and not [call for call in history.named("return") if call.about["item"] == held.item])
    assert held is not None
    history.calls.append(grant(held.person, 901, held.item, done.end + 50, lease=9001))


def holds_too_many(history: History, chance: Random) -> None:
    at = chance.uniform(1000, 1040)
    history.calls += [grant(77, 900 + n, 800 + n, at, lease=9001 + n, slot=min(n, 1)) for n in range(3)]


def slot_twice(history: History, chance: Random) -> None:
    at, slot = chance.uniform(1000, 1040), chance.randrange(2)
    history.calls += [grant(77, 900 + n, 800 + n, at + n, lease=9001 + n, slot=slot) for n in range(2)]


def lost(history: History, chance: Random) -> None:
    mark = accepted(history, chance).about["mark"]
    history.stored = [row for row in history.stored or [] if row.mark != mark]


def from_nowhere(history: History, chance: Random) -> None:
    history.stored = [*(history.stored or []), Stored(9001, 801, 1, "nobody's")]


def stored_twice(history: History, chance: Random) -> None:
    row = one_of(chance, history.stored or [])
    history.stored = [*(history.stored or []), replace(row, annotation=9001, item=801, lease=None)]


def two_answers_of_a_lease(history: History, chance: Random) -> None:
    row = one_of(chance, history.stored or [])
    history.stored = [*(history.stored or []), replace(row, annotation=9001, item=801, mark="other")]


def refused_but_stored(history: History, chance: Random) -> None:
    sent: dict[str, list[Call]] = {}
    for call in history.named("submit"):
        sent.setdefault(call.about["mark"], []).append(call)
    mark = one_of(chance, [mark for mark, calls in sent.items() if all(call.refused for call in calls)])
    history.stored = [*(history.stored or []), Stored(9001, 801, 1, mark)]


def other_answer(history: History, chance: Random) -> None:
    mark = accepted(history, chance).about["mark"]
    row = next(row for row in history.stored or [] if row.mark == mark)
    swap(history, row, replace(row, annotation=9001))


def revision_gap(history: History, chance: Random) -> None:
    row = one_of(chance, history.stored or [])
    swap(history, row, replace(row, revision=row.revision + 7))


def other_schema(history: History, chance: Random) -> None:
    row = one_of(chance, [row for row in history.stored or [] if row.lease in leases(history)])
    swap(history, row, replace(row, schema=SCHEMA + 1))


def key_split(history: History, chance: Random) -> None:
    done = accepted(history, chance)
    at = after_all(history)
    history.calls.append(replace(done, start=at, end=at, answer={**(done.answer or {}), "annotation": 9001}))


def key_reused(history: History, chance: Random) -> None:
    done = accepted(history, chance)
    history.calls.append(replace(done, about={**done.about, "mark": "another body"}))


def answered_twice(history: History, chance: Random) -> None:
    done = accepted(history, chance)
    held = leases(history).get(done.about["lease"])
    assume(held is not None and not [call for call in history.named("return") if call.about["item"] == held.item])
    assert held is not None
    at = after_all(history)
    told = {"status": 201, "annotation": 9002, "revision": 9}
    again = Call("submit", 77, at + 1, at + 1, {"lease": 9001, "task": held.task, "key": "k", "mark": "m"}, told)
    history.calls += [grant(77, held.task, held.item, at, lease=9001), again]


def late_taken(history: History, chance: Random) -> None:
    ended = {call.about["lease"] for call in history.named("submit") if not call.refused}
    held = one_of(chance, [held for held in leases(history).values() if held.lapsed < NEVER and held.lease not in ended])
    at, about = held.lapsed + chance.uniform(0.001, 9), {"lease": held.lease, "task": held.task, "key": "k", "mark": "m"}
    history.calls.append(Call("submit", held.person, at, at, about, {"status": 201, "annotation": 9001, "revision": 9}))


def late_taken_after_another(history: History, chance: Random) -> None:
    ended = {call.about["lease"] for call in history.named("submit") if not call.refused}
    held = one_of(chance, [held for held in leases(history).values() if held.lease not in ended])
    at, about = held.since + 1, {"lease": held.lease, "task": held.task, "key": "k", "mark": "m"}
    taken = Call("submit", held.person, at + 1, at + 1, about, {"status": 201, "annotation": 9001, "revision": 9})
    history.calls += [grant(77, held.task, held.item, at, lease=9001), taken]


def stale_changed(history: History, chance: Random) -> None:
    saved = accepted(history, chance, "save")
    history.calls.append(replace(saved, about={**saved.about, "mark": "another tab's"}))


def stale_but_standing(history: History, chance: Random) -> None:
    stale = one_of(chance, [call for call in history.named("save") if call.told("code") == "stale_draft"])
    history.drafts = [Kept(stale.about["task"], stale.person, stale.about["revision"] + 2, stale.about["mark"])]


def draft_jumped(history: History, chance: Random) -> None:
    saved = accepted(history, chance, "save")
    swap(history, saved, replace(saved, answer={"status": 200, "revision": saved.about["revision"] + 2}))


def draft_lost(history: History, chance: Random) -> None:
    saved = accepted(history, chance, "save")
    assume(not [call for call in history.named("submit") if call.about["task"] == saved.about["task"] and not call.refused])
    history.drafts = [Kept(saved.about["task"], saved.person, 0, "older")]


def false_204(history: History, chance: Random) -> None:
    """A grant that was served is told as "nothing left", and so never used."""
    called = {call.about.get("lease") for call in history.calls}
    fresh = [held for held in leases(history).values() if len(held.grants) == 1 and held.lease not in called]
    given = one_of(chance, [held.grants[0] for held in fresh])
    assume(given.start > 0 and not [call for call in history.named("return") if call.about["item"] == given.told("item")])
    swap(history, given, replace(given, answer={"status": 204}))


def false_204_to_a_newcomer(history: History, chance: Random) -> None:
    at = min(call.start for call in history.calls) - chance.uniform(1, 5)
    history.calls.append(Call("next", 77, at, at + 0.5, {"queue": QUEUE, "slot": 0}, {"status": 204}))


def false_204_for_returned_work(history: History, chance: Random) -> None:
    backs = [call for call in history.named("return") if call.done]
    back = one_of(chance, backs)
    assume(not [held for held in leases(history).values() if held.task == back.about["task"] and held.since > back.start])
    assume(not [call for call in history.named("hold") if call.about["item"] == back.about["item"]])
    at = after_all(history)
    history.calls.append(Call("next", back.about["author"], at, at, {"queue": QUEUE, "slot": 0}, {"status": 204}))


PLANTED: dict[Callable[[History, Random], None], str] = {
    double_lease: "double_lease",
    shared_lease: "shared_lease",
    over_overlap: "over_overlap",
    item_twice: "item_twice",
    item_after_its_answer: "item_twice",
    holds_too_many: "holds_too_many",
    slot_twice: "slot_twice",
    lost: "lost",
    from_nowhere: "from_nowhere",
    stored_twice: "stored_twice",
    two_answers_of_a_lease: "stored_twice",
    refused_but_stored: "refused_but_stored",
    other_answer: "other_answer",
    revision_gap: "revision_gap",
    other_schema: "other_schema",
    key_split: "key_split",
    key_reused: "key_reused",
    answered_twice: "answered_twice",
    late_taken: "late_taken",
    late_taken_after_another: "late_taken",
    stale_changed: "stale_changed",
    stale_but_standing: "stale_changed",
    draft_jumped: "draft_jumped",
    draft_lost: "draft_lost",
    false_204: "false_204",
    false_204_to_a_newcomer: "false_204",
    false_204_for_returned_work: "false_204",
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found(plant: Callable[[History, Random], None]) -> None:
    @settings(max_examples=20, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much])
    @given(seed=SEEDS, overlap=st.integers(1, 2))
    def see(seed: int, overlap: int) -> None:
        # Losses would explain away faults of holding: a lost call may have taken effect at any time.
        history = Play(seed, items=6, overlap=overlap, width=0.0, losses=0.0).run(60)
        plant(history, Random(seed))
        bare = History(history.calls, history.overlaps, history.items, history.stored, history.drafts)
        assert PLANTED[plant] in {fault.kind for fault in faults(bare)}

    see()


def test_a_step_to_the_frame_at_hand_ends_nothing() -> None:
    taken = grant(1, 10, 1, 1000, lease=5)
    stays = Call("step", 1, 1001, 1001, {"lease": 5, "item": 1}, taken.answer)
    about = {"lease": 5, "task": 10, "key": "k", "mark": "m"}
    done = Call("submit", 1, 1002, 1002, about, {"status": 201, "annotation": 7, "revision": 1})
    assert not faults(History([taken, stays, done], {QUEUE: 1}, {QUEUE: [1]}))


def test_every_kind_of_fault_is_planted() -> None:
    import ast
    from pathlib import Path

    here = Path(__file__).parent
    trees = [ast.parse((here / f"{name}.py").read_text()) for name in ("holding", "answering", "waiting")]
    made = {
        node.args[0].value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == Fault.__name__ and isinstance(node.args[0], ast.Constant)
    }
    assert made == set(PLANTED.values())


def test_a_log_is_read_as_it_was_written() -> None:
    history, file = Play(7).run(), io.StringIO()
    history.write(file)
    assert read(file.getvalue().splitlines()) == history.calls
