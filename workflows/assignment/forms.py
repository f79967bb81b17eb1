"""The form that hands a batch to a team. It reads; services decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotate.people.models import Team
from annotate.projects.team_queries import members
from workflows.assignment.planning import MOST_SHARE


class HandingForm(forms.Form):
    """`team` is chosen already; a number for each of its people stands in `share-<id>`."""

    mode = forms.ChoiceField(
        label=_("Divide"), choices=[("even", _("evenly")), ("shares", _("by the shares below"))], widget=forms.RadioSelect, initial="even"
    )
    overlap = forms.IntegerField(
        label=_("Answers per item"), min_value=1, max_value=100, initial=1, required=False, help_text=_("By as many people, who do not see each other's.")
    )
    days = forms.IntegerField(
        label=_("Keep it for them, in days"), min_value=1, max_value=3650, required=False,
        help_text=_("What nobody has begun by then is for anybody of the queue. Empty: without end."),
    )  # fmt: skip

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = list(members(team))
        for person in self.people:
            field = forms.IntegerField(label=_("Share"), min_value=0, max_value=MOST_SHARE, initial=1, required=False)
            self.fields[f"share-{person.pk}"] = field

    def shares(self) -> dict[int, int]:
        """Person → share; empty counts as none."""
        return {person.pk: self.cleaned_data.get(f"share-{person.pk}") or 0 for person in self.people}

    def until(self) -> dt.datetime | None:
        days = self.cleaned_data.get("days")
        return timezone.now() + dt.timedelta(days=days) if days else None
