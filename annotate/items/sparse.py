"""Queries that few items match: all of these are found first, and sorted, rather than the project walked through in its order.

The database's planner would walk as soon as it expects some hundred more than there are, and it knows little of what stands in JSON;
so what it expects is looked after, and remembered for a while.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import orjson
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet

from annotate.items.models import Item

WANTED = 50  # rows: a page
KEPT, AFRESH = 500, 60.0  # queries that this process remembers, and for how many seconds
_known: dict[tuple[int, str], tuple[float, bool]] = {}


class _Among(Func):
    """`id = ANY(ARRAY(SELECT …))`: the array is made once, before anything is sorted or walked."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def few(project_id: int, q: str, condition: Callable[[], Q]) -> bool:
    """Whether so few items of the project match `q`, which `condition` compiles, that to find them all is less than to walk to a page of them."""
    known = _known.get((project_id, q))
    if known is None or known[0] < time.monotonic():
        if len(_known) >= KEPT:
            _known.clear()
        known = _known[project_id, q] = (time.monotonic() + AFRESH, _look(project_id, condition()))
    return known[1]


def at_once(project_id: int, condition: Q) -> Q:
    """The same condition, so that the items are found before they are sorted."""
    found = Item.objects.filter(condition, project_id=project_id).order_by().values("pk")
    return Q(_Among(F("pk"), ArraySubquery(found)))


def _look(project_id: int, condition: Q) -> bool:
    """A walk meets `WANTED` of m matches among n items after n × WANTED ÷ m of them: finding all is less for m² < n × WANTED."""
    items = Item.objects.filter(project_id=project_id).order_by()
    most = math.isqrt(_expected(items) * WANTED)
    found = items.filter(condition)
    return _expected(found) <= most and len(found.values_list("pk")[: most + 1]) <= most


def _expected(rows: QuerySet[Any]) -> int:
    """How many rows the planner expects."""
    return int(orjson.loads(rows.explain(format="json"))[0]["Plan"]["Plan Rows"])
