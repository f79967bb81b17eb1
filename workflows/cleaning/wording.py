"""The words of each kind of rule, and a finding's sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from workflows.cleaning.words import objects, pictures, sets, texts
from workflows.cleaning.words.words import Words


@cache
def _all() -> dict[str, Words]:
    return {**pictures.WORDS, **texts.WORDS, **objects.WORDS, **sets.WORDS}


def words_of(kind: str) -> Words:
    """Of a kind that has gone since, its bare name."""
    return _all().get(kind) or Words(title=kind, help="", says="")


def sentence(kind: str, score: float | None, parameters: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    """What a finding says to a person; what it has no value for is left as a dash."""
    values = _Values({**parameters, **detail, "score": score})
    try:
        return str(words_of(kind).says) % values
    except (TypeError, ValueError):
        return str(words_of(kind).title)


class _Values(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "–"
