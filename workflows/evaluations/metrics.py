"""A model's figures as a document: names nested down to numbers, and the same laid flat. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from annotate.kernel.canonical import check_text
from annotate.kernel.errors import Invalid

DEEPEST, MOST, LONGEST = 5, 2000, 100
_KNOWN = ("map", "ap", "f1", "accuracy", "score")  # what is looked at first, where it is there


def sound(metrics: Any) -> dict[str, Any]:
    """The document itself. `Invalid` names the place of what is no number and no object of numbers."""
    if not isinstance(metrics, Mapping) or not metrics:
        raise Invalid("metrics: an object of names and numbers", fields={"metrics": "an object of names and numbers"})
    wrong = dict(_faults(metrics, "metrics", 1))
    if not wrong and (count := sum(1 for _each in flat(metrics))) > MOST:
        wrong = {"metrics": f"{count} numbers, at most {MOST}"}
    if wrong:
        place, why = next(iter(wrong.items()))
        raise Invalid(f"{place}: {why}", fields=dict(list(wrong.items())[:20]))
    return dict(metrics)


def _faults(value: Mapping[str, Any], place: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        here = f"{place}.{check_text(str(name))[:LONGEST]}"
        if not str(name).strip() or len(str(name)) > LONGEST or "." in str(name):
            yield here, f"a name of at most {LONGEST} characters, without dots"
        elif isinstance(inner, Mapping):
            if depth >= DEEPEST:
                yield here, f"nested deeper than {DEEPEST} levels"
            else:
                yield from _faults(inner, here, depth + 1)
        elif inner is not None and (isinstance(inner, bool) or not isinstance(inner, int | float) or not math.isfinite(inner) or abs(inner) > 1e300):
            yield here, "a number, null, or an object of numbers"


def flat(metrics: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float]]:
    """("box.mAP", 0.41) of every number, in the document's order."""
    for name, inner in metrics.items():
        if isinstance(inner, Mapping):
            yield from flat(inner, f"{before}{name}.")
        elif inner is not None:
            yield f"{before}{name}", inner


def first_of(names: list[str]) -> str:
    """The figure that is shown when nobody chose: one of the usual names, else the first."""
    for known in _KNOWN:
        for name in names:
            if name.rpartition(".")[2].lower().startswith(known):
                return name
    return names[0] if names else ""
