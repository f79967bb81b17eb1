"""What a history says about answers and drafts: acknowledged ⊆ stored ⊆ attempted, one key one answer, nothing stale or late."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from tests.concurrency.history import Call, Fault, History
from tests.concurrency.holding import Answer, answers, between, leases, reopenings


def what_was_acknowledged_is_stored(history: History) -> Iterator[Fault]:
    if history.stored is None:
        return
    stored = {row.mark: row for row in history.stored}
    for call in history.named("submit"):
        if not call.done:
            continue
        row = stored.get(call.about["mark"])
        if row is None:
            yield Fault("lost", f"answer {call.told('annotation')} to lease {call.about['lease']} was acknowledged and is not there")
        elif row.annotation != call.told("annotation") or row.revision != call.told("revision"):
            yield Fault("other_answer", f"answer {row.annotation} was acknowledged as {call.told('annotation')}")
        elif row.lease is not None and row.lease != call.about["lease"]:
            yield Fault("other_answer", f"answer {row.annotation} stands under lease {row.lease}, not {call.about['lease']}")


def what_is_stored_was_attempted_once(history: History) -> Iterator[Fault]:
    if history.stored is None:
        return
    attempts: dict[str, list[Call]] = defaultdict(list)
    for call in history.named("submit"):
        attempts[call.about["mark"]].append(call)
    for mark, count in Counter(row.mark for row in history.stored).items():
        if mark not in attempts:
            yield Fault("from_nowhere", f"nobody sent the answer {mark}")
        elif all(call.refused for call in attempts[mark]):
            yield Fault("refused_but_stored", f"the answer {mark} was refused: {attempts[mark][0].answer}")
        if count > 1:
            yield Fault("stored_twice", f"the answer {mark} is stored {count} times")
    for lease, count in Counter(row.lease for row in history.stored if row.lease is not None).items():
        if count > 1:
            yield Fault("stored_twice", f"lease {lease} has {count} answers")
    revisions: dict[int, list[int]] = defaultdict(list)
    for row in history.stored:
        revisions[row.item].append(row.revision)
    for item, numbers in revisions.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield Fault("revision_gap", f"item {item} has the revisions {sorted(numbers)}")


def an_answer_is_judged_by_the_schema_its_lease_pinned(history: History) -> Iterator[Fault]:
    known = leases(history)
    for row in history.stored or []:
        held = known.get(row.lease or 0)
        if held is not None and row.schema is not None and held.schema is not None and row.schema != held.schema:
            yield Fault("other_schema", f"{held} pinned schema {held.schema}, its answer has {row.schema}")


def one_key_is_one_answer(history: History) -> Iterator[Fault]:
    by_key: dict[tuple[int, int, str], list[Call]] = defaultdict(list)
    for call in history.named("submit"):
        if call.about.get("key") and call.done:
            by_key[call.person, call.about["lease"], call.about["key"]].append(call)
    for (_person, lease, key), calls in by_key.items():
        told = {(call.told("annotation"), call.told("revision")) for call in calls}
        if len(told) > 1:
            yield Fault("key_split", f"key {key} of lease {lease} gave {len(told)} answers")
        if len({call.about["mark"] for call in calls}) > 1:
            yield Fault("key_reused", f"key {key} of lease {lease} was accepted with two bodies")


def a_task_is_answered_once(history: History) -> Iterator[Fault]:
    known = leases(history)
    done: dict[int, list[Answer]] = defaultdict(list)
    for answer in answers(history):
        if answer.lease in known:
            done[known[answer.lease].task].append(answer)
    for task, found in done.items():
        for one, other in combinations(found, 2):
            held = known[one.lease]
            again = reopenings(history, task, held.item, held.person)
            if one.annotation != other.annotation and not between(again, min(one.start, other.start), max(one.end, other.end)):
                yield Fault("answered_twice", f"task {task}: by leases {one.lease} and {other.lease}")


def no_late_answer_is_taken(history: History) -> Iterator[Fault]:
    known = leases(history)
    for answer in answers(history):
        held = known.get(answer.lease)
        if held is None:
            continue
        if answer.start >= held.lapsed:
            yield Fault("late_taken", f"{held} was over when it was answered")
        for other in known.values():
            if other.task == held.task and other is not held and other.begun >= held.since and other.since <= answer.start:
                yield Fault("late_taken", f"{held} was answered when {other} had followed it")


def a_stale_save_changes_nothing(history: History) -> Iterator[Fault]:
    by_draft: dict[tuple[int, int], list[Call]] = defaultdict(list)
    attempts: dict[str, list[Call]] = defaultdict(list)
    for call in history.named("save"):
        attempts[call.about["mark"]].append(call)
        if call.done:
            by_draft[call.about["task"], call.person].append(call)
            if call.told("revision") != call.about["revision"] + 1:
                yield Fault("draft_jumped", f"task {call.about['task']}: {call.about['revision']} → {call.told('revision')}")
    cleared = [call for call in history.named("submit", "step") if not call.refused]
    for (task, person), calls in by_draft.items():
        clearing = [call for call in cleared if call.person == person and call.about.get("task", task) == task]
        for one, other in combinations(calls, 2):
            if one.about["revision"] == other.about["revision"] and not between(clearing, min(one.start, other.start), max(one.end, other.end)):
                yield Fault("stale_changed", f"task {task}: two saves of person {person} upon revision {one.about['revision']}")
    for draft in history.drafts or []:
        calls = attempts.get(draft.mark, [])
        if calls and all(call.refused and call.told("code") == "stale_draft" for call in calls):
            yield Fault("stale_changed", f"task {draft.task}: the draft of person {draft.person} is one that was refused as stale")
        clearing = [call for call in cleared if call.person == draft.person and call.about.get("task", draft.task) == draft.task]
        seen = max((call.told("revision") for call in by_draft[draft.task, draft.person]), default=0)
        if draft.revision < seen and not clearing:
            yield Fault("draft_lost", f"task {draft.task}: revision {seen} of person {draft.person} was acknowledged, {draft.revision} stands")


RULES = (
    what_was_acknowledged_is_stored,
    what_is_stored_was_attempted_once,
    an_answer_is_judged_by_the_schema_its_lease_pinned,
    one_key_is_one_answer,
    a_task_is_answered_once,
    no_late_answer_is_taken,
    a_stale_save_changes_nothing,
)
