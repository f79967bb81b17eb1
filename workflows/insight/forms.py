"""The one form that makes a project. It reads; services decide."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from annotate.projects.forms import DocumentField

KINDS = [
    ("box", _("Boxes")),
    ("polygon", _("Polygons")),
    ("polyline", pgettext_lazy("shape", "Lines")),
    ("mask", _("Masks")),
    ("point", _("Points")),
    ("keypoints", _("Keypoints")),
]


SOURCES = [
    ("files", _("Pictures or archives")),
    ("coco", _("A COCO export")),
    ("voc", _("A Pascal VOC export")),
    ("cvat", _("A CVAT export (XML)")),
    ("label_studio", _("A Label Studio export (JSON)")),
    ("labelme", _("Label files of labelme")),
    ("conll", _("Texts with tags (CoNLL)")),
    ("doccano", _("Texts of doccano (JSON lines)")),
]


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, in the order they were chosen."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        if not data:
            return []
        return [super(FilesField, self).clean(each, initial) for each in (data if isinstance(data, list | tuple) else [data])]


def read_labels(text: str) -> list[str]:
    """Names, one a line or separated by commas; an error names the line of a repeated one."""
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for name in (part.strip() for part in re.split(r"[,，、]", line)):
            if name and name in seen:
                words = gettext("Line %(line)d: “%(name)s” is already on line %(first)d.")
                raise forms.ValidationError(words % {"line": number, "name": name, "first": seen[name]})
            if name:
                seen[name] = number
    return list(seen)


class NewProjectForm(forms.Form):
    """`schema`, once proposed from an export, speaks instead of `labels` and `kinds`."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autofocus": True}))
    organisation = forms.TypedChoiceField(label=_("Organisation"), coerce=int)
    source = forms.ChoiceField(label=_("What the files are"), choices=SOURCES, widget=forms.RadioSelect, initial="files")
    files = FilesField(
        label=_("Files"), required=False, allow_empty_file=True, max_length=1000,
        help_text=_("Pictures, or zip and tar archives of them. An export of another tool brings its labels along."),
    )  # fmt: skip
    labels = forms.CharField(
        label=_("Labels"), required=False, max_length=50_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, or separated by commas. Colours and keys are given; attributes come later in the settings."),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label=_("What is drawn"), choices=KINDS, widget=forms.CheckboxSelectMultiple, initial=["box"], required=False
    )
    schema = DocumentField(label=_("Schema read from the export"), required=False)
    approved = forms.BooleanField(
        label=_("These labels are approved already"), required=False, help_text=_("Otherwise they go to review like anybody's work.")
    )

    def __init__(self, *args: Any, organisations: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = organisations  # type: ignore[attr-defined]
        if len(organisations) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()
            self.fields["organisation"].initial = organisations[0][0]

    def clean_labels(self) -> list[str]:
        return read_labels(self.cleaned_data["labels"])

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("source") == "files" and "labels" in given and not given["labels"]:
            self.add_error("labels", _("A project needs at least one label."))
        return given
