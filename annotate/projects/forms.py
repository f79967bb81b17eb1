"""Forms of a project's settings. They read; services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.kernel.words import ROLES
from annotate.people.states import PROJECT_ROLES

ROLE_CHOICES = [(role, ROLES[role]) for role in PROJECT_ROLES]


class DocumentField(forms.CharField):
    """A JSON object typed as text: strict, so that NaN and duplicate keys are named, not swallowed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono"}))
        super().__init__(strip=False, max_length=1_000_000, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text.strip() and not self.required:
            return None
        try:
            document = canonical.loads_strict(text)
        except Invalid as error:
            raise forms.ValidationError(str(error.detail)) from error
        if not isinstance(document, dict):
            raise forms.ValidationError(_("This must be a JSON object: { … }."))
        return document


class SchemaForm(forms.Form):
    schema = DocumentField(label=_("Schema as JSON"))


class ProjectForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)


class MemberForm(forms.Form):
    person = forms.TypedChoiceField(label=_("Person"), coerce=int)
    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, initial="annotator")

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES)


class GuidelinesForm(forms.Form):
    text = forms.CharField(
        label=_("Text in Markdown"),
        required=False,
        strip=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 20, "class": "mono", "maxlength": 200_000}),
    )
    message = forms.CharField(
        label=_("What changed"), required=False, max_length=500, help_text=_("In a sentence, for those who read the last version.")
    )


class ExampleForm(forms.Form):
    """`labels`: names that the example may be about."""

    label = forms.ChoiceField(label=_("Label"), required=False)
    good = forms.ChoiceField(label=_("Shows"), choices=[("1", _("how it should be")), ("0", _("how it should not be"))])
    text = forms.CharField(label=_("In words"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 1000}))
    picture = forms.FileField(label=_("Picture"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"}))

    def __init__(self, *args: Any, labels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="example_%s", **kwargs)
        self.fields["label"].choices = [("", _("none in particular")), *((name, name) for name in labels)]  # type: ignore[attr-defined]


class SkipReasonsForm(forms.Form):
    reasons = forms.CharField(
        label=_("Reasons for skipping, one a line"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Offered in the workbench. Empty: the usual ones."),
    )


class ReturnReasonsForm(forms.Form):
    returns = forms.CharField(
        label=_("Reasons for returning, one a line"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"}),
        help_text=_("A key that is counted, “=”, and the words that people read. Words alone get a key of their own. Empty: the usual ones."),
    )
