"""A vote on one value: of a label, an attribute, an answer about the item. Ties are ruled by name and told. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

Ties = Literal["first", "none"]
_TEXTS, _MARKS = {str, type(None)}, {bool, type(None)}  # values that are told apart as they are
TIED = 1e-9  # weights closer than this, as a share of the highest, are equal


class Vote(NamedTuple):
    """`value` won; None is nothing. `weights` [(value, summed weight)] from the heaviest on; `tied` the values that share
    the first place, if several do, and `rule` what decided between them; `split` whether not all said the same."""

    value: Any
    weights: tuple[tuple[Any, float], ...]
    tied: tuple[Any, ...] = ()
    rule: str = ""
    split: bool = False

    def explain(self) -> dict[str, Any]:
        """As JSON: {value, weights: [[value, weight]], tie: {values, rule} or null}."""
        tie = {"values": list(self.tied), "rule": self.rule} if self.tied else None
        return {"value": self.value, "weights": [list(pair) for pair in self.weights], "tie": tie}


def vote(values: Sequence[Any], weights: Sequence[float], options: Sequence[str], ties: Ties) -> Vote:
    """The value with the greatest summed weight. JSON decides what is the same; lists are sets.

    Equals are sorted as `options` are, then numbers, words, nothing: the rule "first" takes the first of them, "none" leaves
    the vote open with the value None.
    """
    first = values[0]
    for value in values:
        if value != first or type(value) is not type(first):
            break
    else:  # as nearly always
        return Vote(first, ((first, sum(weights)),))
    said: dict[Any, Any] = {}
    sums: dict[Any, float] = {}
    types = set(map(type, values))
    plain = types <= _TEXTS or types <= _MARKS
    for value, weight in zip(values, weights, strict=True):
        key = value if plain else _key(value)
        if key not in said or (not plain and _written(value) < _written(said[key])):
            said[key] = value  # of the same set in several orders always the same one
        sums[key] = sums.get(key, 0.0) + weight
    most, order = max(sums.values()), _by(options)
    shown = sorted(sums, key=lambda key: (-sums[key], order(said[key]), key))
    tied = sorted((key for key in sums if sums[key] >= most - TIED * most), key=lambda key: (order(said[key]), key))
    told = tuple((said[key], sums[key]) for key in shown)
    if len(tied) > 1:
        return Vote(said[tied[0]] if ties == "first" else None, told, tuple(said[key] for key in tied), ties, True)
    return Vote(said[tied[0]], told, split=len(told) > 1)


def ballot(
    sayings: Sequence[Mapping[str, Any]], weights: Sequence[float], attributes: Mapping[str, Mapping[str, Any]], meant: Mapping[str, Any], ties: Ties
) -> dict[str, Vote]:
    """A vote on each attribute that anybody gave. `attributes` are those of the schema by name, `meant` what it means to leave
    one out (`matching.values.unsaid`): a vote for that, or for nothing.

    Of several options that may be chosen together, each wins that has more than half of the weight.
    """
    found = {}
    for name in sorted(set().union(*sayings)):
        given = [said.get(name, meant.get(name)) for said in sayings]
        options = attributes[name].get("options") or () if name in attributes else ()
        if any(isinstance(value, list) for value in given) and not all(value == given[0] for value in given):
            found[name] = _each(given, weights, options)
        else:
            found[name] = vote(given, weights, options, ties)
    return found


def agreed(votes: Mapping[str, Vote], attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The values that won, without those whose condition (`when`) fails now."""
    found = {name: one.value for name, one in votes.items() if one.value is not None}
    while True:
        idle = [name for name in found if not _applies(attributes.get(name, {}).get("when") or {}, found)]
        if not idle:
            return found
        for name in idle:
            del found[name]


def _key(value: Any) -> str:
    if isinstance(value, list):
        value = sorted(value, key=str)
    elif isinstance(value, float) and value.is_integer():
        value = int(value)  # 1.0 is 1, as `matching.values.same` has it
    return _written(value)


def _applies(when: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(values.get(name) in wanted if isinstance(wanted, list) else values.get(name) == wanted for name, wanted in when.items())


def _each(given: Sequence[Any], weights: Sequence[float], options: Sequence[Any]) -> Vote:
    """Options one by one; the weights of the vote are theirs."""
    total = sum(weights)
    sums: dict[str, float] = {}
    for value, weight in zip(given, weights, strict=True):
        for option in value if isinstance(value, list) else [] if value is None else [value]:
            sums[option] = sums.get(option, 0.0) + weight
    ranked = sorted(sums, key=_by(options))
    close = [option for option in ranked if abs(sums[option] - total / 2) <= TIED * total]
    won = [option for option in ranked if sums[option] > total / 2 and option not in close]
    shown = tuple(sorted(((option, sums[option]) for option in ranked), key=lambda pair: -pair[1]))
    return Vote(won or None, shown, tuple(close), "left out" if close else "", len({_key(value) for value in given}) > 1)


def _by(options: Sequence[Any]) -> Callable[[Any], Any]:
    places = {str(option["name"] if isinstance(option, Mapping) else option): place for place, option in enumerate(options)}

    def order(value: Any) -> Any:
        if isinstance(value, str):
            return (0, places[value], "") if value in places else (2, 0, value)
        if isinstance(value, int | float):
            return (1, float(value), "")
        return (4, 0, "") if value is None else (3, 0, _written(value))

    return order


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
