"""Forms of the item page: words about an item, and why an approval is withdrawn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class CommentForm(forms.Form):
    """`things`: (id, words) of each object that the comment may be pinned to."""

    text = forms.CharField(
        label=_("What is to be said"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 4000})
    )
    object = forms.ChoiceField(label=_("About"), required=False)

    def __init__(self, *args: Any, things: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="comment_%s", **kwargs)
        choices: Any = [("", _("the whole item")), *things]
        self.fields["object"].choices = choices  # type: ignore[attr-defined]


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
        help_text=_("Stays in the history for everybody who sees the item."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="withdraw_%s", **kwargs)
