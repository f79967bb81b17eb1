"""Durations of work, for templates: hours of a day, and the time of one item."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def hours(seconds: float) -> str:
    """3900 → 1 h 05 min; under an hour, minutes; a dash for none."""
    minutes = round(float(seconds or 0) / 60)
    if not seconds:
        return "—"
    if minutes < 1:
        return _("< 1 min")
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    return _("%(hours)d h %(minutes)02d min") % {"hours": minutes // 60, "minutes": minutes % 60}


@register.filter
def span(seconds: float | None) -> str:
    """The time of one item: 8.4 s, 75 s, 4 min; a dash for none."""
    if seconds is None:
        return "—"
    if seconds < 10:
        return _("%(n).1f s") % {"n": seconds}
    return _("%(n)d s") % {"n": round(seconds)} if seconds < 120 else hours(seconds)
