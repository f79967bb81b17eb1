"""Signing in and out, one-time links, the language switch, and the people of an organisation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, callers, form_errors, local_path, page, posted, render_page
from annotate.people import account, policies, queries, services
from annotate.people.account_pages import account_routes
from annotate.people.actor import Actor
from annotate.people.auth import actor_or_none
from annotate.people.forms import FirstRunForm, InviteForm, PersonChangeForm, PersonForm, SignInForm
from annotate.people.models import Membership, Person
from annotate.people.sign_in import sign_in as open_session

callers.add("session", actor_or_none)


def speak(response: HttpResponse, code: str) -> HttpResponse:
    """The response with the language remembered in this browser."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 24 * 3600, samesite="Lax", secure=settings.SECURE, httponly=True
    )
    return response


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    back = local_path(request, request.POST.get("next") or request.GET.get("next"))
    if request.method != "POST" and actor_or_none(request) is not None:
        return HttpResponseRedirect(back)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            person = open_session(request, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
        except SluiceError as error:
            form.add_error(None, error.detail)
            status = error.status if error.status == 429 else 200
        else:
            response: HttpResponse = HttpResponseRedirect(back)
            return speak(response, person.language) if person.language else response
    empty = request.method == "GET" and not Person.objects.exists()
    return render(request, "people/sign_in.html", {"form": form, "next": back, "empty": empty}, status=status)


@posted("/")
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect("/sign-in")


@posted("/")
def language(request: HttpRequest) -> HttpResponse:
    """One click: the page comes back in the other language, and the person's account remembers it."""
    code = account.known_language(request.POST.get("language", ""))
    actor = actor_or_none(request)
    if actor is not None and actor.token_id is None:
        account.set_language(code, by=actor)
    return speak(HttpResponseRedirect(local_path(request, request.POST.get("next"))), code)


@never_cache
def invite(request: HttpRequest, secret: str) -> HttpResponse:
    """A one-time link: the invited person sets a password and is signed in."""
    person = services.open_invite(secret).person
    if person is None:
        raise Missing()
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.accept_invite(secret, password=form.cleaned_data["password"])
        except SluiceError as error:
            if error.status == 410:
                raise
            form_errors(form, error)
        else:
            return _begin(request, person)
    return render(request, "people/invite.html", {"form": form, "invited": person})


@never_cache
def first_run(request: HttpRequest, secret: str) -> HttpResponse:
    """The one-time link of an empty server: its first organisation and owner."""
    if services.open_invite(secret).person_id is not None:
        raise Missing()
    form = FirstRunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.accept_first_run(secret, **form.cleaned_data)
        except SluiceError as error:
            if error.status == 410:
                raise
            form_errors(form, error)
        else:
            messages.success(request, _("The server is yours. Make a first project: name, files, labels."))
            return _begin(request, person)
    return render(request, "people/first_run.html", {"form": form})


def _begin(request: HttpRequest, person: Person) -> HttpResponse:
    """Sign the person in, who has just proved to hold the link, and remember the language the page was in."""
    if not person.is_active:
        return HttpResponseRedirect("/sign-in")
    login(request, person)
    if not person.language:
        account.set_language(translation.get_language() or settings.LANGUAGE_CODE, by=Actor.of(person))
    return HttpResponseRedirect("/")


def _organisations(request: PageRequest) -> list[tuple[int, str]]:
    ids = queries.administered(request.actor)
    return list(queries.organisations(request.actor).filter(pk__in=ids).order_by("name").values_list("pk", "name"))


def _roles(request: PageRequest, organisation_id: int) -> list[str]:
    """Roles that the actor may give, the plainest first."""
    return [role for role in ("member", "admin", "owner") if policies.may_give_role(request.actor, organisation_id, role)]


@page
def people(request: PageRequest) -> HttpResponse:
    organisations = _organisations(request)
    if not organisations:
        require(policies.may_administer(request.actor, 0))
    roles = _roles(request, organisations[0][0])
    form = PersonForm(request.POST or None, organisations=organisations, roles=roles, initial={"organisation": organisations[0][0]})
    made: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            person, link = services.create_person(
                given["name"], organisation_id=given["organisation"], role=given["role"], email=given["email"], by=request.actor
            )
        except SluiceError as error:
            form_errors(form, error)
        else:
            made = {"made": person, "link": request.build_absolute_uri(link)}
            form = PersonForm(organisations=organisations, roles=roles)
    rows = queries.people_with_state([pk for pk, _name in organisations])
    context = {"form": form, "rows": rows, "several": len(organisations) > 1, **made}
    return render_page(request, "people/people.html", context, section="people")


def _administered(request: PageRequest, person_id: int) -> Membership:
    """A membership in an organisation that the actor administers, or `Missing`."""
    ids = queries.administered(request.actor)
    found = queries.people(request.actor).filter(person_id=person_id, organisation_id__in=ids).order_by("organisation_id").first()
    if found is None:
        raise Missing()
    return found


def _show(request: PageRequest, membership: Membership, form: PersonChangeForm | None = None, link: str = "") -> HttpResponse:
    roles = _roles(request, membership.organisation_id)
    if membership.role not in roles:
        roles.append(membership.role)
    context = {
        "member": membership,
        "form": form or PersonChangeForm(roles=roles, initial={"role": membership.role, "email": membership.person.email}),
        "link": link,
        "projects": queries.project_roles(membership),
        "state": queries.person_state(membership.person),
    }
    return render_page(request, "people/person.html", context, section="people")


@page
def one_person(request: PageRequest, person: int) -> HttpResponse:
    membership = _administered(request, person)
    if request.method != "POST":
        return _show(request, membership)
    form = PersonChangeForm(request.POST, roles=[*_roles(request, membership.organisation_id), membership.role])
    if form.is_valid():
        try:
            services.change_person(
                membership.person, organisation_id=membership.organisation_id, by=request.actor, **form.cleaned_data
            )
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(f"/people/{person}")
    return _show(request, membership, form)


@page
@posted("/people/{person}")
def person_active(request: PageRequest, person: int) -> HttpResponse:
    """Deactivate or activate: who is deactivated cannot sign in, and their tokens are dead."""
    membership = _administered(request, person)
    active = request.POST.get("active") == "1"
    services.change_person(membership.person, organisation_id=membership.organisation_id, active=active, by=request.actor)
    said = _("%(name)s may sign in again.") if active else _("%(name)s can no longer sign in.")
    messages.success(request, said % {"name": membership.person.name})
    return HttpResponseRedirect(f"/people/{person}")


@page
@posted("/people/{person}")
def person_reset(request: PageRequest, person: int) -> HttpResponse:
    """A new one-time link, shown this once."""
    membership = _administered(request, person)
    link = services.reset_link(membership.person, organisation_id=membership.organisation_id, by=request.actor)
    return _show(request, membership, link=request.build_absolute_uri(link))


page_routes = [
    path("sign-in", sign_in),
    path("sign-out", sign_out),
    path("language", language),
    path("invite/<str:secret>", invite),
    path("first-run/<str:secret>", first_run),
    path("people", people),
    path("people/<id:person>", one_person),
    path("people/<id:person>/active", person_active),
    path("people/<id:person>/reset", person_reset),
    *account_routes,
]
