"""Rules against items: what each finds, as rows to keep and results to show. Nothing is changed by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
Say = Callable[[int], object]


@dataclass(frozen=True)
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
    for done, (rule, kind, parameters) in enumerate(ready, start=1):
        try:
            columns = table.columns(kind, parameters)
            verdict = kind.judge(columns, parameters)
        except SluiceError as error:
            checked.results[str(rule["id"])] = {"error": error.detail}
            continue
        rows = columns["item"] if "item" in columns else np.arange(len(verdict.scores))
        result = summary(kind, verdict, rows, float(parameters[kind.line]) if kind.line else None)
        if kind.rows in (ITEM, OBJECT):  # an item without objects is not checked either
            result["unchecked"] = checked.items - result["checked"]
        result["too_many"] = result["caught"] > limit
        if kind.rows == OBJECT:
            for sample in (*result["worst"], *result["near"]):
                sample[2] = int(columns["place"][sample[2]])
        checked.results[str(rule["id"])] = result
        if "item" in columns:
            caught[rule["id"]] = np.unique(rows[verdict.caught])
        if not result["too_many"]:
            checked.found[rule["id"]] = _rows(kind, columns, verdict)
        say(done)
    checked.results["overlap"] = overlaps(caught)
    return checked


def _rows(kind: Kind, columns: Columns, verdict: Verdict) -> Callable[[], Iterator[Caught]]:
    def rows() -> Iterator[Caught]:
        places = np.flatnonzero(verdict.caught)
        partners = verdict.partners if verdict.partners is not None and kind.rows == ITEM else None
        subject = columns[_SUBJECT[kind.rows]] if kind.rows in _SUBJECT else None
        for row in places:
            score = float(verdict.scores[row])
            partner = int(columns["item"][partners[row]]) if partners is not None and partners[row] >= 0 else 0
            yield Caught(
                item=int(columns["item"][row]) if "item" in columns else 0,
                place=int(columns["place"][row]) if kind.rows == OBJECT else -1,
                subject="" if subject is None else str(subject[row])[:300],
                score=None if np.isnan(score) else score,
                partner=partner,
                detail={name: _plain(values[row]) for name, values in verdict.details.items()},
            )

    return rows


def _plain(value: Any) -> Any:
    """A value of an array as JSON has it."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def chosen(document: list[dict[str, Any]], wanted: list[int]) -> list[dict[str, Any]]:
    """The rules of a set that run: those named, else all."""
    return [rule for rule in document if not wanted or rule["id"] in wanted]


def with_defaults(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's parameters with the kind's own where it gives none."""
    kind = kinds().get(rule["kind"])
    return {**(kind.defaults() if kind else {}), **rule["parameters"]}
