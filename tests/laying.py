"""The small world, made once by the services and then laid down again as rows: most tests begin with it.

The rows that the making adds are kept as SQL with gaps for ids and times. A world that is laid down has fresh ids of the tables'
own sequences and the present time, as if it had been made just now; `tests/test_laying.py` compares the two.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from tests.world import World, found

Id = tuple[str, int]  # (table, id when it was made)


@dataclass(frozen=True)
class Laying:
    """`parts` is SQL with gaps: an `Id`, or a time. `counts` are (table, its sequence, the ids made from it, rising)."""

    parts: tuple[str | Id | datetime, ...]
    counts: tuple[tuple[str, str, tuple[int, ...]], ...]
    things: bytes
    made_at: datetime

    def lay(self) -> World:
        ids, later = self._fresh_ids(), timezone.now() - self.made_at
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            cursor.execute("".join(_fill(part, ids, later) for part in self.parts))
        world, things = pickle.loads(self.things)  # of our own making
        for thing in things:
            for name, value in _gaps(thing):
                setattr(thing, name, value + later if isinstance(value, datetime) else ids[value])
        return world

    def _fresh_ids(self) -> dict[Id, int]:
        wanted = ", ".join(
            f"ARRAY(SELECT nextval('{name}') FROM generate_series(1, {len(ids)}))" for _table, name, ids in self.counts
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {wanted}")
            fresh = cursor.fetchone()
        return {
            (table, old): new
            for (table, _name, ids), news in zip(self.counts, fresh, strict=True)
            for old, new in zip(ids, news, strict=True)
        }


def take(make: Any) -> Laying:
    """What `make()` adds to the database, which is as it was before afterwards."""
    with transaction.atomic():
        before, made_at = _rows(), timezone.now()
        world = make()
        after = _rows()
        transaction.set_rollback(True)
    changed = [model.__name__ for model in before if not set(before[model]) <= set(after[model])]
    assert not changed, f"making a world changes rows that were there: {changed}"
    added = {model: rows for model in after if (rows := [row for row in after[model] if row not in set(before[model])])}
    things = list(_reachable(world))
    return Laying(
        tuple(part for model, rows in added.items() for part in _insert(model, rows)),
        tuple(_count(model, rows) for model, rows in added.items()),
        pickle.dumps((world, things)),
        made_at,
    )


def _rows() -> dict[type[models.Model], list[tuple[str | None, ...]]]:
    """Every table's rows as text, in the order of their ids."""
    out = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            columns = ", ".join(f'"{field.column}"::text' for field in _fields(model))
            order = ", ".join(
                f'"{model._meta.db_table}"."{field.column}"' for field in model._meta.pk_fields
            )  # the column, not its text
            cursor.execute(f'SELECT {columns} FROM "{model._meta.db_table}" ORDER BY {order}')
            out[model] = cursor.fetchall()
    return out


def _fields(model: type[models.Model]) -> list[Any]:
    """Without those that the database fills by itself: the time and the transaction of an act."""
    return [
        field
        for field in model._meta.local_concrete_fields
        if not field.has_db_default() or not isinstance(field.db_default, models.Func)
    ]


def _insert(model: type[models.Model], rows: list[tuple[str | None, ...]]) -> Iterator[str | Id | datetime]:
    fields = _fields(model)
    yield f'INSERT INTO "{model._meta.db_table}" ({", ".join(field.column for field in fields)}) VALUES '
    for at, row in enumerate(rows):
        known = dict(zip((field.attname for field in fields), row, strict=True))
        yield ", (" if at else "("
        for place, (field, text) in enumerate(zip(fields, row, strict=True)):
            yield ", " if place else ""
            table = _names(model, field, known)
            if text is None:
                yield "NULL"
            elif table:
                yield (table, int(text))
            elif isinstance(field, models.DateTimeField):
                yield datetime.fromisoformat(text)
            else:
                yield "'" + text.replace("'", "''") + "'"
        yield ")"
    yield ";\n"


def _names(model: type[models.Model], field: Any, row: dict[str, Any]) -> str:
    """The table whose rows the column's numbers are the ids of; "" for what is no id."""
    if field.primary_key:
        return str(model._meta.db_table)
    if field.is_relation:
        return str(field.related_model._meta.db_table)
    if model._meta.db_table == "annotate_activity":  # names rows without a foreign key
        noun = (
            row["noun"]
            if field.attname == "noun_id"
            else field.attname.removesuffix("_id")
            if field.attname.endswith("_id")
            else ""
        )
        noun = "" if field.attname == "request_id" else noun
        return str(apps.get_model("annotate", noun)._meta.db_table) if noun else ""
    return ""


def _count(model: type[models.Model], rows: list[tuple[str | None, ...]]) -> tuple[str, str, tuple[int, ...]]:
    at = [field.primary_key for field in _fields(model)].index(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [model._meta.db_table, model._meta.pk.column])
        [name] = cursor.fetchone()
    return model._meta.db_table, name, tuple(int(row[at] or 0) for row in rows)


def _fill(part: str | Id | datetime, ids: dict[Id, int], later: timedelta) -> str:
    if isinstance(part, str):
        return part
    return f"'{(part + later).isoformat()}'" if isinstance(part, datetime) else str(ids[part])


def _reachable(world: World) -> Iterator[models.Model]:
    """The rows' objects that the world holds, and those they hold."""
    waiting, seen = [value for value in vars(world).values() if isinstance(value, models.Model)], set()
    while waiting:
        thing = waiting.pop()
        if id(thing) not in seen:
            seen.add(id(thing))
            waiting += thing._state.fields_cache.values()
            yield thing


def _gaps(thing: models.Model) -> Iterator[tuple[str, Any]]:
    """(attribute, `Id` or time) of what is another in each world."""
    for field in thing._meta.concrete_fields:
        value = thing.__dict__.get(field.attname)
        table = _names(type(thing), field, thing.__dict__)
        if value is not None and (table or isinstance(value, datetime)):
            yield field.attname, (table, value) if table else value


_laying: Laying | None = None


def make_world() -> World:
    """As `found` makes it, with all that follows from it in the database; once in a process by the services."""
    global _laying
    if _laying is None:
        _laying = take(found)
    return _laying.lay()
