"""What people change about their own account: language and password."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from annotate.kernel.errors import Denied, Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.people.services import check_password_strength, record_for_organisations


def known_language(code: str) -> str:
    """The code itself, or `Invalid` when the product does not speak it."""
    if code not in dict(settings.LANGUAGES):
        raise Invalid(_("There is no such language."), fields={"language": "unknown"})
    return code


def set_language(code: str, *, by: Actor) -> None:
    """Remember the language of the person's pages."""
    Person.objects.filter(pk=by.person_id).update(language=known_language(code))


@transaction.atomic
def change_password(*, old: str, new: str, by: Actor) -> Person:
    """A new password for who knows the old one."""
    person = Person.objects.select_for_update().get(pk=by.person_id)
    if not person.check_password(old):
        raise Denied(_("The present password is wrong."), code="wrong_credentials", fields={"old": "wrong"})
    try:
        check_password_strength(new, person)
    except Invalid as error:
        raise Invalid(error.detail, fields={"new": error.detail}) from error
    person.set_password(new)
    person.save(update_fields=["password"])
    record_for_organisations(by, "person.password", person)
    return person
