"""What a model says of an item's attributes: for each a probability of every option, with its prediction. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema

FIELD = "prediction.probabilities"
SLACK = 1e-3  # what a sum may be off 1: models print few digits
MOST_OPTIONS = 1000

Probabilities = dict[str, dict[str, float]]


def _refuse(name: str, why: str) -> Invalid:
    return Invalid(f"{FIELD}{name}: {why}", code="bad_field")


def read(value: Any) -> Probabilities:
    """`{attribute: {option: p, …}, …}` as it came, checked as far as no schema is needed; `Invalid` names what is wrong."""
    if not isinstance(value, dict):
        raise _refuse("", "must map attributes of the item to the probabilities of their options")
    for attribute, chances in value.items():
        place = f".{attribute[:60]}"
        if not isinstance(chances, dict) or not 0 < len(chances) <= MOST_OPTIONS:
            raise _refuse(place, f"must map 1 to {MOST_OPTIONS} options to their probabilities")
        for option, chance in chances.items():
            if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 <= chance <= 1:
                raise _refuse(f"{place}.{option[:60]}", "must be a number from 0 to 1")
        total = math.fsum(chances.values())
        if abs(total - 1) > SLACK:
            raise _refuse(place, f"the probabilities sum to {total:g}, not to 1")
    return value


def check(found: Mapping[str, Mapping[str, float]], schema: Schema) -> None:
    """`Invalid` where they speak of an attribute that is no choice of one, or of an option that it does not have."""
    for name, chances in found.items():
        place = f".{name[:60]}"
        attribute = schema.item.get(name)
        if attribute is None:
            known = [one.name for one in schema.item.values() if one.type == "choice" and not one.multiple]
            raise _refuse(place, f"the schema has no such attribute of the item; there are {', '.join(known[:20]) or 'none'}")
        if attribute.type != "choice" or attribute.multiple:
            raise _refuse(place, "the attribute is not a choice of one option")
        unknown = next((option for option in chances if option not in attribute.options), None)
        if unknown is not None:
            raise _refuse(f"{place}.{unknown[:60]}", f"is no option of it; there are {', '.join(attribute.options[:20])}")
