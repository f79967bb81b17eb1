"""Reads a gate's rule: the grammar of the query language, with measures instead of fields, and low(…) and high(…) for the ends of intervals."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from annotate.search.errors import QueryError, nearest
from annotate.search.grammar import parse
from annotate.search.tree import Comparison, Node, Value
from workflows.gating.fields import MEASURES
from workflows.gating.logic import ENDS, OPERATORS, comparisons

LONGEST = 2000
EXAMPLE = "agreement >= 0.8"


def read(source: str, *, labels: Collection[str] | None = None) -> Node:
    """The rule as a tree; `QueryError` names the column and the mend. `labels`: those of the schema, to check names with; None checks none."""
    try:
        return _read(source, labels)
    except QueryError as error:
        error.fields = {"expression": error.detail}
        raise


def _read(source: str, labels: Collection[str] | None) -> Node:
    if len(source) > LONGEST:
        raise QueryError(_("a rule has at most %(most)d characters") % {"most": LONGEST}, LONGEST + 1)
    node = parse(source, around=ENDS)
    if node is None:
        raise QueryError(_("write a rule, like %(example)s") % {"example": EXAMPLE}, 1)
    for one in comparisons(node):
        _check(one, labels)
    return node


def _check(one: Comparison, labels: Collection[str] | None) -> None:
    name, column = one.name.text.lower(), one.name.column
    measure = MEASURES.get(name)
    if measure is None:
        guess = nearest(one.name.text, MEASURES)
        mend = _(": did you mean %(name)s?") % {"name": guess} if guess else _(": there are %(names)s") % {"names": ", ".join(MEASURES)}
        raise QueryError(_("there is no measure “%(name)s”%(mend)s") % {"name": one.name.text, "mend": mend}, column)
    _check_label(one, measure.label, labels)
    if measure.counts and one.name.around:
        raise QueryError(_("%(name)s is counted, so it has no interval") % {"name": name}, column)
    if one.operator == "":
        raise QueryError(_("compare it with a number, like %(name)s >= 0.8") % {"name": name}, column)
    if one.operator not in OPERATORS or (one.operator in ("=", "!=") and not measure.counts):
        raise QueryError(_("compare a share with <, <=, > or >="), one.column)
    _check_bound(one.values[0], measure.counts)


def _check_label(one: Comparison, wants: str, labels: Collection[str] | None) -> None:
    argument, name = one.name.argument, one.name.text.lower()
    if argument is None:
        if wants == "must":
            raise QueryError(_("say of which label, like %(name)s(car)") % {"name": name}, one.name.column)
        return
    if wants == "no":
        raise QueryError(_("%(name)s takes no label") % {"name": name}, argument.column)
    if argument.text in ("*", ""):
        raise QueryError(_("say one label"), argument.column)
    if labels is not None and argument.text not in labels:
        guess = nearest(argument.text, labels)
        mend = _(": did you mean %(name)s?") % {"name": guess} if guess else ""
        raise QueryError(_("the schema has no label “%(name)s”%(mend)s") % {"name": argument.text, "mend": mend}, argument.column)


def _check_bound(value: Value, counts: bool) -> None:
    number = value.value
    if isinstance(number, bool) or not isinstance(number, int | float) or value.quoted:
        raise QueryError(_("compare with a number"), value.column)
    if not counts and not -1 <= number <= 1:
        raise QueryError(_("a share lies between 0 and 1, like 0.95"), value.column)
