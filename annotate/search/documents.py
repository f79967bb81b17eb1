"""Conditions on what is kept as JSON: names nested by dots, and lists of objects.

A list of plain values is true of a condition when one of its values is. Types are kept apart: 3 is not "3". Equality
compiles to containment, which has an index; order and words to a JSON path, whose text is made of quoted literals only
and whose values are bound.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, JSONField, Q, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Contains, Exact

from annotate.search.fields import Condition

MOST_SHAPES = 16  # containments tried for one object before a JSON path does it


class _JsonPath(Func):
    """jsonb_path_exists(document, path, variables), false where there is nothing to look at."""

    template = "jsonb_path_exists(%(expressions)s, true)"
    output_field = BooleanField()


class _Cast(Func):
    """A bound value with its type written out."""

    template = "(%(expressions)s)::%(type)s"


class _Below(Func):
    """What stands in a document below the names of a path, or null."""

    template = "(%(expressions)s)"
    arg_joiner = " #> "
    output_field = JSONField()


def _exists(document: Any, path: str, variables: Mapping[str, Any]) -> Q:
    found = _JsonPath(
        document,
        _Cast(Value(path), type="jsonpath", output_field=TextField()),
        _Cast(Value(json.dumps(dict(variables))), type="jsonb", output_field=TextField()),
    )
    return Q(Exact(Coalesce(found, Value(False)), Value(True)))


def _mentions(document: Any, condition: Condition) -> Q:
    """Whether the words stand anywhere in a document's text: cheap, and true wherever `contains` is."""
    if condition.operator != "contains" or condition.negated:
        return Q()
    words = json.dumps(condition.value, ensure_ascii=False)[1:-1]  # escaped as the database writes JSON
    return Q(Contains(_Cast(document, type="text", output_field=TextField()), words))


def _below(column: str, path: Sequence[str]) -> _Below:
    names = Value(list(path), output_field=ArrayField(TextField()))
    return _Below(F(column), _Cast(names, type="text[]", output_field=TextField()))


def _test(condition: Condition, variables: dict[str, Any]) -> str:
    """The condition on `@` as JSON path text; its values go into `variables`."""

    def bound(value: Any) -> str:
        name = f"v{len(variables)}"
        variables[name] = value
        return f"${name}"

    if condition.operator == "in":
        return " || ".join(f"@ == {bound(value)}" for value in condition.values)
    if condition.operator == "contains":
        return f'@ like_regex {json.dumps(condition.value)} flag "q"'
    if condition.operator == "startswith":
        return f"@ starts with {bound(condition.value)}"
    return f"@ {condition.operator} {bound(condition.value)}"


def named(column: str, condition: Condition) -> Q:
    """A condition on the value below `condition.path` in a JSON column that is never null."""
    values = [value for value in condition.values if value is not None]
    found: list[Q] = []
    if condition.operator == "in":
        found = [Q(**{f"{column}__contains": _nest(condition.path, shape)}) for value in values for shape in (value, [value])]
        if len(values) < len(condition.values):
            found.append(~present(column, condition.path))
        return Q(*found, _connector=Q.OR)
    variables: dict[str, Any] = {}
    test = _test(condition, variables)
    below = _below(column, condition.path)
    # Where nothing stands below the path the first is unknown and the second false: together they are false.
    return _mentions(below, condition) & _exists(below, f"lax $[*] ? ({test})", variables)


def present(column: str, path: Sequence[str]) -> Q:
    """Whether there is a value other than null below the path."""
    kind = Func(_below(column, path), function="jsonb_typeof", output_field=TextField())
    return ~Q(Exact(Coalesce(kind, Value("null"), output_field=TextField()), Value("null", output_field=TextField())))


def _nest(path: Sequence[str], value: Any) -> Any:
    for name in reversed(path):
        value = {name: value}
    return value


def one_object(column: str, conditions: Sequence[tuple[tuple[str, ...], bool, Condition]]) -> Q:
    """Whether one object of a list in a JSON column meets all conditions; each with the path of its value in the object,
    and whether that value may be a list."""
    alternatives = [
        [(path, shape) for value in condition.values for shape in ((value, [value]) if listed else (value,))]
        for path, listed, condition in conditions
        if condition.operator == "in" and not condition.negated and None not in condition.values
    ]
    shapes = 1
    for each in alternatives:
        shapes *= len(each)
    if len(alternatives) == len(conditions) and shapes <= MOST_SHAPES and _apart(conditions):
        found = [Q(**{f"{column}__contains": [_merge(chosen)]}) for chosen in product(*alternatives)]
        return Q(*found, _connector=Q.OR)
    variables: dict[str, Any] = {}
    tests = []
    narrow = Q()
    for path, listed, condition in conditions:
        tests.append(_object_test(path, condition, variables))
        narrow &= _mentions(F(column), condition)
        sure = condition.operator == "in" and len(condition.values) == 1 and not condition.negated and not listed
        if sure and condition.value is not None:
            narrow &= Q(**{f"{column}__contains": [_nest(path, condition.value)]})  # the index finds candidates by it
    return narrow & _exists(F(column), f"lax $[*] ? ({' && '.join(tests)})", variables)


def _apart(conditions: Sequence[tuple[tuple[str, ...], bool, Condition]]) -> bool:
    """No two conditions are on the same value: their shapes can be merged into one."""
    paths = [path for path, _listed, _condition in conditions]
    return len(set(paths)) == len(paths)


def _merge(chosen: Sequence[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, value in chosen:
        here = made
        for name in path[:-1]:
            here = here.setdefault(name, {})
        here[path[-1]] = value
    return made


def _object_test(path: Sequence[str], condition: Condition, variables: dict[str, Any]) -> str:
    place = "@" + "".join(f".{json.dumps(name)}" for name in path)
    parts = []
    values = tuple(value for value in condition.values if value is not None)
    if values:
        kept = Condition(condition.operator, values)
        parts.append(f"exists({place} ? ({_test(kept, variables)}))")
    if len(values) < len(condition.values):
        parts.append(f"!exists({place} ? (@ != null))")
    test = " || ".join(parts)
    return f"!({test})" if condition.negated else f"({test})"
