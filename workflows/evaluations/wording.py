"""Suspected label errors in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.evaluations.models import Suspect

KINDS: dict[str, Any] = {
    "missing": gettext_lazy("missing"),
    "wrong_label": gettext_lazy("wrong label"),
    "badly_placed": gettext_lazy("badly placed"),
    "doubtful": gettext_lazy("nothing there"),
    "wrong_answer": gettext_lazy("wrong answer"),
}
FAULTS: dict[str, Any] = {
    "missing": gettext_lazy("missing"),
    "extra": gettext_lazy("extra"),
    "wrong_label": gettext_lazy("wrong label"),
    "badly_placed": gettext_lazy("badly placed"),
    "attribute": gettext_lazy("attribute"),
}
FAMILIES: dict[str, Any] = {
    "box": gettext_lazy("boxes"),
    "segment": gettext_lazy("outlines"),
    "keypoints": gettext_lazy("skeletons"),
    "point": gettext_lazy("points"),
    "polyline": gettext_lazy("lines"),
}
WHY: dict[str, Any] = {
    "not_a_choice": gettext_lazy("only choices and yes or no are measured"),
    "no_probabilities": gettext_lazy("wrong answers are found by probabilities, and none were sent"),
    "too_many": gettext_lazy("there are too many probabilities to look at together"),
}


def reason(one: Suspect) -> str:
    """Why it is suspected, in one sentence."""
    said = {"label": one.label, "said": one.said, "about": one.about}
    if one.kind == "missing":
        return _("The model is sure of a %(said)s where nothing was drawn.") % said
    if one.kind == "wrong_label":
        return _("Drawn as %(label)s; the model is sure that it is a %(said)s.") % said
    if one.kind == "badly_placed":
        return _("The model is sure of this %(label)s in a place nearby.") % said
    if one.kind == "doubtful":
        return _("The model, which finds most of its kind, sees no %(label)s here.") % said
    return _("%(about)s: answered %(label)s; the model's probabilities say %(said)s.") % said
