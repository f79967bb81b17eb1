"""Conditions on plain columns, for rooms that declare fields. Each is true or false of a row, also where the column is null."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)

from annotate.search.fields import Condition

_LOOKUPS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "contains": "contains", "startswith": "startswith"}
_EXPRESSIONS = {"<": LessThan, "<=": LessThanOrEqual, ">": GreaterThan, ">=": GreaterThanOrEqual}


def plain(path: str, condition: Condition, *, nullable: bool = False) -> Q:
    """A text or number column of the row itself."""
    if condition.operator != "in":
        found = Q(**{f"{path}__{_LOOKUPS[condition.operator]}": condition.value})
        return Q(**{f"{path}__isnull": False}) & found if nullable else found
    values = [value for value in condition.values if value is not None]
    found = Q(**{f"{path}__isnull": False}) & Q(**{f"{path}__in": values}) if nullable else Q(**{f"{path}__in": values})
    if len(values) == len(condition.values):
        return found
    return found | Q(**{f"{path}__isnull": True}) if values else Q(**{f"{path}__isnull": True})


def moment(path: str, condition: Condition, *, nullable: bool = False) -> Q:
    """A column of instants. A day stands for the whole day in UTC: `> day` is after its end, `= day` within it."""
    if condition.operator == "in":
        found = [_same(path, value) for value in condition.values]
        return Q(*found, _connector=Q.OR)
    start, end = _bounds(condition.value)
    operator = condition.operator
    if isinstance(condition.value, dt.datetime):
        found_one = Q(**{f"{path}__{_LOOKUPS[operator]}": start})
    elif operator in (">", "<="):
        found_one = Q(**{f"{path}__{'gte' if operator == '>' else 'lt'}": end})
    else:
        found_one = Q(**{f"{path}__{_LOOKUPS[operator]}": start})
    return Q(**{f"{path}__isnull": False}) & found_one if nullable else found_one


def _bounds(value: dt.date | dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    if isinstance(value, dt.datetime):
        return value, value
    start = dt.datetime.combine(value, dt.time(), dt.UTC)
    return start, start + dt.timedelta(days=1)


def _same(path: str, value: Any) -> Q:
    if value is None:
        return Q(**{f"{path}__isnull": True})
    start, end = _bounds(value)
    found = Q(**{path: start}) if start == end else Q(**{f"{path}__gte": start, f"{path}__lt": end})
    return Q(**{f"{path}__isnull": False}) & found


_probing: ContextVar[list[str] | None] = ContextVar("probing", default=None)


@contextmanager
def probing() -> Iterator[list[str]]:
    """Conditions made inside look one row after another up by an index, never whole tables at once: for a few thousand rows.
    Gives the tables that they ask; none when all is said of the row itself."""
    asked: list[str] = []
    token = _probing.set(asked)
    try:
        yield asked
    finally:
        _probing.reset(token)


def probes(rows: QuerySet[Any]) -> bool:
    """Whether a condition on these rows is to be made for `probing`; notes their table."""
    asked = _probing.get()
    if asked is not None:
        asked.append(rows.model._meta.db_table)
    return asked is not None


def there(rows: QuerySet[Any], **link: str) -> Q:
    """Whether there is such a row; `link` names its columns and the item's they equal: `there(rows, item="pk")`."""
    if probes(rows):  # what is not an equation is neither hashed nor joined
        bounds = {f"{name}__{bound}": OuterRef(column) for name, column in link.items() for bound in ("gte", "lte")}
        return Q(Exists(rows.filter(**bounds)))
    return Q(Exists(rows.filter(**{name: OuterRef(column) for name, column in link.items()})))


def flag(condition: Condition, found: Q) -> Q:
    """`found` as a field that is true or false."""
    return found if condition.value else ~found


def counted(number: Any, condition: Condition) -> Q:
    """A condition on a number that a subquery works out; nothing counts as 0."""
    amount = Coalesce(number, Value(0), output_field=IntegerField())
    if condition.operator == "in":
        if len(condition.values) == 1:
            return Q(Exact(amount, condition.value))
        return Q(In(amount, list(condition.values)))
    return Q(_EXPRESSIONS[condition.operator](amount, condition.value))


def holds(condition: Condition, number: int) -> bool:
    """Whether the condition is true of the number."""
    if condition.operator == "in":
        return number in condition.values
    return {
        "<": number < condition.value,
        "<=": number <= condition.value,
        ">": number > condition.value,
        ">=": number >= condition.value,
    }[condition.operator]
