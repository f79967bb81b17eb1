"""Figures of tallies: the report's parts for labels, answers, slices and values, and the nested numbers that charts draw. Pure.

A share is {value, low, high, of, why}: with Wilson's 95 % interval and the count behind it; below `LEAST` of those the value is null and
`why` says "not_enough". So is every average precision and recall of fewer things than that, of a size too: null.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workflows.evaluations.asked import LEAST
from workflows.evaluations.families import FAMILIES, NAMES_OF
from workflows.evaluations.precise import told_by
from workflows.evaluations.tallies import Answers, Tally
from workflows.quality.agreement.intervals import wilson
from workflows.quality.evaluation.errors import KINDS
from workflows.quality.evaluation.precision import Gathered, Table, figures
from workflows.quality.evaluation.shares import Shares
from workflows.quality.evaluation.told import RIGHT

MOST_CELLS = 2000  # of a table of what is taken for what, the most frequent
MOST_LABELS = 150  # whose figures stand among the numbers for charts, the most frequent
HIT = (RIGHT, "attribute")
OF_SLICE = ("AP", "AP50", "AP75")
Document = dict[str, Any]


def share(right: int, of: int) -> Document:
    between = wilson(right, of)
    if between is None or of < LEAST:
        return {"value": None, "low": None, "high": None, "of": of, "why": "not_enough"}
    return {"value": right / of, "low": between[0], "high": between[1], "of": of, "why": ""}


def enough(value: float | None, of: int) -> float | None:
    return value if of >= LEAST else None


def shares_of(tally: Tally) -> dict[str, Shares]:
    """Of each label, over all kinds of objects: right, true and said. A wrong attribute is no wrong label."""
    right, truth, found = Counter[str](), Counter[str](), Counter[str]()
    for (meant, given, fault), count in tally.things.items():
        if meant is not None:
            truth[meant] += count
        if given is not None:
            found[given] += count
        if meant is not None and fault in HIT:
            right[meant] += count
    return {label: Shares(right[label], truth[label], found[label]) for label in sorted(truth.keys() | found.keys())}


def together(parts: Iterable[Shares]) -> Shares:
    rows = list(parts)
    return Shares(*(sum(getattr(row, name) for row in rows) for name in ("right", "truth", "found")))


def told(one: Shares) -> Document:
    return {
        "truth": one.truth,
        "found": one.found,
        "right": one.right,
        "precision": share(one.right, one.found),
        "recall": share(one.right, one.truth),
        "f1": enough(one.f1, one.truth),
    }


def errors_of(tally: Tally) -> dict[str, Counter[str]]:
    """Label → kind of error → how often; what lies badly is one error, told of the truth."""
    found: dict[str, Counter[str]] = {}
    for (meant, given, fault), count in tally.things.items():
        if fault != RIGHT and not (fault == "badly_placed" and meant is None):
            found.setdefault(str(given if meant is None else meant), Counter())[fault] += count
    return found


def cells(counts: Mapping[tuple[Any, Any], int], known: Sequence[str]) -> Document:
    """What is taken for what: {"labels", "cells": [{"meant", "given", "count"}]}, null for no counterpart; the most frequent cells."""
    met = {name for pair in counts for name in pair if name is not None}
    labels = [*(name for name in known if name in met), *sorted(met.difference(known))]
    order = sorted(counts.items(), key=lambda cell: (-cell[1], str(cell[0][0] or ""), str(cell[0][1] or "")))
    return {"labels": labels, "cells": [{"meant": meant, "given": given, "count": count} for (meant, given), count in order[:MOST_CELLS]]}


def confusion(tally: Tally, known: Sequence[str]) -> Document:
    counts = Counter[tuple[Any, Any]]()
    for (meant, given, _fault), count in tally.things.items():
        counts[meant, given] += count
    return cells(counts, known)


def tables(tally: Tally, family: str, *, fine: bool = True) -> dict[str, Table]:
    """Label → table of what was found of it; without `fine` only what AP, AP50 and AP75 take."""
    most = {} if fine and "AR1" in NAMES_OF[family] else {"most": (100,)}
    return {label: held.table(**most) for label, held in held_of(tally, family).items()}


def held_of(tally: Tally, family: str) -> dict[str, Gathered]:
    return {label: held for (of, label), held in sorted(tally.areas.items()) if of == family}


def floored(found: Mapping[str, float | None], held: Iterable[Gathered]) -> Document:
    """Figures of average precision and recall, none of fewer than `LEAST` truths; of a size (APs, ARl …), of that size."""
    truths = sum((one.truths for one in held), start=Gathered().truths)
    return {name: enough(value, int(truths[max("_sml".find(name[2:]), 0) if name[2:] else 0])) for name, value in found.items()}


def precise(tally: Tally, families: Sequence[str], *, fine: bool = True) -> tuple[Document, dict[str, Document]]:
    """({family: figures and how many truths}, {label: {family: figures with what is best}}); without `fine` AP, AP50 and AP75 alone."""
    whole: Document = {}
    by_label: dict[str, Document] = {}
    for family in families:
        made, held = tables(tally, family, fine=fine), held_of(tally, family)
        names = NAMES_OF[family] if fine else OF_SLICE
        whole[family] = floored(figures(list(made.values()), names), held.values()) | ({"truth": sum(int(one.truths[0]) for one in held.values())} if fine else {})
        for label, table in made.items() if fine else ():
            truths, best = int(held[label].truths[0]), held[label].best()
            row = floored(figures([table], names), [held[label]])
            by_label.setdefault(label, {})[family] = row | {"truth": truths, "best": {"score": best[0], "f1": best[1]} if best and truths >= LEAST else None}
    return whole, by_label


def entities(tally: Tally) -> Document:
    """F1 of spans over all labels, and of each: the same characters, or any in common."""
    made = {label: [Shares(row[place], row[0], row[1]) for place in (2, 3)] for label, row in sorted(tally.spans.items())}
    whole = [together(row[place] for row in made.values()) for place in (0, 1)]
    rows = [{"label": label, "exact": told(exact), "overlap": told(overlap)} for label, (exact, overlap) in made.items()]
    return {"exact": told(whole[0]), "overlap": told(whole[1]), "labels": rows}


def answers(name: str, one: Answers, known: Sequence[str]) -> Document:
    """Accuracy, figures by class and log loss (mean −ln of the truth's probability) of one question about the item."""
    items, right = one.counts.total(), sum(count for (truth, said), count in one.counts.items() if truth == said)
    classes = {option: Shares(0, 0, 0) for option in known}
    for (truth, said), count in one.counts.items():
        sides = [set(side if isinstance(side, tuple) else () if side is None else (side,)) for side in (truth, said)]
        for option in sides[0] | sides[1]:
            kept = classes.get(option, Shares(0, 0, 0))
            hit, meant, given = option in sides[0] and option in sides[1], option in sides[0], option in sides[1]
            classes[option] = Shares(kept.right + hit * count, kept.truth + meant * count, kept.found + given * count)
    met = {option: row for option, row in classes.items() if row.truth or row.found}
    scores = [row.f1 for row in met.values() if row.f1 is not None]
    shown = Counter[tuple[Any, Any]]()
    for pair, count in one.counts.items():
        truth, said = (", ".join(side) if isinstance(side, tuple) else side for side in pair)
        shown[truth, said] += count
    return {
        "name": name,
        "items": items,
        "accuracy": share(right, items),
        "macro_f1": enough(sum(scores) / len(scores) if scores else None, items),
        "log_loss": enough(one.loss / one.chances, one.chances) if one.chances else None,
        "with_probabilities": one.chances,
        "classes": [{"class": option, **told(row)} for option, row in met.items()],
        "confusion": cells(shown, known),
    }


def part(tally: Tally, families: Sequence[str], questions: Mapping[str, Sequence[str]], *, objects: bool) -> Document:
    """The figures of a slice, or of one value: few, and none of fewer than `LEAST` things."""
    made: Document = {"items": tally.items}
    if objects:
        whole = together(shares_of(tally).values())
        made |= {"objects": told(whole)}
        made |= precise(tally, families, fine=False)[0]
    if tally.spans:
        made["entities"] = {name: entities(tally)[name] for name in ("exact", "overlap")}
    if questions:
        rows = {name: answers(name, tally.answers[name], known) for name, known in questions.items() if name in tally.answers}
        made["answers"] = {name: {of: row[of] for of in ("items", "accuracy", "macro_f1", "log_loss")} for name, row in rows.items()}
    return made


def whole(tally: Tally, families: Sequence[str], questions: Mapping[str, Sequence[str]], labels: Sequence[str], *, objects: bool) -> Document:
    """The report's figures over all items."""
    made: Document = {"objects": None, "labels": [], "confusion": None, "errors": None, "entities": entities(tally) if tally.spans else None}
    made |= dict.fromkeys(FAMILIES) | {"precision_by": {family: told_by(family) for family in families}}
    if objects:
        shares, errors = shares_of(tally), errors_of(tally)
        precision, by_label = precise(tally, families)
        order = [*(label for label in labels if label in shares), *sorted(shares.keys() - set(labels))]
        rows = [{"label": label, **told(shares[label]), "errors": {kind: errors[label][kind] if label in errors else 0 for kind in KINDS}, **by_label.get(label, {})} for label in order]
        total = Counter[str]()
        for counts in errors.values():
            total.update(counts)
        made |= precision | {
            "objects": told(together(shares.values())),
            "labels": rows,
            "confusion": confusion(tally, labels),
            "errors": {kind: total[kind] for kind in KINDS},
        }
    made["answers"] = [answers(name, tally.answers[name], known) for name, known in questions.items() if name in tally.answers]
    return made


def numbers(report: Mapping[str, Any]) -> Document:
    """The report's figures as names nested down to numbers, as charts across versions draw them."""
    made: Document = {family: {name: report[family][name] for name in NAMES_OF[family]} for family in FAMILIES if report[family]}
    if report["objects"]:
        made["objects"] = _values(report["objects"])
    if report["entities"]:
        made["entities"] = {name: _values(report["entities"][name]) for name in ("exact", "overlap")}
    if report["answers"]:
        made["item"] = {_plain(row["name"]): _answered(row) for row in report["answers"]}
    rows = sorted(report["labels"], key=lambda row: (-row["truth"], row["label"]))[:MOST_LABELS]
    if rows:
        made["labels"] = {_plain(row["label"]): _values(row) | {name: row[of][name] for of in reversed(FAMILIES) if of in row for name in OF_SLICE} for row in rows}
    if report["slices"]:
        made["slices"] = {_plain(row["name"]): _of_part(row) for row in report["slices"] if not row.get("why")}
    return made


def _of_part(row: Mapping[str, Any]) -> Document:
    made: Document = {}
    if "objects" in row:
        made |= _values(row["objects"])
    made |= {family: row[family] for family in FAMILIES if family in row}
    if row.get("entities"):
        made["entities"] = _values(row["entities"]["exact"])
    if row.get("answers"):
        made["item"] = {_plain(name): _answered(one) for name, one in row["answers"].items()}
    return made


def _answered(row: Mapping[str, Any]) -> Document:
    return {"accuracy": row["accuracy"]["value"], "macro_f1": row["macro_f1"], "log_loss": row["log_loss"]}


def _values(row: Mapping[str, Any]) -> Document:
    return {"precision": row["precision"]["value"], "recall": row["recall"]["value"], "f1": row["f1"]}


def _plain(name: str) -> str:
    """A name without dots, which part names of figures."""
    return name.replace(".", "_")[:100]
