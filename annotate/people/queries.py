"""Lists and objects of people, as the one who asks may see them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.people.models import Membership, Organisation, Person, Token


def organisations(actor: Actor) -> QuerySet[Organisation]:
    """Those the actor belongs to; all of them for the server's owner (by session or token)."""
    if actor.person.is_server_owner:
        return Organisation.objects.all()
    return Organisation.objects.filter(pk__in=actor.organisations)


def administered(actor: Actor) -> list[int]:
    return [pk for pk, role in actor.organisations.items() if role in ("owner", "admin")]


def home_organisation(actor: Actor, wanted: int | None = None) -> int:
    """The organisation a call is about: the one named, or the only (first) one; `Missing` when not the actor's."""
    if wanted is not None:
        if wanted not in actor.organisations:
            raise Missing()
        return wanted
    if not actor.organisations:
        raise Missing(_("you belong to no organisation"))
    return min(actor.organisations)


def people(actor: Actor, organisation_id: int | None = None) -> QuerySet[Membership]:
    """Memberships the actor may list: everyone of organisations they administer, else only themselves."""
    own = [organisation_id] if organisation_id is not None else list(actor.organisations)
    rows = Membership.objects.filter(organisation_id__in=[pk for pk in own if pk in actor.organisations])
    everyone = [] if actor.bound else [pk for pk in own if pk in administered(actor)]
    if everyone != own:
        rows = rows.filter(organisation_id__in=everyone) | rows.filter(person_id=actor.person_id)
    return rows.select_related("person", "organisation")


def person(actor: Actor, person_id: int) -> Membership:
    """One person's membership in an organisation of the actor; `Missing` otherwise."""
    found = people(actor).filter(person_id=person_id).order_by("organisation_id").first()
    if found is None:
        raise Missing()
    return found


def by_name_or_id(organisation_id: int, wanted: object) -> Person:
    """A member of the organisation by id or name; `Missing` when there is none. Digits in quotes are an id, unless
    they are somebody's name."""
    rows = Person.objects.filter(memberships__organisation_id=organisation_id)
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        found = rows.filter(pk=wanted).first() if 0 < wanted < 2**63 else None
    else:
        text = str(wanted)
        found = rows.filter(name=text).first()
        if found is None and text.isascii() and text.isdecimal() and len(text) < 19:
            found = rows.filter(pk=int(text)).first()
    if found is None:
        raise Missing(_("no such person in this organisation"))
    return found


def tokens(actor: Actor) -> QuerySet[Token]:
    """The actor's own live tokens, and those of organisations they administer; a bound token sees (and may end) itself only."""
    rows = Token.objects.filter(revoked_at=None, organisation_id__in=actor.organisations).select_related("person")
    if actor.bound:
        return rows.filter(pk=actor.token_id or 0)
    return rows.filter(person_id=actor.person_id) | rows.filter(organisation_id__in=administered(actor))


def memberships(actor: Actor) -> QuerySet[Membership]:
    """The actor's own places in organisations."""
    return Membership.objects.filter(person_id=actor.person_id).select_related("organisation").order_by("organisation__name")


def people_with_state(organisation_ids: Sequence[int]) -> list[tuple[Membership, str]]:
    """Everyone of these organisations by name, each with active, invited or inactive."""
    rows = Membership.objects.filter(organisation_id__in=organisation_ids).select_related("person", "organisation")
    return [(row, person_state(row.person)) for row in rows.order_by("person__name", "id")]


def person_state(person: Person) -> str:
    if not person.is_active:
        return "inactive"
    return "active" if person.has_usable_password() else "invited"


def project_roles(membership: Membership) -> list[tuple[object, str]]:
    """(project, role) of the person in the organisation's projects."""
    rows = membership.person.project_memberships.filter(project__organisation_id=membership.organisation_id)
    return [(row.project, row.role) for row in rows.select_related("project").order_by("project__name")]
