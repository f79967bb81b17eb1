"""Words of the values that a parameter may be given to choose from. The methods of confident learning keep the names of their paper."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

OPTIONS: dict[str, Any] = {
    "all": _("all items"),
    "batch": _("the items of a batch"),
    "group": _("the items of a group"),
    "ratio": _("the commonest label"),
    "share": _("an even share"),
    "content": _("their content, byte for byte"),
    "phash": _("what the pictures show"),
    "captured": _("when it was captured"),
    "created": _("when it came in"),
    "fast": _("too fast"),
    "slow": _("too slow"),
    "both": pgettext_lazy("choice", "both"),
    "matches": _("what matches"),
    "differs": _("what does not match"),
}


def option_words(option: str) -> str:
    """The value as people read it; what has no words of its own stays a name."""
    return str(OPTIONS.get(option, option.replace("_", " ")))
