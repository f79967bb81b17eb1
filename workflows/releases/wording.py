"""Why items stay out of a version, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

EXCLUDED: dict[str, Any] = {
    "not_approved": gettext_lazy("not approved"),
    "quarantined": gettext_lazy("in quarantine"),
    "erased": gettext_lazy("erased"),
    "gate": gettext_lazy("kept out by a gate"),
    "schema": gettext_lazy("not valid under the present schema"),
    "mapping": gettext_lazy("not valid with their labels mapped"),
    "no_split": gettext_lazy("their field names no split"),
}
