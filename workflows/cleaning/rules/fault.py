"""What is wrong with a parameter: plain English that knows its sentence and values, so that pages and the API say it in other languages."""

from __future__ import annotations

from collections.abc import Mapping


class Fault(str):
    """`says` is the sentence (its words to people: `words.faults`), `values` what it is filled with: text, or a fault in its turn."""

    says: str
    values: Mapping[str, str]

    def __new__(cls, says: str, **values: str) -> Fault:
        made = super().__new__(cls, says % values if values else says)
        made.says, made.values = says, values
        return made
