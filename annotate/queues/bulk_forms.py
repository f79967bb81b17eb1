"""What is typed to change many tasks at once: the selection, and what one act needs. Meaning is decided by `bulk`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.projects.models import Project
from annotate.queues.bulk import LONGEST_REASON, Wish
from annotate.queues.models import Queue
from annotate.queues.queries import able

PLACES = {
    "front": _("before all that waits"),
    "back": _("behind all that waits"),
    "priority": _("by a priority, in queues ordered by it"),
}
_NEEDS = {"assign": ("person", "until"), "prioritise": ("place", "priority"), "send_back": ("reason",)}
_CODE = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "class": "mono"}


class BulkForm(forms.Form):
    """The selection and the fields of one act; the others are not there."""

    q = forms.CharField(
        label=_("Which items"),
        required=False,
        max_length=4000,
        widget=forms.TextInput(attrs={**_CODE, "placeholder": 'batch = "march" and not quarantined'}),
        help_text=_("A query, as on the page Items. Empty takes all."),
    )
    queue = forms.ChoiceField(label=_("In which queue"), required=False)
    person = forms.ChoiceField(label=_("For whom"))
    until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Then it is for everybody again. Empty: without end."),
    )
    place = forms.ChoiceField(label=_("Where"), choices=list(PLACES.items()))
    priority = forms.IntegerField(
        label=_("Priority"), required=False, min_value=-(10**12), max_value=10**12, help_text=_("As meta.priority: the highest comes first.")
    )
    reason = forms.CharField(
        label=_("Words for the authors"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("They stand as a comment on each answer."),
    )

    def __init__(self, *args: Any, project: Project, act: str, queue: Queue | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.act = act
        for name in ("person", "until", "place", "priority", "reason"):
            if name not in _NEEDS.get(act, ()):
                del self.fields[name]
        self.queues = {str(one.pk): one for one in Queue.objects.filter(project=project).exclude(state="closed").order_by("name")}
        self.fields["queue"].choices = [("", _("All queues")), *((pk, one.name) for pk, one in self.queues.items())]  # type: ignore[attr-defined]
        if "person" in self.fields:
            self.people = {str(pk): person for pk, person in able(project, queue).items()}
            self.fields["person"].choices = [("", _("Choose …")), *((pk, one.name) for pk, one in self.people.items())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("place") == "priority" and data.get("priority") is None and "priority" not in self.errors:
            self.add_error("priority", _("Say which priority."))
        return data

    def wish(self) -> Wish:
        """What was typed, as the services take it."""
        data = self.cleaned_data
        place = data.get("place", "")
        return Wish(
            self.act,
            data["q"],
            self.queues.get(data["queue"]),
            person=self.people.get(data["person"]) if "person" in data else None,
            until=data.get("until"),
            place="" if place == "priority" else place,
            priority=data.get("priority") if place == "priority" else None,
            reason=data.get("reason", ""),
        )
