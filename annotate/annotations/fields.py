"""What queries may ask of an item's current annotation, and of who made one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from annotate.annotations.models import Annotation, CurrentAnnotation, LabelCount
from annotate.labels.schema import KINDS
from annotate.search import columns, documents
from annotate.search.fields import Condition, Field, declare

_KEYS = {"label": ("l",), "kind": ("k",)}


def _objects(conditions: Sequence[Condition], project_id: int) -> Q:
    """One object of the current annotation meets all conditions."""
    placed = []
    for condition in conditions:
        path = _KEYS.get(condition.name) or ("a", ".".join(condition.path))
        placed.append((path, condition.name not in _KEYS, condition))
    shown = CurrentAnnotation.objects.filter(documents.one_object("objects_index", placed), project_id=project_id)
    return columns.there(shown, item="pk")


def _item(condition: Condition, project_id: int) -> Q:
    """An attribute of the whole item; nothing is said of items without an annotation."""
    path = (".".join(condition.path),)
    values = tuple(value for value in condition.values if value is not None)
    shown = CurrentAnnotation.objects.filter(project_id=project_id)
    found: list[Q] = []
    if values:
        asked = documents.named("item_attributes", Condition(condition.operator, values, path=path))
        found.append(columns.there(shown.filter(asked), item="pk"))
    if len(values) < len(condition.values):
        found.append(~columns.there(shown.filter(documents.present("item_attributes", path)), item="pk"))
    return Q(*found, _connector=Q.OR)


def _count(condition: Condition, project_id: int) -> Q:
    counts = LabelCount.objects.filter(project_id=project_id)
    probed = columns.probes(counts)
    if condition.argument == "*":
        total = counts.filter(item=OuterRef("pk")).order_by().values("item").annotate(total=Sum("n")).values("total")
        return columns.counted(Subquery(total), condition)
    named = counts.filter(label=condition.argument)
    if probed:  # by the item, which has one row of the label, not by the number, which many items share
        return columns.counted(Subquery(named.filter(item=OuterRef("pk")).values("n")), condition)
    if not columns.holds(condition, 0):
        return columns.there(named.filter(columns.plain("n", condition)), item="pk")
    return ~columns.there(named.exclude(columns.plain("n", condition)), item="pk")  # no row is a count of 0


def _annotated_by(condition: Condition, project_id: int) -> Q:
    made = Annotation.objects.filter(columns.plain("person__name", condition), item__project_id=project_id).exclude(source__in=("undo", "gold"))
    return columns.there(made, item="pk")


declare(
    Field("label", "name", _("The label of an object."), "label = pedestrian", bind=_objects),
    Field("kind", "choice", _("How an object is drawn."), "kind = polygon", bind=_objects, options=(*KINDS, "relation")),
    Field("attribute.", "any", _("An attribute of an object; in brackets with a label, of the same object."), "(label = car and attribute.occluded = true)", bind=_objects, nullable=True),
    Field("item.", "any", _("An attribute of the whole item, as annotated."), "item.weather = rain", _item, nullable=True),
    Field("count", "whole", _("How many objects of a label there are; * for all."), "count(car) >= 2", _count, argument="label"),
    Field("annotated_by", "name", _("Who has annotated the item."), 'annotated_by = "mei"', _annotated_by),
)
