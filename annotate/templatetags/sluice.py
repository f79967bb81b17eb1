"""Small marks of every page: icons, relative times, states, initials, form fields."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.kernel import words
from annotate.kernel.words import ROLES, STATES, State, reason_words

register = template.Library()
MINUTE, HOUR, DAY = 60, 3600, 86400


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """`{% icon "line" %}`: decoration beside words; an icon on its own needs a name on its button."""
    return format_html('<svg class="i {}" aria-hidden="true"><use href="#i-{}"/></svg>', css, name)


SIGNS = {"→": "to", "←": "fro", "↵": "enter"}


@register.simple_tag
def sign(text: str) -> SafeString:
    """`{% sign "→" %}`: an arrow that is drawn, for not every font has one; told as the character that it is."""
    return format_html('<svg class="i" role="img" aria-label="{}"><use href="#i-{}"/></svg>', text, SIGNS[text])


@register.filter
def reason(given: str) -> str:
    """`{{ review.reason|reason }}`: a reason key in words."""
    return reason_words(given or "")


def _ago_words(seconds: float) -> str:
    if seconds < MINUTE:
        return _("just now")
    if seconds < HOUR:
        n = int(seconds // MINUTE)
        return ngettext("%(n)d min ago", "%(n)d min ago", n) % {"n": n}
    if seconds < DAY:
        n = int(seconds // HOUR)
        return ngettext("%(n)d h ago", "%(n)d h ago", n) % {"n": n}
    n = int(seconds // DAY)
    return ngettext("%(n)d day ago", "%(n)d days ago", n) % {"n": n}


def _until_words(seconds: float) -> str:
    if seconds < HOUR:
        n = max(1, round(seconds / MINUTE))
        return ngettext("in %(n)d min", "in %(n)d min", n) % {"n": n}
    if seconds < DAY:
        n = round(seconds / HOUR)
        return ngettext("in %(n)d h", "in %(n)d h", n) % {"n": n}
    n = round(seconds / DAY)
    return ngettext("in %(n)d day", "in %(n)d days", n) % {"n": n}


@register.simple_tag
def ago(at: dt.datetime | None) -> SafeString | str:
    """A relative time with the exact one on hover; a dash for none."""
    if not at:
        return "—"
    seconds = (timezone.now() - at).total_seconds()
    if seconds > 30 * DAY:
        words = formats.date_format(timezone.localtime(at), "DATE_FORMAT")
    else:
        words = _ago_words(seconds) if seconds >= 0 else _until_words(-seconds)
    exact = f"{timezone.localtime(at, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, words)


@register.simple_tag
def state_badge(noun: str, state: str, flat: bool = False) -> SafeString:
    """A state as an icon, a word and a colour; `flat` in tables."""
    known = STATES.get((noun, state), State("idle", "dot", state))
    css = f"{known.kind} flat" if flat else known.kind
    return format_html('<span class="st {}">{}{}</span>', css, icon(known.icon), known.word)


@register.simple_tag
def initials(person: Any) -> SafeString:
    """A person's round mark: at most two letters of their name."""
    name = str(getattr(person, "name", person) or "?")
    parts = [part for part in name.replace("_", " ").replace("-", " ").replace(".", " ").split() if part] or ["?"]
    digits = "".join(letter for letter in parts[-1] if letter.isdigit())[-1:]
    letters = parts[0][0] + (parts[1][0] if len(parts) > 1 else digits)
    return format_html('<span class="av" aria-hidden="true">{}</span>', letters.upper())


@register.simple_tag
def role(name: str) -> str:
    """A role's word."""
    return str(ROLES.get(name, name))


@register.filter
def number(value: Any) -> str:
    """A whole number with its thousands apart (English and Chinese write them alike); a dash for none."""
    if value is None or value == "":
        return "—"
    return f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def size(value: Any) -> str:
    """Bytes for people: 12 kB, 3.4 MB."""
    amount = float(value or 0)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return ""


@register.filter
def percent(part: Any, whole: Any) -> int:
    """`part` of `whole` in whole percent, 0 when there is no whole."""
    return int(100 * part / whole) if whole else 0


@register.filter
def share(value: Any, unit: str = " %") -> str:
    """`{{ score|share }}`: a share from 0 to 1 in percent, never rounded up; a dash for none."""
    return "—" if value is None or value == "" else words.share(value, unit)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`{{ counts|get:name }}`: what a dictionary holds under a name that is itself a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.inclusion_tag("frame/field.html")
def field(bound: BoundField, css: str = "") -> dict[str, Any]:
    """A form field: label above, control, help, error."""
    kind = bound.widget_type
    many = kind in ("radioselect", "checkboxselectmultiple")
    optional = not bound.field.required and css != "wanted"
    return {"field": bound, "css": css, "tick": kind == "checkbox", "many": many, "optional": optional}


@register.inclusion_tag("frame/summary.html")
def form_summary(form: Any) -> dict[str, Any]:
    """What is wrong with a form, with links to the fields; nothing when nothing is."""
    fields = [form[name] for name in form.errors if name in form.fields]
    return {"form": form, "fields": fields, "many": sum(len(errors) for errors in form.errors.values()) > 1}


@register.simple_tag
def other_language() -> tuple[str, str]:
    """Code and own name of the language to switch to."""
    here = translation.get_language() or "en"
    return ("en", "English") if here.startswith("zh") else ("zh-hans", "简体中文")
