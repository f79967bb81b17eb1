"""Forms of the item and batch pages: what is typed; what it means is decided by the services."""

from __future__ import annotations

from typing import Any

from django import forms
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

    @classmethod
    def of(cls, batch: Batch) -> BatchForm:
        """Filled with what the batch says now."""
        due = str(batch.plan.get("due", ""))[:10]
        return cls(initial={"name": batch.name, "source": batch.source, "target": batch.plan.get("target"), "due": due})

    def plan(self, before: dict[str, Any] | None = None) -> dict[str, Any]:
        """The plan as the service takes it; quotas, which this form does not show, stay as they are."""
        due = self.cleaned_data["due"]
        return {
            **(before or {}),
            "target": self.cleaned_data["target"],
            "due": due.isoformat() if due else None,
        }


class EraseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("Kept in the history, with your name. Do not repeat what is erased.")
    )
