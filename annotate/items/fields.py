"""What queries may ask of an item itself, its batch and its bytes."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotate.items.models import Batch
from annotate.items.related import rows
from annotate.items.stages import STAGE_OF
from annotate.items.states import ITEM
from annotate.search import columns, documents
from annotate.search.fields import Condition, Field, declare


def _batch(condition: Condition, project_id: int) -> Q:
    named = Batch.objects.filter(columns.plain("name", condition), project_id=project_id)
    return Q(batch__in=named.values("pk"))


def _stage(condition: Condition, project_id: int) -> Q:
    return Q(state__in=[state for state, stage in STAGE_OF.items() if stage in condition.values])


def _size(condition: Condition, project_id: int) -> Q:
    values = Condition(condition.operator, tuple(value for value in condition.values if value is not None))
    found = columns.there(rows("Blob").filter(columns.plain("size", values)), pk="blob_id") if values.values else Q(pk__isnull=True)
    return found | Q(blob__isnull=True) if None in condition.values else found


def _type(condition: Condition, project_id: int) -> Q:
    found = columns.there(rows("Blob").filter(columns.plain("type", condition)), pk="blob_id")
    plain_text = _matches("text/plain", condition)
    return found | Q(blob__isnull=True, text__isnull=False) if plain_text else found


def _matches(text: str, condition: Condition) -> bool:
    if condition.operator == "in":
        return text in condition.values
    return condition.value in text if condition.operator == "contains" else text.startswith(condition.value)


declare(
    Field("key", "text", _("The item's key."), 'key startswith "2026/march/"', lambda c, p: columns.plain("key", c)),
    Field("batch", "name", _("The name of the item's batch."), 'batch = "march-02"', _batch),
    Field("group", "text", _("What keeps items together, such as a scene; empty without."), 'group = "scene-7"', lambda c, p: columns.plain("group", c)),
    Field("state", "choice", _("Where the item's work stands."), "state = approved", lambda c, p: columns.plain("state", c), options=tuple(ITEM.states)),
    Field("stage", "choice", _("What the item waits for next."), "stage = review", _stage, options=tuple(dict.fromkeys(STAGE_OF.values()))),
    Field("created", "date", _("When the item was added, UTC."), 'created >= "2026-01-31"', lambda c, p: columns.moment("created_at", c)),
    Field("captured", "date", _("When the item was captured, UTC."), 'captured < "2026-01-31T08:00:00Z"', lambda c, p: columns.moment("captured_at", c, nullable=True), nullable=True),
    Field("width", "whole", _("Width of the upright picture, pixels."), "width >= 1920", lambda c, p: columns.plain("width", c, nullable=True), nullable=True),
    Field("height", "whole", _("Height of the upright picture, pixels."), "height < 480", lambda c, p: columns.plain("height", c, nullable=True), nullable=True),
    Field("bytes", "whole", _("Size of the file, bytes."), "bytes > 5000000", _size, nullable=True, largest=2**63 - 1),
    Field("type", "name", _("Media type of the file; text/plain for texts."), 'type = "image/png"', _type),
    Field("meta.", "any", _("A value that came with the item; deeper names after dots."), "meta.weather = rain", lambda c, p: documents.named("meta", c), nullable=True),
)
