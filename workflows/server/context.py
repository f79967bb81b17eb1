"""What every page's frame needs: who is signed in, their projects, and the sections of the project that is open.

Nothing is asked of the database until the frame is drawn, so that parts of pages and errors cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from annotate.kernel.words import ROLES
from annotate.projects import queries
from annotate.projects.models import Project
from annotate.projects.team_queries import led_by

SWITCHER = 30  # projects in the switcher; the home page lists them all


@dataclass(frozen=True)
class Section:
    name: str
    path: str
    icon: str
    word: Any
    roles: tuple[str, ...]


ALL = ("viewer", "collector", "annotator", "reviewer", "manager")
SECTIONS = (
    Section("line", "", "line", _("Line"), ("viewer", "reviewer", "manager")),
    Section("items", "/items", "items", _("Items"), ALL),
    Section("batches", "/batches", "batch", _("Batches"), ("viewer", "collector", "reviewer", "manager")),
    Section("queues", "/queues", "queue", _("Queues"), ("annotator", "reviewer", "manager")),
    Section("guidelines", "/guidelines", "book", _("Guidelines"), ALL),
    Section("cleaning", "/cleaning", "rule", _("Cleaning"), ("viewer", "reviewer", "manager")),
    Section("reviews", "/reviews", "review", _("Reviews"), ("reviewer", "manager")),
    Section("wall", "/wall", "wall", _("Label wall"), ("viewer", "reviewer", "manager")),
    Section("people", "/people", "people", _("People"), ("manager",)),
    Section("versions", "/versions", "version", _("Versions"), ("viewer", "reviewer", "manager")),
    Section("activity", "/activity", "activity", _("Activity"), ("manager",)),
    Section("settings", "/settings", "gear", _("Settings"), ("manager",)),
)


class Shell:
    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.project: Project | None = getattr(request, "shell_project", None)
        self.section: str = getattr(request, "shell_section", "")

    @cached_property
    def actor(self) -> Any:
        return getattr(self.request, "actor", None)

    @property
    def person(self) -> Any:
        return self.actor.person if self.actor else None

    @cached_property
    def projects(self) -> list[Project]:
        """For the switcher: those the person has a role in, by name."""
        if self.actor is None:
            return []
        rows = queries.visible(self.actor).filter(archived_at=None).annotate(leads=Exists(led_by(self.actor)))
        return list(rows.order_by("name", "id")[:SWITCHER])

    @cached_property
    def role(self) -> str | None:
        return queries.role(self.actor, self.project) if self.actor and self.project else None

    @property
    def role_word(self) -> Any:
        return ROLES.get(self.role or "", "")

    @cached_property
    def sections(self) -> list[Section]:
        return [section for section in SECTIONS if self.role in section.roles]

    @cached_property
    def administers(self) -> bool:
        return bool(self.actor) and any(role in ("owner", "admin") for role in self.actor.organisations.values())

    @cached_property
    def sees_teams(self) -> bool:
        """Whether the list of teams has anything for this person: as a manager, or as a team's lead."""
        if self.actor is None or self.works_in_background:
            return self.actor is not None
        # Told by the row of any project, so that the frame costs no query more; a lead may be in none.
        return bool(self.projects[0].leads) if self.projects else led_by(self.actor).exists()  # type: ignore[attr-defined]

    @cached_property
    def works_in_background(self) -> bool:
        """Whether the list of background work is of use: to who manages anything."""
        return self.administers or self.manages

    @cached_property
    def manages(self) -> bool:
        """The project that is open, or any at all on pages that belong to none."""
        if self.project or self.actor is None:
            return self.role == "manager"
        return "manager" in queries.roles(self.actor).values()


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": SimpleLazyObject(lambda: Shell(request))}
