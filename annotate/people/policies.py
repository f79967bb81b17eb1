"""What a person may do to organisations, people and tokens."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotate.kernel.decisions import Allowed, Decision, Denial
from annotate.people.actor import Actor


def _bound() -> Denial:
    return Denial(_("this token is bound to one project or dataset"), code="scope")


def may_create_organisation(actor: Actor) -> Decision:
    """Only the server's owner makes organisations, and never by a token that is bound to less than an organisation."""
    if actor.bound:
        return _bound()
    return Allowed() if actor.person.is_server_owner else Denial(_("only the server's owner makes organisations"))


def may_administer(actor: Actor, organisation_id: int) -> Decision:
    """Owners and admins administer people; a token bound to a project or dataset does not, whoever holds it."""
    if actor.bound:
        return _bound()
    if actor.administers(organisation_id):
        return Allowed()
    return Denial(_("only an owner or admin of the organisation may do this"))


def may_give_role(actor: Actor, organisation_id: int, role: str) -> Decision:
    """Nobody gives a role above their own."""
    if role == "owner" and actor.organisations.get(organisation_id) != "owner":
        return Denial(_("only an owner makes another owner"))
    return may_administer(actor, organisation_id)
