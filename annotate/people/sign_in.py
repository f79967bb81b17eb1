"""Signing in with a name and password, slowed down for who guesses: per name and per address, counted in the database."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth import authenticate, login
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.kernel.errors import Denied, TooMany
from annotate.kernel.registry import ticks
from annotate.people.auth import address_of
from annotate.people.models import Person, SignInFailure

WINDOW = dt.timedelta(minutes=15)
PER_NAME, PER_ADDRESS = 10, 100


def sign_in(request: HttpRequest, *, name: str, password: str) -> Person:
    """Open the session. `Denied` without saying which half was wrong; `TooMany` after repeated failures."""
    name, address = name[:150], address_of(request)
    recent = SignInFailure.objects.filter(at__gt=timezone.now() - WINDOW)
    if recent.filter(name=name).count() >= PER_NAME or recent.filter(address=address).count() >= PER_ADDRESS:
        raise TooMany(_("Too many failed sign-ins; wait a quarter of an hour."), retry_after=900)
    person = authenticate(request, username=name, password=password) if "\x00" not in name + password else None
    if not isinstance(person, Person):
        SignInFailure.objects.create(name=name.replace("\x00", ""), address=address)
        raise Denied(_("The name or the password is wrong."), code="wrong_credentials")
    SignInFailure.objects.filter(name=name).delete()
    login(request, person)
    return person


def prune() -> int:
    return SignInFailure.objects.filter(at__lt=timezone.now() - dt.timedelta(days=1)).delete()[0]


ticks.add("prune sign-in failures", (3600.0, prune))
