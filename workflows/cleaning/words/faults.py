"""What is wrong with a rule's parameters, to people. What RE2 says of a pattern stands here too, before the place where it goes wrong."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from workflows.cleaning.rules.fault import Fault

SENTENCES = (  # so that the catalogue has them
    _("no such parameter; there are %(names)s"),
    _("no such parameter: this kind has none"),
    _("required"),
    _("true or false"),
    _("a list of at most 200 texts"),
    _("a text of at most 2000 characters"),
    _("one of %(names)s"),
    _("a whole number"),
    _("a number"),
    _("at least %(low)s"),
    _("at most %(high)s"),
    _("at least %(low)s and at most %(high)s"),
    _("a date or time such as 2026-03-31 or 2026-03-31T18:00Z"),
    _("a date here, or in until"),
    _("not before since"),
    _("at least one text"),
    _("not below least"),
    _("holds characters that no text can hold"),
    _("not a pattern: %(why)s"),
    _("not a pattern: %(why)s; RE2 knows neither look-around nor references back"),
    _("invalid escape sequence"),
    _("invalid character class"),
    _("invalid character class range"),
    _("missing ]"),
    _("missing )"),
    _("unexpected )"),
    _("trailing \\"),
    _("no argument for repetition operator"),
    _("invalid repetition size"),
    _("bad repetition operator"),
    _("invalid perl operator"),
    _("invalid named capture group"),
    _("expression nests too deeply"),
)


def fault_words(fault: str | Fault) -> str:
    """In the language of whoever asks; what has no words there stays English."""
    if not isinstance(fault, Fault):
        return fault
    said = gettext(fault.says)
    return said % {name: fault_words(value) for name, value in fault.values.items()} if fault.values else said
