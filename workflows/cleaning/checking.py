"""Rules against items: what each finds, as rows to keep and results to show. Nothing is changed by it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
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
class Found:
    """What a rule caught, a column each, as findings keep it: of objects the `annotations` that hold them and their `places` in these, both empty of
    anything else; `partners`, other items' ids, 0 for none; `items` 0 for none, and then a `subject` says of what it is."""

    items: list[int]
    annotations: list[int]
    places: list[int]
    subjects: list[str]
    scores: list[float | None]
    partners: list[int]
    details: list[dict[str, Any]]


Rule = dict[str, Any]  # a row of a rule set's document
Ready = tuple[Rule, Kind, dict[str, Any], Columns]
Keep = Callable[[Rule, Found], object]


@dataclass(frozen=True)
class Prepared:
    """Rules with all that they look at, so that nothing more is read: (rule, kind, parameters, columns) of each; `errors`, by rule id, say why one
    cannot be run. `lacking`: whether something has no facts yet that a rule looks at."""

    items: int
    rules: list[Ready]
    errors: dict[int, Any]
    lacking: bool


@dataclass
class Checked:
    """`results`: by rule id, what `results.summary` says of each."""

    items: int
    results: dict[str, Any] = field(default_factory=dict)


def prepare(table: Table, rules: list[Rule]) -> Prepared:
    """Read what the rules look at. Call within `snapshot.steady`."""
    known = kinds()
    ready = [(rule, known[rule["kind"]], {**known[rule["kind"]].defaults(), **rule["parameters"]}) for rule in rules if rule["kind"] in known]
    table.load((kind, parameters) for _rule, kind, parameters in ready)
    found, errors = [], {}
    for rule, kind, parameters in ready:
        try:
            found.append((rule, kind, parameters, table.columns(kind, parameters)))
        except SluiceError as error:
            errors[rule["id"]] = error.detail
    return Prepared(len(table.items), found, errors, table.lacking)


def check(prepared: Prepared, *, limit: int, keep: Keep = lambda rule, found: None, say: Say = lambda done: None) -> Checked:
    """Judge, and hand over what each rule caught as soon as it is known. A rule that cannot be run says why in its result, and the others go on;
    of one that catches more than `limit` items nothing is kept."""
    checked = Checked(prepared.items, {str(rule): {"error": error} for rule, error in prepared.errors.items()})
    caught: dict[int, NDArray[np.int64]] = {}
    able = _spread(prepared.rules)
    with ThreadPoolExecutor(JUDGES) as pool:  # arrays are looked through without the interpreter's lock
        judged = [pool.submit(_judged, kind, parameters, columns, checked.items) for _rule, kind, parameters, columns in able]
        place = {future: number for number, future in enumerate(judged)}
        for done, future in enumerate(as_completed(judged), start=1):
            rule, kind, _parameters, columns = able[place[future]]
            verdict, result = future.result()
            result["too_many"] = result["caught"] > limit
            checked.results[str(rule["id"])] = result
            if "item" in columns:
                caught[rule["id"]] = _once(columns["item"][verdict.caught])
            if not result["too_many"] and result["rows"]:
                keep(rule, _found(kind, columns, verdict))
            say(done)
    checked.results["overlap"] = overlaps(caught)
    return checked


def _spread(rules: Sequence[Ready]) -> list[Ready]:
    """What takes long begins early, but not all of it at first: what others find is kept meanwhile."""
    slow, quick = [rule for rule in rules if rule[1].slow], [rule for rule in rules if not rule[1].slow]
    between = max(1, len(quick) // (2 * len(slow))) if slow else 0
    for place, rule in enumerate(slow):
        quick.insert(place * (between + 1), rule)
    return quick


def _once(items: NDArray[np.int64]) -> NDArray[np.int64]:
    """The different ones of items that ascend."""
    return items[np.flatnonzero(np.diff(items, prepend=-1))]


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


def _found(kind: Kind, columns: Columns, verdict: Verdict) -> Found:
    rows = np.flatnonzero(verdict.caught)
    none: list[Any] = [None] * len(rows)
    partners = [0] * len(rows)
    if verdict.partners is not None and kind.rows == ITEM:
        other = verdict.partners[rows]
        partners = np.where(other >= 0, columns["item"][other], 0).tolist()
    scores = verdict.scores[rows]
    names = list(verdict.details)
    told = [list(map(_plain, verdict.details[name][rows].tolist())) for name in names]
    return Found(
        items=columns["item"][rows].tolist() if "item" in columns else [0] * len(rows),
        annotations=columns["annotation"][rows].tolist() if kind.rows == OBJECT else [],
        places=columns["place"][rows].tolist() if kind.rows == OBJECT else [],
        subjects=[str(subject)[:300] for subject in columns[_SUBJECT[kind.rows]][rows]] if kind.rows in _SUBJECT else [""] * len(rows),
        scores=np.where(np.isnan(scores), none, scores.astype(object)).tolist(),
        partners=partners,
        details=[dict(zip(names, values, strict=True)) for values in zip(*told, strict=True)] if names else [{}] * len(rows),
    )


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def chosen(document: list[dict[str, Any]], wanted: list[int]) -> list[dict[str, Any]]:
    """The rules of a set that run: those named, else all."""
    return [rule for rule in document if not wanted or rule["id"] in wanted]
