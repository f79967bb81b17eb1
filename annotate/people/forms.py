"""Forms of sign-in, invitations, people and one's own account. They read; services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from annotate.kernel.words import ROLES, SCOPES
from annotate.people.states import ORGANISATION_ROLES

EXPIRIES = {"30": _("in 30 days"), "90": _("in 90 days"), "365": _("in a year"), "": _("never")}


def _password(label: Any, *, new: bool, first: bool = False, **options: Any) -> forms.CharField:
    """`first`: it is the first thing to be typed on its page."""
    attrs = {"autocomplete": "new-password" if new else "current-password"} | ({"autofocus": True} if first else {})
    widget = forms.PasswordInput(attrs=attrs, render_value=False)
    return forms.CharField(label=label, widget=widget, strip=False, max_length=200, **options)


class SignInForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}))
    password = _password(_("Password"), new=False)


class InviteForm(forms.Form):
    password = _password(_("New password"), new=True, first=True, help_text=_("At least 10 characters; a few words are fine."))


class FirstRunForm(forms.Form):
    organisation = forms.CharField(
        label=_("Organisation"), max_length=200, help_text=_("The team or company whose data this server holds."),
        widget=forms.TextInput(attrs={"autocomplete": "organization", "autofocus": True}),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Your name"), max_length=150, help_text=_("What you sign in with."), widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = _password(_("Password"), new=True, help_text=_("At least 10 characters; a few words are fine."))


class PersonForm(forms.Form):
    """A new person. `organisation` is asked for only when the admin has several."""

    name = forms.CharField(label=_("Name"), max_length=150, help_text=_("What the person signs in with."))
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.ChoiceField(
        label=_("Role in the organisation"),
        choices=[(role, ROLES[role]) for role in reversed(ORGANISATION_ROLES)],
        help_text=_("Members see the projects they are added to; admins see and change everything."),
    )
    organisation = forms.TypedChoiceField(label=_("Organisation"), coerce=int)

    def __init__(self, *args: Any, organisations: list[tuple[int, str]], roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, ROLES[role]) for role in roles]  # type: ignore[attr-defined]
        self.fields["organisation"].choices = organisations  # type: ignore[attr-defined]
        if len(organisations) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()
            self.fields["organisation"].initial = organisations[0][0]


class PersonChangeForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.ChoiceField(label=_("Role in the organisation"))

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, ROLES[role]) for role in roles]  # type: ignore[attr-defined]


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class PasswordForm(forms.Form):
    old = _password(_("Present password"), new=False)
    new = _password(_("New password"), new=True, help_text=_("At least 10 characters; a few words are fine."))


class TokenForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Where it is used: “training cluster”, “nightly import”."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple, initial=["read", "export"]
    )
    project = forms.TypedChoiceField(label=_("Only this project"), coerce=int, empty_value=None, required=False)
    expires = forms.ChoiceField(label=_("It ends"), choices=list(EXPIRIES.items()), required=False, initial="90")

    def __init__(self, *args: Any, projects: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].choices = [("", _("All my projects")), *projects]  # type: ignore[attr-defined]
