"""How a consensus is made: the schema's orders and meanings, the quorum, whose vote weighs what. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workflows.quality.consensus.votes import Ties
from workflows.quality.matching import values
from workflows.quality.matching.match import THRESHOLD

Named = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Rules:
    """See `merge.consensus`. ValueError for a quorum below 1, a threshold outside 0 … 1, another rule for ties, or a weight that
    is not above 0."""

    schema: Mapping[str, Any] | None = None
    quorum: int | None = None
    weights: Mapping[Any, float] = field(default_factory=dict)
    threshold: float = THRESHOLD
    ties: Ties = "first"

    def __post_init__(self) -> None:
        if self.quorum is not None and self.quorum < 1:
            raise ValueError(f"quorum must be 1 or more, not {self.quorum}")
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold must be above 0 and at most 1, not {self.threshold}")
        if self.ties not in ("first", "none"):
            raise ValueError(f"ties must be 'first' or 'none', not {self.ties!r}")
        for person, weight in self.weights.items():
            if not 0 < weight < math.inf:
                raise ValueError(f"the weight of {person!r} must be above 0, not {weight}; leave people out whose answers shall not count")

    def needed(self, people: int) -> int:
        """How many of `people` must see an object."""
        return math.ceil(people / 2) if self.quorum is None else self.quorum

    def weight(self, person: Any) -> float:
        return float(self.weights.get(person, 1.0))

    @cached_property
    def attributes(self) -> Mapping[str, Named]:
        """Attributes by name for each label."""
        return {label["name"]: _named(label.get("attributes")) for label in (self.schema or {}).get("labels") or ()}

    @cached_property
    def meant(self) -> Mapping[str, Mapping[str, Any]]:
        """For each label what it means to leave out an attribute."""
        return values.by_label(self.schema)

    @cached_property
    def asked(self) -> Named:
        """Attributes of items by name."""
        return _named((self.schema or {}).get("item"))

    @cached_property
    def unsaid(self) -> Mapping[str, Any]:
        """What it means to leave out an answer about the item."""
        return values.unsaid((self.schema or {}).get("item"))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """In the order of the schema."""
        return tuple(self.attributes)


def _named(attributes: Any) -> Named:
    return {attribute["name"]: attribute for attribute in attributes or ()}
