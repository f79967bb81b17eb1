"""What queries may ask of an item's measured facts: blur < 0.3, characters > 500, language = "de", blur = null where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from annotate.search import columns
from annotate.search.fields import Condition, Field, declare
from workflows.cleaning.models import PictureFacts, TextFacts

_PICTURES = {
    "brightness": ("bright_p99", _("Brightness of the picture's brightest hundredth, 0 black to 1 white.")),
    "blur": ("blur", _("How sharp the picture is, 0 blurred to 1 sharp.")),
    "contrast": ("contrast", _("The picture's spread of grey, 0 to 1.")),
    "information": ("information", _("How much a picture shows: a tenth of its entropy, 0 to 1.")),
}
_TEXTS = {
    "characters": ("characters", "whole", _("Characters of the text.")),
    "words": ("words", "whole", _("Words of the text.")),
    "symbols": ("symbols", "number", _("Share of characters that are symbols, 0 to 1.")),
    "repetition": ("repeated", "number", _("Share of the text that repeats itself, 0 to 1.")),
}


def _asked(column: str, condition: Condition, measured: Callable[[Q], Q]) -> Q:
    """`measured` says which items have facts like that; null is an item of another medium too, or one that is not measured yet."""
    if condition.operator != "in" or None not in condition.values:
        return measured(columns.plain(column, condition, nullable=True))
    known = Q(**{f"{column}__isnull": False})
    nothing = ~measured(known & ~Q(language="") if column == "language" else known)
    others = tuple(value for value in condition.values if value is not None)
    return nothing | measured(columns.plain(column, replace(condition, values=others), nullable=True)) if others else nothing


def _picture(column: str) -> Callable[[Condition, int], Q]:
    def measured(asked: Q) -> Q:
        return columns.there(PictureFacts.objects.filter(asked), blob="blob_id")

    return lambda condition, project_id: _asked(column, condition, measured)


def _text(column: str) -> Callable[[Condition, int], Q]:
    def ask(condition: Condition, project_id: int) -> Q:
        def measured(asked: Q) -> Q:
            rows = TextFacts.objects.filter(asked, organisation__projects=project_id)
            return Q(text__isnull=False) & Q(Exists(rows.filter(sha256=OuterRef("sha256"))))

        return _asked(column, condition, measured)

    return ask


def _declared(name: str, type: str, help: Any, example: str, ask: Callable[[Condition, int], Q]) -> Field:
    return Field(name, type, help, example, ask, nullable=True)


declare(
    *(_declared(name, "number", help, f"{name} < 0.3", _picture(column)) for name, (column, help) in _PICTURES.items()),
    *(_declared(name, type, help, f"{name} > {'20' if type == 'whole' else '0.3'}", _text(column)) for name, (column, type, help) in _TEXTS.items()),
    _declared("language", "name", _("The text's likeliest language, as two letters."), 'language = "en"', _text("language")),
)
