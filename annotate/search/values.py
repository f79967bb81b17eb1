"""Reads the values of a condition by the type of its field, or says what to write instead."""

from __future__ import annotations

import datetime as dt
import re

from django.utils.translation import gettext as _

from annotate.search.errors import QueryError, nearest
from annotate.search.fields import Field, Operand
from annotate.search.tree import Value

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


def read(field: Field, operator: str, source: Value) -> Operand:
    """The value as the field's type; `QueryError` at its column."""
    if source.value is None and not source.quoted:
        if field.nullable and operator in ("=", "!=", "in"):
            return None
        raise _wrong(field, source, _("this cannot be compared with null"))
    if field.type in ("text", "name"):
        return source.text
    if field.type == "choice":
        return _choice(field, source)
    if field.type == "date":
        return _date(field, source)
    if field.type == "flag":
        if not isinstance(source.value, bool):
            raise _wrong(field, source, _("write true or false"))
        return source.value
    if field.type in ("whole", "number"):
        return _number(field, source)
    return _any(field, operator, source)


def _wrong(field: Field, source: Value, mend: str) -> QueryError:
    return QueryError(f"{field.shown}: {mend}", source.column)


def _choice(field: Field, source: Value) -> str:
    if source.text in field.options:
        return source.text
    close = nearest(source.text, field.options)
    known = ", ".join(field.options)
    if close:
        raise _wrong(field, source, _("“%(value)s” is none of %(known)s; did you mean %(close)s?") % {"value": source.text, "known": known, "close": close})
    raise _wrong(field, source, _("“%(value)s” is none of %(known)s") % {"value": source.text, "known": known})


def _number(field: Field, source: Value) -> int | float:
    value = source.value
    if isinstance(value, bool) or not isinstance(value, int | float) or source.quoted:
        raise _wrong(field, source, _("write a number, without quotation marks"))
    if field.type == "whole":
        if value != int(value):
            raise _wrong(field, source, _("write a whole number"))
        value = int(value)
    if abs(value) > field.largest:
        raise _wrong(field, source, _("write a number of at most %(most)d") % {"most": field.largest})
    return value


def _date(field: Field, source: Value) -> dt.date | dt.datetime:
    """A day, or an instant with its offset (UTC without one)."""
    try:
        if _DAY.fullmatch(source.text):
            day = dt.date.fromisoformat(source.text)
            if dt.date.min < day < dt.date.max:
                return day
        elif _INSTANT.fullmatch(source.text):
            instant = dt.datetime.fromisoformat(source.text.upper())
            return (instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise _wrong(field, source, _('write a day or time like "2026-01-31" or "2026-01-31T08:00:00Z"'))


def _any(field: Field, operator: str, source: Value) -> str | int | float | bool:
    value = source.value
    assert value is not None
    if operator in ("contains", "startswith"):
        return source.text
    if isinstance(value, bool) and operator in ("<", "<=", ">", ">="):
        raise _wrong(field, source, _("true and false have no order; write a number or a text"))
    return value
