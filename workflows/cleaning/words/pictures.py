"""Words of the rules on pictures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from workflows.cleaning.words.words import Words

WORDS = {
    "dark": Words(
        title=_("Too dark"),
        help=_("Even the brightest parts of the picture are dark."),
        score=_("Brightness of the brightest hundredth, 0 to 1"),
        says=_("brightness %(score).2f, below %(threshold).2f"),
        parameters={"threshold": _("Darker than")},
    ),
}
