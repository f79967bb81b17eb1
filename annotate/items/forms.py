"""Forms of the item and batch pages: what is typed; what it means is decided by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotate.items.models import Batch


class BatchForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("Such as a month, a site or a drive: march, site-7, night-04.")
    )
    source = forms.CharField(
        label=_("Where it comes from"),
        required=False,
        max_length=500,
        help_text=_("Camera, vendor, folder: whatever helps to find it again."),
    )
    target = forms.IntegerField(
        label=_("Items planned"), required=False, min_value=0, max_value=10**9, help_text=_("Leave empty when open-ended.")
    )
    due = forms.DateField(label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    quotas = forms.CharField(
        label=_("Quotas"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text=_("One a line: how many at least, then the query that they match. Such as: 300 count(person) >= 3"),
    )

    def clean_quotas(self) -> list[dict[str, Any]]:
        """`[{"q", "at_least"}]` from the lines; an error names the line."""
        quotas = []
        for number, line in enumerate(self.cleaned_data["quotas"].splitlines(), 1):
            least, _space, q = line.strip().partition(" ")
            if not line.strip():
                continue
            if not (least.isascii() and least.isdigit() and len(least) <= 9 and q.strip()):
                words = gettext("Line %(n)d: a number, a space, a query; such as: 300 count(person) >= 3")
                raise forms.ValidationError(words % {"n": number})
            quotas.append({"q": q.strip(), "at_least": int(least)})
        return quotas

    @classmethod
    def of(cls, batch: Batch) -> BatchForm:
        """Filled with what the batch says now."""
        due = str(batch.plan.get("due", ""))[:10]
        lines = "\n".join(f"{quota['at_least']} {quota['q']}" for quota in batch.plan.get("quotas", []))
        first = {"name": batch.name, "source": batch.source, "target": batch.plan.get("target"), "due": due}
        return cls(initial=first | {"quotas": lines})

    def plan(self, before: dict[str, Any] | None = None) -> dict[str, Any]:
        """The plan as the service takes it; names of quotas, which this form does not show, stay with their queries."""
        due = self.cleaned_data["due"]
        names = {quota["q"]: quota["name"] for quota in (before or {}).get("quotas", []) if quota.get("name")}
        quotas = self.cleaned_data["quotas"]
        return {
            "target": self.cleaned_data["target"],
            "due": due.isoformat() if due else None,
            "quotas": [quota | {"name": names[quota["q"]]} if quota["q"] in names else quota for quota in quotas],
        }


class EraseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("Kept in the history, with your name. Do not repeat what is erased.")
    )
