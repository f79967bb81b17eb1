"""What is typed about a qualification; what it means is decided by the services. Scores and marks are typed in percent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.qualifications.models import Qualification
from annotate.qualifications.services import LONGEST_ABOUT
from annotate.qualifications.words import KIND_WORDS
from annotate.queues.queries import able


class QualificationForm(forms.Form):
    """Name, kind, and what people read who are to earn it."""

    name = forms.CharField(label=_("Name"), max_length=200, help_text=_("Such as Cells, Mandarin or Driving licence."))
    kind = forms.ChoiceField(label=_("Kind"), choices=list(KIND_WORDS.items()))
    about = forms.CharField(
        label=_("What one must be able to do"),
        required=False,
        max_length=LONGEST_ABOUT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Read by who is to earn it."),
    )

    @classmethod
    def of(cls, row: Qualification) -> QualificationForm:
        return cls(initial={"name": row.name, "kind": row.kind, "about": row.about})


class RunForm(forms.Form):
    """How the qualification is earned."""

    questions = forms.IntegerField(
        label=_("Questions"), min_value=1, max_value=1000, initial=10, help_text=_("Items of gold that each attempt asks about; none twice.")
    )
    pass_mark = forms.FloatField(
        label=_("Pass mark, in %"), min_value=0, max_value=100, initial=80, help_text=_("The mean score of the answers from which on it is passed.")
    )
    attempts = forms.IntegerField(label=_("Attempts"), min_value=1, max_value=100, initial=2, help_text=_("How often a person may try."))

    @classmethod
    def of(cls, row: Qualification) -> RunForm:
        if row.queue_id is None:
            return cls()
        return cls(initial={"questions": row.questions, "pass_mark": f"{row.pass_mark * 100:g}", "attempts": row.attempts})

    def settings(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        data["pass_mark"] = data["pass_mark"] / 100
        return data


class GiveForm(forms.Form):
    """A person who works in the project, and a score or none."""

    person = forms.ChoiceField(label=_("Person"))
    score = forms.FloatField(
        label=_("Score, in %"), required=False, min_value=0, max_value=100, help_text=_("A queue that asks for a score is served only with one.")
    )

    def __init__(self, *args: Any, qualification: Qualification, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = able(qualification.project)
        self.fields["person"].choices = [("", ""), *((str(pk), person.name) for pk, person in self.people.items())]  # type: ignore[attr-defined]

    def settings(self) -> dict[str, Any]:
        score = self.cleaned_data["score"]
        return {"person": self.people[int(self.cleaned_data["person"])], "score": None if score is None else score / 100}
