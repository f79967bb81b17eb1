"""How predictions are to be measured: what was asked, checked against the version. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from annotate.kernel.canonical import check_text
from annotate.kernel.errors import Invalid

FORMATS = ("ndjson", "coco")
UNCOVERED = ("skip", "empty")
LEAST = 10  # things below which there is no figure
MOST_FIELDS = 5
_PLAIN = ("batch", "split", "group")


@dataclass(frozen=True)
class Asked:
    """`threshold`: from which score on a prediction counts as said; `confident`: from which on it speaks against a label. `uncovered`: items
    without a line are left out ("skip"), or the model said that they hold nothing ("empty"). `by`: fields whose values are told apart."""

    split: str = ""
    threshold: float = 0.5
    confident: float = 0.8
    uncovered: str = "skip"
    by: tuple[str, ...] = ()

    def settings(self) -> dict[str, Any]:
        return {"split": self.split or None, "threshold": self.threshold, "confident": self.confident, "uncovered": self.uncovered, "by": list(self.by)}


def asked(given: Mapping[str, Any], *, split: str, answers: Collection[str]) -> Asked:
    """Of `threshold`, `confident`, `uncovered` and `by` as they came, in JSON or in the address; `Invalid` names the field. `answers` are the
    attributes of the item."""
    uncovered = given.get("uncovered") or "skip"
    if uncovered not in UNCOVERED:
        raise Invalid("uncovered: skip or empty", fields={"uncovered": f"one of {', '.join(UNCOVERED)}"})
    said = given.get("by") or []
    names = [name.strip() for name in said.split(",")] if isinstance(said, str) else list(said)
    for name in names:
        known = name in _PLAIN or (name.startswith("meta.") and 5 < len(name) <= 205) or (name.removeprefix("item.") in answers and name.startswith("item."))
        if not known:
            raise Invalid(f"by: {check_text(name)[:60]!r} is no field", fields={"by": f"meta.<name>, item.<name>, {', '.join(_PLAIN)}"})
    if len(names) > MOST_FIELDS:
        raise Invalid("by: too many fields", fields={"by": f"at most {MOST_FIELDS} fields"})
    return Asked(split, _share(given, "threshold", 0.5), _share(given, "confident", 0.8), uncovered, tuple(dict.fromkeys(names)))


def _share(given: Mapping[str, Any], name: str, usual: float) -> float:
    value = given.get(name)
    try:
        number = usual if value is None or value == "" else float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= 1:
        raise Invalid(f"{name}: a number from 0 to 1", fields={name: "a number from 0 to 1"})
    return number
