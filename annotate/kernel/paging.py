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
from django.db.models import BooleanField, ExpressionWrapper, F, Func, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from annotate.kernel.errors import Invalid

DEFAULT_LIMIT, MAX_LIMIT = 50, 500
WALK = 6000  # rows looked through in their order before the database is left to search
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


class _RowBeyond(Func):
    """`(a, b, c) > (1, 2, 3)`, which an index over a, b, c answers from the place itself."""

    output_field = BooleanField()

    def __init__(self, *parts: Any, operator: str = ">") -> None:
        super().__init__(*parts)
        self.operator = operator

    def as_sql(  # type: ignore[override]  # it has neither function nor template of its own
        self, compiler: Any, connection: Any, **_: Any
    ) -> tuple[str, list[Any]]:
        texts: list[str] = []
        params: list[Any] = []
        for part in self.get_source_expressions():
            text, values = compiler.compile(part)
            texts.append(text)
            params += values
        half = len(texts) // 2
        return f"({', '.join(texts[:half])}) {self.operator} ({', '.join(texts[half:])})", params


def after(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after `values` in the order of `keys` ("-name" descends)."""
    names = [key.removeprefix("-") for key in keys]
    down = {key.startswith("-") for key in keys}
    if len(keys) > 1 and len(down) == 1 and not any("__" in name for name in names):
        return Q(_RowBeyond(*map(F, names), *map(Value, values), operator="<" if down.pop() else ">"))
    condition, equal = Q(), Q()
    for key, name, value in zip(keys, names, values, strict=True):
        condition |= equal & Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return condition


def _until(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows up to `values` in the order of `keys`, all of which ascend or all descend."""
    operator = ">=" if keys[0].startswith("-") else "<="
    return Q(_RowBeyond(*(F(key.removeprefix("-")) for key in keys), *map(Value, values), operator=operator))


def _walked(all_rows: QuerySet[Any], condition: Q, keys: Sequence[str], limit: int, last: Sequence[Any] | None) -> list[Any] | None:
    """The page's rows if they stand among the next `WALK` of `all_rows`, which come after `last`; None when only a search can tell.

    The database takes what is asked of other tables for spread evenly, and sorts or merges all that is met rather than look at
    a few thousand rows in their order. So the condition is hidden from its planner, in a stretch that cannot be long.
    """
    end: Sequence[Any] | None
    if last is not None and [key.removeprefix("-") for key in keys] == ["id"]:  # so many ids on there are no more rows than that
        end = [last[0] + (-WALK if keys[0].startswith("-") else WALK)]
    else:
        end = next(iter(all_rows.order_by(*keys).values_list(*(key.removeprefix("-") for key in keys))[WALK : WALK + 1]), None)
    near = all_rows if end is None else all_rows.filter(_until(keys, end))
    met = Coalesce(ExpressionWrapper(condition, BooleanField()), Value(False), output_field=BooleanField())
    found = list(near.filter(met).order_by(*keys)[: limit + 1])
    return found if end is None or len(found) > limit else None


def _signer(keys: Sequence[str], bind: str) -> signing.Signer:
    return signing.Signer(salt=f"cursor:{bind}:{','.join(keys)}")


def cursor_at(row: Any, *, keys: Sequence[str], bind: str = "") -> str:
    """The cursor of what comes after this row, for who shows less of a `page` than it found."""
    return _signer(keys, bind).sign_object([_pack(_value(row, key.lstrip("-"))) for key in keys])


def page(
    rows: QuerySet[Any],
    *,
    keys: Sequence[str],
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
    bind: str = "",
    walk: tuple[QuerySet[Any], Q] | None = None,
) -> Page[Any]:
    """One page of `rows` ordered by `keys`, whose last is unique and none of which is null.

    `walk` says the same rows as (wider rows, condition): they are looked through in their order first, which is quick where the
    condition is met often. `keys` then ascend all, or descend.
    """
    values: list[Any] | None = None
    if cursor:
        try:
            values = [_unpack(value) for value in _signer(keys, bind).unsign_object(cursor)]
            beyond = after(keys, values)
            rows = rows.filter(beyond)
            walk = (walk[0].filter(beyond), walk[1]) if walk else None
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise Invalid(
                "this cursor does not belong to this list", fields={"cursor": "start again without it"}
            ) from error
    found = _walked(*walk, keys, limit, values) if walk else None
    if found is None:
        found = list(rows.order_by(*keys)[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    return Page(found[:limit], cursor_at(found[limit - 1], keys=keys, bind=bind))
