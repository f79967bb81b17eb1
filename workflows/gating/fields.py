"""What a gate may ask of a batch or slice: every measure by name, with how it is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Measure:
    """`label`: what stands in its brackets: "no", "may" or "must". `counts`: a whole number; else a share, 0 to 1 (α may be below 0).
    `of`: what it is computed on. `items`: the query of the items behind it, besides those of the batch or slice."""

    name: str
    how: Any
    of: Any
    label: str = "no"
    counts: bool = False
    items: str = ""

    @property
    def shown(self) -> str:
        return {"no": self.name, "may": f"{self.name} · {self.name}(<label>)", "must": f"{self.name}(<label>)"}[self.label]


MEASURES: dict[str, Measure] = {
    one.name: one
    for one in (
        Measure(
            "agreement",
            _("How alike the answers of an item are, the mean over items that several answered; with a label, how often two people agree on things that somebody gave it. Chance is in it."),
            _("items"),
            label="may",
            items="agreement < 1",
        ),
        Measure("alpha", _("Krippendorff's α of a label: agreement beyond chance on whether a thing has it."), _("items"), label="must", items="agreement < 1"),
        Measure(
            "gold_accuracy",
            _("Mean score of the gold answered by the people of these answers in the queues that asked for them; of several answers to one item the last. Wilson's interval."),
            _("gold answers"),
        ),
        Measure("returned_rate", _("Share of the reviews of its answers that returned one. Wilson's interval."), _("reviews"), items="state = returned"),
        Measure("round_error_rate", _("Share of the sampled answers, in its review rounds, that had a mistake. Wilson's interval."), _("judged answers")),
        Measure("reviewed_share", _("Share of its items that somebody has reviewed. Counted, so there is no interval."), _("items")),
        Measure("approved_share", _("Share of its items that are approved. Counted, so there is no interval."), _("items"), items="approved = false"),
        Measure("quarantined_share", _("Share of its items that something holds back. Counted, so there is no interval."), _("items"), items="quarantined = true"),
        Measure("items", _("Items, without those erased."), _("items"), counts=True),
        Measure("answers", _("Answers of people to its items, without gold."), _("answers"), counts=True),
        Measure("people", _("People who answered its items."), _("people"), counts=True),
        Measure("gold_answers", _("Answers to gold behind gold_accuracy."), _("gold answers"), counts=True),
    )
}

# Why there is no figure, in words.
WHY: dict[str, Any] = {
    "not_enough": _("not enough to tell"),
    "no_pairs": _("nobody's answer stands beside another's"),
    "one_category": _("all say the same, so that chance cannot be told from agreement"),
    "no_spread": _("its interval is not known"),
    "no_label": _("the schema has no such label any more"),
    "large": _("measured when a version is cut, as there is too much to look at now"),
    "more_than_two_people": _("more than two people"),
    "uneven_answers": _("answered differently often"),
}
