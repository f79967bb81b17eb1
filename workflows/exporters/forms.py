"""The form that asks for an export: only what can be made of this version is offered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from workflows.exporters.formats import available
from workflows.exporters.services import splits_of
from workflows.releases.models import Version


class ExportForm(forms.Form):
    format = forms.ChoiceField(label=_("Format"))
    split = forms.ChoiceField(label=_("Split"), required=False)
    pictures = forms.ChoiceField(
        label=_("Pictures"),
        choices=(("reference", _("leave them here, name them only")), ("include", _("put them in"))),
    )

    def __init__(self, version: Version, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = version.dataset.project.media
        self.fields["format"].choices = [(one.name, one.title) for one in available() if kind in one.media]  # type: ignore[attr-defined]
        splits = splits_of(version)
        self.fields["split"].choices = [("", gettext("all")), *((name, name) for name in splits)]  # type: ignore[attr-defined]
        if not splits:
            del self.fields["split"]
        if kind != "image":
            self.fields["pictures"].widget = forms.HiddenInput()
            self.fields["pictures"].required = False
