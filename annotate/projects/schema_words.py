"""Words of the schema editor's script, in the language of the page."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def schema_words() -> dict[str, str]:
    return {
        "label": _("Label"),
        "color": _("Colour"),
        "key": _("Key"),
        "kinds": _("Drawn as"),
        "box": _("Box"),
        "polygon": _("Polygon"),
        "polyline": pgettext("shape", "Line"),
        "keypoints": _("Keypoints"),
        "point": _("Point"),
        "mask": _("Mask"),
        "span": _("Text span"),
        "attributes": _("Attributes"),
        "attribute": _("Attribute"),
        "type": _("Type"),
        "bool": _("Yes or no"),
        "choice": _("Choice"),
        "text": _("Text"),
        "number": _("Number"),
        "options": _("Options, separated by commas"),
        "required": _("Required"),
        "multiple": _("Several"),
        "add_label": _("Add a label"),
        "add_attribute": _("Add an attribute"),
        "remove": _("Remove"),
        "up": _("Move up"),
        "down": _("Move down"),
        "not_json": _("The JSON cannot be read; the form shows what was there before."),
        "preview_none": _("Labels appear here as the workbench offers them."),
        "no_labels": _("No labels yet: add the first one."),
    }
