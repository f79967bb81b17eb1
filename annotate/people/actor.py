"""Actor: who acts, by what token, with which roles; the `by` of every service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from annotate.kernel.errors import Denied
from annotate.people.models import Membership, Person


@dataclass(frozen=True)
class Actor:
    """`organisations` maps organisation id → role. `scopes` None means all (a signed-in person, not a token).

    `held` remembers the roles in projects, by id, once they were asked for (`projects.queries.role`). Only the actor of a request
    that reads has it: the request is over in a moment, changes nothing itself and holds no lock. Whoever writes, and every job
    and command, however long it goes on, asks anew each time, so that what was changed a moment ago counts."""

    person: Person
    organisations: Mapping[int, str] = field(default_factory=dict)
    token_id: int | None = None
    scopes: frozenset[str] | None = None
    project_id: int | None = None
    dataset_id: int | None = None
    address: str = ""
    request_id: str = ""
    held: dict[int, str | None] | None = field(default=None, compare=False, repr=False)

    @property
    def person_id(self) -> int:
        return int(self.person.pk)

    @property
    def bound(self) -> bool:
        """Whether a token holds the actor to one project or dataset."""
        return self.project_id is not None or self.dataset_id is not None

    def has_scope(self, *any_of: str) -> bool:
        return self.scopes is None or not any_of or bool(self.scopes.intersection(any_of))

    def require_scope(self, *any_of: str) -> None:
        """`Denied` unless the token holds one of these scopes."""
        if not self.has_scope(*any_of):
            raise Denied(f"this token lacks the scope {' or '.join(any_of)}", code="scope")

    def administers(self, organisation_id: int) -> bool:
        return self.organisations.get(organisation_id) in ("owner", "admin")

    @classmethod
    def of(cls, person: Person) -> Actor:
        """The person acting with all their own rights, as from a page or a command."""
        return cls(person=person, organisations=roles_of(person.pk))


def roles_of(person_id: int) -> dict[int, str]:
    return dict(Membership.objects.filter(person_id=person_id).values_list("organisation_id", "role"))
