"""Writes queries: a text as the language quotes it, and a query made narrower without changing what it means."""

from __future__ import annotations

from annotate.search.grammar import parse
from annotate.search.tree import Or


def quoted(text: str) -> str:
    """The text as a query writes it.

    >>> quoted('say "hi"')
    '"say \\\\"hi\\\\""'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def narrowed(q: str, condition: str) -> str:
    """The query that also asks for `condition`, which is one condition. Brackets are added only around an `or`, since inside
    brackets conditions on objects go together. `QueryError` when `q` cannot be read."""
    if not q.strip():
        return condition
    tree = parse(q)
    return f"({q.strip()}) and {condition}" if isinstance(tree, Or) else f"{q.strip()} and {condition}"
