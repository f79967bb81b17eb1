"""Keyset paging with signed cursors: a page costs the same at row 10 and at row 10 million.

A cursor holds the sort values of the last row, signed and bound to what was asked (path, query, person), so that it cannot
be edited or used elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Q, QuerySet

from annotate.kernel.errors import Invalid

DEFAULT_LIMIT, MAX_LIMIT = 50, 500
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    rows: list[T]
    next: str | None


def limit_of(text: str | None, default: int = DEFAULT_LIMIT) -> int:
    """A page size from a query parameter: 1 to 500, else `Invalid`."""
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_LIMIT):
        raise Invalid("limit must be a whole number from 1 to 500", fields={"limit": "1 to 500"})
    return int(text)


def an_id(text: str, name: str) -> int:
    """An id from a query parameter, or `Invalid`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid(f"{name} must be an id", fields={name: "not an id"})
    return int(text)


def _pack(value: Any) -> Any:
    return ["t", value.isoformat()] if isinstance(value, dt.datetime) else value


def _unpack(value: Any) -> Any:
    return dt.datetime.fromisoformat(value[1]) if isinstance(value, list) else value


def _value(row: Any, key: str) -> Any:
    return row[key] if isinstance(row, dict) else getattr(row, key)


def _after(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after `values` in the order of `keys` ("-name" descends)."""
    condition, equal = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        name, compare = (key[1:], "lt") if key.startswith("-") else (key, "gt")
        condition |= equal & Q(**{f"{name}__{compare}": value})
        equal &= Q(**{name: value})
    return condition


def page(
    rows: QuerySet[Any], *, keys: Sequence[str], cursor: str | None = None, limit: int = DEFAULT_LIMIT, bind: str = ""
) -> Page[Any]:
    """One page of `rows` ordered by `keys`, whose last is unique and none of which is null."""
    signer = signing.Signer(salt=f"cursor:{bind}:{','.join(keys)}")
    if cursor:
        try:
            values = [_unpack(value) for value in signer.unsign_object(cursor)]
            rows = rows.filter(_after(keys, values))
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise Invalid(
                "this cursor does not belong to this list", fields={"cursor": "start again without it"}
            ) from error
    found = list(rows.order_by(*keys)[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    last = found[limit - 1]
    return Page(found[:limit], signer.sign_object([_pack(_value(last, key.lstrip("-"))) for key in keys]))
