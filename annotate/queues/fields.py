"""What queries may ask of an item's answers, and of what holds it back."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from annotate.kernel.registry import Registry
from annotate.queues.models import Agreement, Hold, Task
from annotate.search import columns
from annotate.search.fields import Condition, Field, declare

# What else can flag an item by a rule's name: each gives the condition of items so flagged (rule, project id).
flags: Registry[Callable[[str, int], Q]] = Registry("flags")


def _answers(condition: Condition, project_id: int) -> Q:
    answered = Task.objects.filter(item=OuterRef("pk"), state="answered", queue__stage="annotate", gold=False)
    number = answered.order_by().values("item").annotate(number=Count("pk")).values("number")
    return columns.counted(Subquery(number), condition)


def _agreement(condition: Condition, project_id: int) -> Q:
    """Of the least measure of the item; what is not measured is neither below nor above anything. Each is asked of the index."""

    def some(**values: float) -> Q:
        return columns.there(Agreement.objects.filter(**values), item="pk")

    if condition.operator == "in":
        return Q(*(some(value=value) & ~some(value__lt=value) for value in condition.values), _connector=Q.OR)
    if condition.operator in ("<", "<="):
        return some(**{f"value__{'lt' if condition.operator == '<' else 'lte'}": condition.value})
    below = {"value__lte" if condition.operator == ">" else "value__lt": condition.value}
    return some() & ~some(**below)


def _quarantined(condition: Condition, project_id: int) -> Q:
    return columns.flag(condition, columns.there(Hold.objects.filter(ended_at__isnull=True), item="pk"))


def _flagged(condition: Condition, project_id: int) -> Q:
    rule = condition.argument
    held = Hold.objects.filter(ended_at__isnull=True, cause__in=(rule, f"rule:{rule}"))
    found = columns.there(held, item="pk")
    for _name, source in flags:
        found |= source(rule, project_id)
    return columns.flag(condition, found)


declare(
    Field("answers", "whole", _("How many people's answers the item has."), "answers < 2", _answers),
    Field("agreement", "number", _("How much its answers agree, 0 to 1, where it has two or more."), "agreement < 0.7", _agreement),
    Field("quarantined", "flag", _("Whether something holds the item back."), "not quarantined", _quarantined),
    Field("flagged", "flag", _("Whether a rule has flagged the item."), 'flagged("near_duplicate")', _flagged, argument="rule"),
)
