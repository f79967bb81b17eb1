"""The form of a team. It reads; services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.people.models import Person, Team
from annotate.projects.models import Project
from annotate.projects.team_rules import eligible


class TeamForm(forms.Form):
    """People to choose from are those who may be in a team there, and who are in this one already."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.CharField(
        label=_("Kind"), required=False, max_length=100, help_text=_("In your own words: a vendor's name, night shift, trainees.")
    )
    lead = forms.TypedChoiceField(
        label=_("Lead"), required=False, coerce=int, empty_value=None,
        help_text=_("Sees the team's people, their open work, pace and questions, and nothing else."),
    )  # fmt: skip
    members = forms.TypedMultipleChoiceField(label=_("People"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, organisation_id: int, project: Project | None, team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = eligible(organisation_id, project)
        if team is not None:
            able |= set(team.places.values_list("person_id", flat=True)) | ({team.lead_id} if team.lead_id else set())
        people = list(Person.objects.filter(pk__in=able).order_by("name").values_list("pk", "name"))
        self.fields["members"].choices = people  # type: ignore[attr-defined]
        self.fields["lead"].choices = [("", _("nobody")), *people]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, team: Team, data: Any = None) -> TeamForm:
        """Filled with what the team is now."""
        held = list(team.places.values_list("person_id", flat=True))
        initial = {"name": team.name, "kind": team.kind, "lead": team.lead_id, "members": held}
        return cls(data, initial=initial, organisation_id=team.organisation_id, project=team.project, team=team)

    def settings(self) -> dict[str, Any]:
        """What was typed, as the services take it: people as rows."""
        data = dict(self.cleaned_data)
        data["members"] = list(Person.objects.filter(pk__in=data["members"]).order_by("pk"))
        data["lead"] = Person.objects.filter(pk=data["lead"]).first() if data["lead"] else None
        return data
