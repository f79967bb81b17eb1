"""From a query's text to the condition the database answers. Every part of it is true or false of an item, never unknown."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _

from annotate.search.errors import QueryError, nearest
from annotate.search.fields import Bind, Condition, Field, declared, find
from annotate.search.grammar import parse
from annotate.search.tree import And, Comparison, Name, Node, Not, Or
from annotate.search.values import read


def compile_query(text: str, project_id: int) -> Q:
    """The condition of a query over items of one project; an empty query is true of every item.

    The caller says which items are looked at: `Item.objects.filter(compile_query(q, project.pk), project=project)`.
    `QueryError` names the column of what is wrong, with what to write instead.
    """
    tree = parse(text)
    return Q() if tree is None else _compiled(tree, project_id)


def _compiled(node: Node, project_id: int) -> Q:
    if isinstance(node, Comparison):
        field, condition = _checked(node)
        return _alone(field, condition, project_id)
    if isinstance(node, Not):
        return ~_compiled(node.inner, project_id)
    if isinstance(node, Or):
        found = [_compiled(part, project_id) for part in node.parts]
        return Q(*found, _connector=Q.OR)
    return _all(node, project_id)


def _all(node: And, project_id: int) -> Q:
    """Conditions on objects that stand directly in one pair of brackets bind one object.

    A `not` before such a condition binds too, when there is one without: (label = car and not attribute.occluded = true)
    is about a car. Where all are negated nothing is bound: (not label = car and not label = bus) means neither is there.
    """
    if not node.grouped:
        return Q(*(_compiled(part, project_id) for part in node.parts))
    plain: dict[Bind, list[Condition]] = {}
    turned: dict[Bind, list[Condition]] = {}
    found: list[Q] = []
    for part in node.parts:
        inner = part.inner if isinstance(part, Not) else part
        field, condition = _checked(inner) if isinstance(inner, Comparison) else (None, None)
        if field is None or condition is None or field.bind is None:
            found.append(_compiled(part, project_id))
        else:
            (plain if inner is part else turned).setdefault(field.bind, []).append(condition)
    for bind, conditions in plain.items():
        found.append(bind([*conditions, *map(_turned, turned.pop(bind, ()))], project_id))
    for bind, conditions in turned.items():
        found += (~bind([condition], project_id) for condition in conditions)
    return Q(*found)


def _turned(condition: Condition) -> Condition:
    return replace(condition, negated=not condition.negated)


def _alone(field: Field, condition: Condition, project_id: int) -> Q:
    if field.bind is not None:
        return field.bind([condition], project_id)
    assert field.compile is not None
    found = field.compile(condition, project_id)
    return ~found if condition.negated else found


def _checked(node: Comparison) -> tuple[Field, Condition]:
    """The declared field of a comparison and its values, read by the field's type."""
    field, path = _field(node.name)
    operator = node.operator
    if not operator:
        if field.type != "flag":
            raise QueryError(
                _("%(field)s needs a comparison, like %(example)s") % {"field": field.shown, "example": field.example},
                node.name.column,
            )
        return field, Condition("in", (True,), field.name, path, _argument(node.name))
    if operator not in field.operators:
        raise QueryError(
            _("%(field)s takes %(known)s, not “%(operator)s”")
            % {"field": field.shown, "known": " ".join(field.operators), "operator": operator},
            node.column,
        )
    values = tuple(read(field, operator, value) for value in node.values)
    negated = operator == "!="
    return field, Condition("in" if operator in ("=", "!=") else operator, values, field.name, path, _argument(node.name), negated)


def _argument(name: Name) -> str:
    return name.argument.text if name.argument is not None else ""


def _field(name: Name) -> tuple[Field, tuple[str, ...]]:
    found = find(name.parts)
    if found is None:
        raise _unknown(name)
    field, path = found
    if field.argument and (name.argument is None or not name.argument.text):
        raise QueryError(
            _("%(field)s needs its brackets, like %(example)s") % {"field": field.name, "example": field.example}, name.column
        )
    if name.argument is not None and not field.argument:
        raise QueryError(
            _("%(field)s takes no brackets; write %(example)s") % {"field": field.shown, "example": field.example},
            name.argument.column,
        )
    return field, path


def _unknown(name: Name) -> QueryError:
    known = {field.name.rstrip("."): field for field in declared()}
    head = name.parts[0].lower()
    if head in known:
        field = known[head]
        return QueryError(
            _("“%(name)s” is written %(field)s, like %(example)s")
            % {"name": name.text, "field": field.shown, "example": field.example},
            name.column,
        )
    close = nearest(name.text, known) or nearest(name.parts[0], known)
    if close:
        return QueryError(
            _("there is no field “%(name)s”; did you mean %(close)s?") % {"name": name.text, "close": known[close].shown},
            name.column,
        )
    return QueryError(
        _("there is no field “%(name)s”; there are %(known)s")
        % {"name": name.text, "known": ", ".join(field.shown for field in declared())},
        name.column,
    )
