"""The form that plans a round. It reads; `planning` decides."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.items.models import Batch
from annotate.queues.queries import able
from workflows.rounds.gathering import META
from workflows.rounds.planning import LONGEST_BY, Wish
from workflows.rounds.sampling import Plan
from workflows.rounds.wording import ESCALATIONS, KINDS

# Where an error of the service stands in the form.
PLACES = {"sample.kind": "kind", "sample.value": "value", "sample.by": "by", "sample.seed": "seed", "pass_mark": "mark", "sample": "kind"}
_META = "meta"


class RoundForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is judged"), choices=list(KINDS.items()), initial="percent")
    value = forms.FloatField(
        label=_("How much"), required=False, initial=10, widget=forms.NumberInput(attrs={"class": "short", "step": "any", "min": 0}),
        help_text=_("In percent; for a number of them, how many."),
    )  # fmt: skip
    by = forms.ChoiceField(
        label=_("Kinds are"), required=False, initial="label",
        choices=[("label", _("labels")), ("person", _("people")), (_META, _("values of the metadata"))],
    )  # fmt: skip
    name = forms.CharField(
        label=_("Name in the metadata"), required=False, max_length=LONGEST_BY - len(META),
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    mark = forms.FloatField(
        label=_("Right, at least (percent)"), initial=95, widget=forms.NumberInput(attrs={"class": "short", "step": "any", "min": 0, "max": 100}),
    )  # fmt: skip
    escalation = forms.ChoiceField(label=_("When it fails"), choices=list(ESCALATIONS.items()), initial="larger")
    judged_by = forms.ChoiceField(
        label=_("Held against the mark"), initial="point",
        choices=[("point", _("the share of mistakes in the sample")), ("bound", _("the upper end of its interval: the sample must prove it"))],
    )  # fmt: skip
    seed = forms.IntegerField(
        label=_("Seed"), required=False, min_value=0, widget=forms.NumberInput(attrs={"class": "short"}), help_text=_("The same seed draws the same sample.")
    )
    reviewers = forms.MultipleChoiceField(
        label=_("Who judges"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("Nobody ticked: whoever may review. Nobody is given their own work.")
    )

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"seed": secrets.randbelow(10_000)})
        super().__init__(*args, prefix="r", **kwargs)
        self.batch = batch
        self.people = able(batch.project, stage="review")
        reviewers = self.fields["reviewers"]
        assert isinstance(reviewers, forms.MultipleChoiceField)
        reviewers.choices = [(str(pk), person.name) for pk, person in self.people.items()]

    def wish(self) -> Wish:
        """What was typed; fields that the kind does not ask for are passed over."""
        data = self.cleaned_data
        kind, by = data["kind"], ""
        if kind == "stratified":
            by = f"{META}{data['name'].strip()}" if data["by"] == _META else data["by"] or "label"
        plan = Plan(kind, None if kind == "all" else data["value"], data["seed"] or 0, by)
        people = tuple(self.people[int(pk)] for pk in data["reviewers"])
        return Wish(self.batch, plan, round(data["mark"] / 100, 9), data["judged_by"], data["escalation"], people)
