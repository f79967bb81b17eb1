"""Words of the packs of rules that come ready."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from workflows.cleaning.words.words import Words

WORDS = {
    "pictures": Words(
        title=_("Pictures"),
        help=_("What is wrong with most collections of pictures: broken files, bad light, blur, duplicates, and objects that cannot be right."),
        says="",
    ),
    "text": Words(
        title=_("Text"),
        help=_("Texts that are empty, odd, repeated, in a broken encoding or personal, duplicates, and spans that do not fit their text."),
        says="",
    ),
    "driving": Words(
        title=_("Driving"),
        help=_("Recordings of a road: pictures nobody can label, frames that add nothing to their neighbours, drives torn apart by a split."),
        says="",
    ),
}
