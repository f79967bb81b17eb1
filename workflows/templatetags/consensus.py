"""Votes for templates: what somebody said, how much it weighs, whose outline it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _

register = template.Library()
STYLES = 4


@register.filter
def said(value: Any) -> str:
    """A value as words: yes and no, options side by side, a dash for nothing."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)


@register.filter
def figure(value: Any) -> str:
    """2.0 → 2, 0.8333 → 0.83; a dash for none."""
    return "—" if value is None else f"{float(value):.2f}".rstrip("0").rstrip(".")


@register.filter
def of(values: Mapping[str, Any], key: str) -> Any:
    return values.get(key)


@register.filter
def side_style(place: int) -> int:
    """The outline style of the n-th person, from 1."""
    return (place - 1) % STYLES + 1
