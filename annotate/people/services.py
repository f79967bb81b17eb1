"""Making organisations, people, tokens and one-time links."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Denied, Gone, Invalid, Missing
from annotate.kernel.registry import Registry
from annotate.people.actor import Actor
from annotate.people.auth import TOKEN_PREFIX, token_digest
from annotate.people.models import Invite, Membership, Organisation, Person, Token
from annotate.people.policies import may_administer, may_create_organisation, may_give_role
from annotate.people.states import ORGANISATION_ROLES, SCOPES

INVITE_LIFETIME = dt.timedelta(days=7)
RESET_LIFETIME = dt.timedelta(days=1)
FIRST_RUN_LIFETIME = dt.timedelta(days=1)

# The activity room stands below this one; it adds its recorder here.
recorders: Registry[Any] = Registry("recorders")
# Rooms below add f(organisation_id, person_id): what to free when a person may no longer sign in.
departures: Registry[Callable[[int, int], object]] = Registry("departures")


def _record(by: Actor, verb: str, thing: Any, organisation_id: int, data: Mapping[str, Any] | None = None) -> None:
    recorders.get("activity")(by, verb, thing, organisation=organisation_id, data=data)


def record_for_organisations(by: Actor, verb: str, thing: Any) -> None:
    """An act on one's own account, noted in each organisation one belongs to."""
    for organisation_id in by.organisations:
        _record(by, verb, thing, organisation_id)


def clean_name(name: str, *, field: str = "name", longest: int = 150) -> str:
    """A name without blanks around it; `Invalid` when empty, too long or with control characters."""
    cleaned = check_text(name).strip()
    if not cleaned or len(cleaned) > longest or not cleaned.isprintable():
        raise Invalid(
            _("A name has 1 to %(n)d printable characters.") % {"n": longest},
            fields={field: f"1 to {longest} characters"},
        )
    return cleaned


def _new_person(name: str, email: str, password: str | None) -> Person:
    person = Person(name=clean_name(name), email=email)
    if password is None:
        person.set_unusable_password()
    else:
        check_password_strength(password, person)
        person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This name is taken."), code="name_taken", fields={"name": "taken"}) from error
    return person


def check_password_strength(password: str, person: Person | None = None) -> None:
    """`Invalid` with Django's own words when the password is too weak."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), fields={"password": " ".join(error.messages)}) from error


def _invite(person: Person | None, lifetime: dt.timedelta) -> str:
    secret = secrets.token_urlsafe(24)
    Invite.objects.create(person=person, digest=token_digest(secret), expires_at=timezone.now() + lifetime)
    return secret


@transaction.atomic
def first_run_link() -> str:
    """Path of a one-time page that makes the first organisation and owner; older links die. Only before there are people."""
    if Person.objects.exists():
        raise Conflict(_("this server has people already"))
    Invite.objects.filter(person=None, used_at=None).update(used_at=timezone.now())
    return f"/first-run/{_invite(None, FIRST_RUN_LIFETIME)}"


def open_invite(secret: str) -> Invite:
    """The unused, unexpired invite behind a link; `Missing` when there is none, `Gone` when it was used or is too old."""
    invite = Invite.objects.filter(digest=token_digest(secret)).select_related("person").first()
    if invite is None:
        raise Missing()
    if invite.used_at is not None or invite.expires_at <= timezone.now():
        raise Gone(_("This link was used or is too old; ask for a new one."), code="link_used")
    return invite


def _use(invite: Invite) -> None:
    if not Invite.objects.filter(pk=invite.pk, used_at=None).update(used_at=timezone.now()):
        raise Gone(_("This link was used or is too old; ask for a new one."), code="link_used")


@transaction.atomic
def begin_server(*, organisation: str, name: str, password: str) -> tuple[Organisation, Person]:
    """The first organisation and its owner, who also owns the server; `Conflict` once there are people."""
    if Person.objects.exists():
        raise Conflict(_("this server has people already"))
    person = _new_person(name, "", password)
    Person.objects.filter(pk=person.pk).update(is_server_owner=True)
    person.is_server_owner = True
    return _new_organisation(organisation, person), person


@transaction.atomic
def accept_first_run(secret: str, *, organisation: str, name: str, password: str) -> Person:
    """Use the one-time link of a fresh server."""
    invite = open_invite(secret)
    if invite.person_id is not None:
        raise Missing()
    _use(invite)
    return begin_server(organisation=organisation, name=name, password=password)[1]


@transaction.atomic
def accept_invite(secret: str, *, password: str) -> Person:
    """Set the password of the invited person, and use the link up; their sessions end, for those hang on the password."""
    invite = open_invite(secret)
    if invite.person is None:
        raise Missing()
    check_password_strength(password, invite.person)
    _use(invite)
    invite.person.set_password(password)
    invite.person.save(update_fields=["password"])
    record_for_organisations(Actor.of(invite.person), "person.enter", invite.person)
    return invite.person


def _new_organisation(name: str, owner: Person) -> Organisation:
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(name=clean_name(name, longest=200))
    except IntegrityError as error:
        raise Conflict(
            _("An organisation of this name exists."), code="name_taken", fields={"name": "taken"}
        ) from error
    Membership.objects.create(organisation=organisation, person=owner, role="owner")
    _record(Actor.of(owner), "organisation.create", organisation, organisation.pk)
    return organisation


@transaction.atomic
def create_organisation(
    name: str, *, owner_name: str, owner_email: str = "", by: Actor
) -> tuple[Organisation, Person, str, str]:
    """An organisation with a new owner: (organisation, owner, all-scope token, invite path). Server owner only."""
    require(may_create_organisation(by))
    owner = _new_person(owner_name, owner_email, None)
    organisation = _new_organisation(name, owner)
    secret = create_token("first", scopes=SCOPES, organisation_id=organisation.pk, by=Actor.of(owner))[1]
    return organisation, owner, secret, f"/invite/{_invite(owner, INVITE_LIFETIME)}"


@transaction.atomic
def create_person(
    name: str, *, organisation_id: int, role: str = "member", email: str = "", password: str | None = None, by: Actor
) -> tuple[Person, str | None]:
    """A person in the organisation: (person, invite path or None when a password was given). Admins only."""
    if role not in ORGANISATION_ROLES:
        raise Invalid(f"role must be one of {', '.join(ORGANISATION_ROLES)}", fields={"role": "unknown role"})
    require(may_give_role(by, organisation_id, role))
    person = _new_person(name, email, password)
    Membership.objects.create(organisation_id=organisation_id, person=person, role=role)
    _record(by, "person.create", person, organisation_id, {"role": role})
    return person, None if password is not None else f"/invite/{_invite(person, INVITE_LIFETIME)}"


@transaction.atomic
def change_person(
    person: Person,
    *,
    organisation_id: int,
    role: str | None = None,
    active: bool | None = None,
    email: str | None = None,
    by: Actor,
) -> Person:
    """Change a member's role, e-mail, or whether they may sign in. The last owner stays an owner."""
    membership = Membership.objects.select_for_update().get(person=person, organisation_id=organisation_id)
    require(may_give_role(by, organisation_id, "owner" if membership.role == "owner" else role or "member"))
    loses_owner = membership.role == "owner" and (active is False or role not in (None, "owner"))
    if role is not None:
        if role not in ORGANISATION_ROLES:
            raise Invalid(f"role must be one of {', '.join(ORGANISATION_ROLES)}", fields={"role": "unknown role"})
        require(may_give_role(by, organisation_id, role))
    if (
        loses_owner
        and not Membership.objects.filter(organisation_id=organisation_id, role="owner", person__is_active=True)
        .exclude(person=person)
        .exists()
    ):
        raise Conflict(_("The last owner of an organisation stays its owner."), code="last_owner")
    if role is not None:
        membership.role = role
        membership.save(update_fields=["role"])
    if email is not None:
        person.email = email
    if active is not None:
        person.is_active = active
    person.save(update_fields=["email", "is_active"])
    if active is False:
        for _name, free in departures:
            free(organisation_id, person.pk)
    _record(by, "person.change", person, organisation_id, {"role": membership.role, "active": person.is_active})
    return person


@transaction.atomic
def reset_link(person: Person, *, organisation_id: int, by: Actor) -> str:
    """A one-time path, for a day, with which the person sets a new password; older ones die."""
    require(may_administer(by, organisation_id))
    if (
        Membership.objects.filter(person=person, role="owner").exists()
        and by.organisations.get(organisation_id) != "owner"
    ):
        raise Denied(_("Only an owner may reset an owner's password."))
    Invite.objects.filter(person=person, used_at=None).update(used_at=timezone.now())
    _record(by, "person.reset", person, organisation_id)
    return f"/invite/{_invite(person, RESET_LIFETIME)}"


@transaction.atomic
def create_token(
    name: str,
    *,
    scopes: Iterable[str],
    organisation_id: int,
    project_id: int | None = None,
    dataset_id: int | None = None,
    expires_at: dt.datetime | None = None,
    by: Actor,
) -> tuple[Token, str]:
    """(token, its secret, shown this once). A token made by a token never holds more scopes than its maker."""
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise Invalid(f"scopes are {', '.join(SCOPES)}", fields={"scopes": "at least one known scope"})
    if organisation_id not in by.organisations:
        raise Missing()
    if by.scopes is not None and not set(wanted) <= by.scopes:
        raise Denied(_("A token cannot make one with more scopes than its own."), code="scope")
    if by.project_id is not None and project_id != by.project_id:
        raise Denied(_("This token is bound to one project."), code="scope")
    projects = Token._meta.get_field("project").related_model._default_manager  # type: ignore[union-attr]
    if project_id is not None and not projects.filter(pk=project_id, organisation_id=organisation_id).exists():
        raise Invalid(_("There is no such project in this organisation."), fields={"project": "unknown project"})
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid(_("The expiry lies in the past."), fields={"expires_at": "in the past"})
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        organisation_id=organisation_id,
        person_id=by.person_id,
        project_id=project_id,
        dataset_id=dataset_id,
        name=clean_name(name, longest=100),
        prefix=secret[:8],
        digest=token_digest(secret),
        scopes=wanted,
        expires_at=expires_at,
    )
    _record(by, "token.create", token, organisation_id, {"scopes": wanted})
    return token, secret


@transaction.atomic
def revoke_token(token: Token, *, by: Actor) -> None:
    """Dead from the next request on. One's own, or any of an organisation one administers."""
    if token.person_id != by.person_id:
        require(may_administer(by, token.organisation_id))
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        _record(by, "token.revoke", token, token.organisation_id)
