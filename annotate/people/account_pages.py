"""One's own account: language, password, tokens."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.people import account, queries, services
from annotate.people.forms import LanguageForm, PasswordForm, TokenForm


def _token_form(request: PageRequest, data: Any = None) -> TokenForm:
    projects = apps.get_model("annotate", "Project")._default_manager.filter(organisation_id__in=request.actor.organisations, archived_at=None)
    if not queries.administered(request.actor):
        projects = projects.filter(members__person_id=request.actor.person_id)
    return TokenForm(data, projects=list(projects.order_by("name").values_list("pk", "name")[:200]))


def _show(request: PageRequest, **over: Any) -> HttpResponse:
    context: dict[str, Any] = {
        "language_form": LanguageForm(initial={"language": translation.get_language()}),
        "password_form": PasswordForm(),
        "token_form": over.get("token_form") or _token_form(request),
        "tokens": queries.tokens(request.actor).filter(person_id=request.actor.person_id).order_by("-id"),
        "organisations": queries.memberships(request.actor),
    }
    return render_page(request, "people/account.html", context | over, section="account")


@page
def own_account(request: PageRequest) -> HttpResponse:
    return _show(request)


@page
@posted("/account")
def password(request: PageRequest) -> HttpResponse:
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            person = account.change_password(**form.cleaned_data, by=request.actor)
        except SluiceError as error:
            form_errors(form, error)
        else:
            update_session_auth_hash(request, person)
            messages.success(request, _("The password is changed; other sessions of yours have ended."))
            return HttpResponseRedirect("/account")
    return _show(request, password_form=form)


@page
@posted("/account")
def new_token(request: PageRequest) -> HttpResponse:
    """A token; its secret is in this one answer and nowhere else."""
    form = _token_form(request, request.POST)
    if not form.is_valid():
        return _show(request, token_form=form)
    given = form.cleaned_data
    expires = timezone.now() + dt.timedelta(days=int(given["expires"])) if given["expires"] else None
    try:
        organisation_id = _organisation_of(request, given["project"])
        token, secret = services.create_token(
            given["name"], scopes=given["scopes"], organisation_id=organisation_id, project_id=given["project"],
            expires_at=expires, by=request.actor,
        )  # fmt: skip
    except SluiceError as error:
        form_errors(form, error)
        return _show(request, token_form=form)
    return _show(request, new_token=token, secret=secret)


def _organisation_of(request: PageRequest, project_id: int | None) -> int:
    if project_id is None:
        return queries.home_organisation(request.actor)
    return int(apps.get_model("annotate", "Project")._default_manager.get(pk=project_id).organisation_id)


@page
@posted("/account")
def revoke(request: PageRequest, token: int) -> HttpResponse:
    found = queries.tokens(request.actor).filter(pk=token).first()
    if found is None:
        raise Missing()
    services.revoke_token(found, by=request.actor)
    messages.success(request, _("The token %(name)s is dead.") % {"name": found.name})
    return HttpResponseRedirect("/account")


account_routes = [
    path("account", own_account),
    path("account/password", password),
    path("account/tokens", new_token),
    path("account/tokens/<id:token>/revoke", revoke),
]
