"""Rules against items: what each finds, as rows to keep and results to show. Nothing is changed by it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.kernel.errors import SluiceError
from workflows.cleaning.loading import Table
from workflows.cleaning.results import overlaps, summary
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.kind import ITEM, LABEL, OBJECT, QUOTA, Columns, Kind, Verdict

_SUBJECT = {LABEL: "label_name", QUOTA: "quota_name"}
JUDGES = 2  # rules that are judged at the same time
Say = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Caught:
    """One finding to be: `place` is the object's within its document, -1 for none; `partner` another item's id, 0 for none."""

    item: int
    place: int
    subject: str
    score: float | None
    partner: int
    detail: dict[str, Any]


@dataclass
class Checked:
    """What the rules found. `found`: by rule id, the rows to keep; `results`: by rule id, what `results.summary` says of each."""

    items: int
    results: dict[str, Any] = field(default_factory=dict)
    found: dict[int, Callable[[], Iterator[Caught]]] = field(default_factory=dict)


def check(table: Table, rules: list[dict[str, Any]], *, limit: int, say: Say = lambda done: None) -> Checked:
    """Run rules (rows of a rule set's document) over a table. A rule that cannot be run says why in its result, and the others go on; one
    that catches more than `limit` items keeps no rows."""
    known = kinds()
    ready = [(rule, known[rule["kind"]], {**known[rule["kind"]].defaults(), **rule["parameters"]}) for rule in rules if rule["kind"] in known]
    table.load((kind, parameters) for _rule, kind, parameters in ready)
    checked = Checked(len(table.items))
    caught: dict[int, NDArray[np.int64]] = {}
    looked: dict[int, Columns] = {}
    for rule, kind, parameters in ready:
        try:
            looked[rule["id"]] = table.columns(kind, parameters)
        except SluiceError as error:
            checked.results[str(rule["id"])] = {"error": error.detail}
    able = sorted((each for each in ready if each[0]["id"] in looked), key=lambda each: not each[1].slow)
    with ThreadPoolExecutor(JUDGES) as pool:  # arrays are looked through without the interpreter's lock
        judged = pool.map(lambda each: _judged(each[1], each[2], looked[each[0]["id"]], checked.items), able)
        for done, ((rule, kind, _parameters), (verdict, result)) in enumerate(zip(able, judged, strict=True), start=1):
            columns = looked[rule["id"]]
            result["too_many"] = result["caught"] > limit
            checked.results[str(rule["id"])] = result
            if "item" in columns:
                caught[rule["id"]] = np.unique(columns["item"][verdict.caught])
            if not result["too_many"]:
                checked.found[rule["id"]] = _rows(kind, columns, verdict)
            say(done)
    checked.results["overlap"] = overlaps(caught)
    return checked


def _judged(kind: Kind, parameters: Mapping[str, Any], columns: Columns, items: int) -> tuple[Verdict, dict[str, Any]]:
    verdict = kind.judge(columns, parameters)
    rows = columns["item"] if "item" in columns else np.arange(len(verdict.scores))
    result = summary(kind, verdict, rows, float(parameters[kind.line]) if kind.line else None)
    every = items if kind.rows in (ITEM, OBJECT) else len(rows)  # an item without objects is not checked either
    result["unchecked"] = every - result["checked"]
    if kind.rows == OBJECT:
        for sample in (*result["worst"], *result["near"]):
            sample[2] = int(columns["place"][sample[2]])
    return verdict, result


def _rows(kind: Kind, columns: Columns, verdict: Verdict) -> Callable[[], Iterator[Caught]]:
    def found() -> Iterator[Caught]:
        rows = np.flatnonzero(verdict.caught)
        none: list[Any] = [None] * len(rows)
        items = columns["item"][rows].tolist() if "item" in columns else [0] * len(rows)
        places = columns["place"][rows].tolist() if kind.rows == OBJECT else [-1] * len(rows)
        partners = [0] * len(rows)
        if verdict.partners is not None and kind.rows == ITEM:
            other = verdict.partners[rows]
            partners = np.where(other >= 0, columns["item"][other], 0).tolist()
        subjects = [str(subject)[:300] for subject in columns[_SUBJECT[kind.rows]][rows]] if kind.rows in _SUBJECT else [""] * len(rows)
        scores = np.where(np.isnan(verdict.scores[rows]), none, verdict.scores[rows].astype(object))
        names = list(verdict.details)
        details = zip(*(map(_plain, verdict.details[name][rows].tolist()) for name in names), strict=True) if names else ([] for _row in rows)
        for item, place, subject, score, partner, said in zip(items, places, subjects, scores.tolist(), partners, details, strict=True):
            yield Caught(item, place, subject, score, partner, dict(zip(names, said, strict=True)))

    return found


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def chosen(document: list[dict[str, Any]], wanted: list[int]) -> list[dict[str, Any]]:
    """The rules of a set that run: those named, else all."""
    return [rule for rule in document if not wanted or rule["id"] in wanted]
