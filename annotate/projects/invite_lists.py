"""Inviting people by a list: read from CSV, shown with what is wrong line by line, then all of it or nothing.

Columns by name, in any order: `name`, and as one likes `email`, `role`, `project`, `team`. With a project, the role is the one
held there (without one: annotator); without a project it is the role in the organisation (without one: member). Projects and
teams are named as they are called; a team is one of that project, or of the organisation.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, SluiceError
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person, Team
from annotate.people.policies import may_administer, may_give_role
from annotate.people.services import clean_name, create_person
from annotate.people.states import ORGANISATION_ROLES, PROJECT_ROLES
from annotate.projects import teams
from annotate.projects.models import Project
from annotate.projects.services import set_member

COLUMNS = ("name", "email", "role", "project", "team")
MOST, LONGEST = 1000, 1_000_000  # people; characters
EXAMPLE = "name,email,role,project,team\n"


@dataclass
class Line:
    """One person of the list: as written, what the words mean, and what is wrong, by column. `number` is the line in the file."""

    number: int
    name: str = ""
    email: str = ""
    role: str = ""
    project_name: str = ""
    team_name: str = ""
    project: Project | None = None
    team: Team | None = None
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Invited:
    line: Line
    person: Person
    link: str  # a path, shown once


def read(text: str, *, organisation_id: int, by: Actor) -> list[Line]:
    """The list, each line with its faults. `Invalid` when it cannot be read as a list of people at all."""
    require(may_administer(by, organisation_id))
    lines = _lines(_table(text))
    projects = {project.name: project for project in Project.objects.filter(organisation_id=organisation_id)}
    known: dict[tuple[int | None, str], Team] = {}
    for team in Team.objects.filter(organisation_id=organisation_id).select_related("project"):
        known[team.project_id, team.name] = team
    members = set(Membership.objects.filter(organisation_id=organisation_id).values_list("person__name", flat=True))
    taken = set(Person.objects.filter(name__in=[line.name for line in lines]).values_list("name", flat=True))
    seen: dict[str, int] = {}
    for line in lines:
        _name(line, members, taken, seen)
        _email(line)
        _place(line, projects, known)
        _role(line, organisation_id, by)
    return lines


def _table(text: str) -> list[tuple[int, list[str]]]:
    """(line of the file, cells), the heads first; blank lines are left out."""
    text = text.removeprefix("\ufeff")
    if len(text) > LONGEST:
        raise Invalid(_("The list is too long: at most %(n)d characters.") % {"n": LONGEST}, fields={"csv": "too long"})
    first = text.strip("\r\n ").split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(check_text(text), newline=""), delimiter=mark, strict=True)
    rows, before = [], 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((before + 1, [cell.strip() for cell in row]))
            before = reader.line_num
    except csv.Error as error:
        said = _("line %(n)d cannot be read as CSV: %(why)s") % {"n": before + 1, "why": error}
        raise Invalid(said, fields={f"line {before + 1}": str(error)}) from error
    if not rows:
        raise Invalid(_("The list is empty."), fields={"csv": "empty"})
    return rows


def _lines(rows: list[tuple[int, list[str]]]) -> list[Line]:
    heads = [cell.lower() for cell in rows[0][1]]
    where = f"line {rows[0][0]}"
    if "name" not in heads:
        raise Invalid(_("The first line names the columns; one of them is name."), fields={where: "no column “name”"})
    for head in heads:
        if head not in COLUMNS or heads.count(head) > 1:
            said = _("Columns are %(known)s, each once; “%(head)s” is not.") % {"known": ", ".join(COLUMNS), "head": head[:60]}
            raise Invalid(said, fields={where: head[:60] or "a column without a name"})
    if len(rows) - 1 > MOST:
        raise Invalid(_("At most %(n)d people in one list.") % {"n": MOST}, fields={"csv": "too many lines"})
    if len(rows) == 1:
        raise Invalid(_("The list names nobody."), fields={"csv": "only a first line"})
    found = []
    for number, cells in rows[1:]:
        given = dict(zip(heads, cells, strict=False))
        line = Line(number, given.get("name", ""), given.get("email", ""), given.get("role", "").lower(), given.get("project", ""), given.get("team", ""))
        if len(cells) > len(heads):
            line.wrong["name"] = _("more cells than columns")
        found.append(line)
    return found


def _name(line: Line, members: set[str], taken: set[str], seen: dict[str, int]) -> None:
    if "name" in line.wrong:
        return
    try:
        line.name = clean_name(line.name)
    except Invalid as error:
        line.wrong["name"] = str(error.detail)
        return
    if line.name in members:
        line.wrong["name"] = _("is in the organisation already")
    elif line.name in taken:
        line.wrong["name"] = _("This name is taken.")
    elif line.name in seen:
        line.wrong["name"] = _("stands in line %(n)d already") % {"n": seen[line.name]}
    seen.setdefault(line.name, line.number)


def _email(line: Line) -> None:
    if not line.email:
        return
    try:
        validate_email(line.email)
    except ValidationError:
        line.wrong["email"] = _("is no e-mail address")
    if len(line.email) > 254:
        line.wrong["email"] = _("is no e-mail address")


def _place(line: Line, projects: dict[str, Project], known: dict[tuple[int | None, str], Team]) -> None:
    if line.project_name:
        line.project = projects.get(line.project_name)
        if line.project is None:
            line.wrong["project"] = _("there is no project of this name")
    if not line.team_name:
        return
    inside = line.project.pk if line.project else None
    line.team = known.get((inside, line.team_name)) or known.get((None, line.team_name))
    if line.team is None and "project" not in line.wrong:
        line.wrong["team"] = _("there is no team of this name there")


def _role(line: Line, organisation_id: int, by: Actor) -> None:
    able = PROJECT_ROLES if line.project_name else ORGANISATION_ROLES
    line.role = line.role or ("annotator" if line.project_name else "member")
    if line.role not in able:
        line.wrong["role"] = _("one of %(roles)s") % {"roles": ", ".join(able)}
    elif not line.project_name and not (decision := may_give_role(by, organisation_id, line.role)):
        line.wrong["role"] = str(getattr(decision, "why", "") or _("you may not give this role"))


@transaction.atomic
def invite(text: str, *, organisation_id: int, by: Actor) -> list[Invited]:
    """Everyone of the list with a one-time link for seven days; nobody, and `Invalid` by line, when anything is wrong."""
    lines = read(text, organisation_id=organisation_id, by=by)
    wrong = {f"line {line.number} {column}": why for line in lines for column, why in line.wrong.items()}
    if wrong:
        place, why = next(iter(wrong.items()))
        raise Invalid(f"{place}: {why}", fields=wrong)
    made = []
    for line in lines:
        try:
            made.append(_one(line, organisation_id, by))
        except SluiceError as error:  # somebody took the name a moment ago
            raise Invalid(f"line {line.number}: {error.detail}", fields={f"line {line.number} name": str(error.detail)}) from error
    _join(made, by)
    record(by, "people.invite", None, organisation=organisation_id, data={"people": len(made)})
    return made


def _one(line: Line, organisation_id: int, by: Actor) -> Invited:
    role = "member" if line.project else line.role
    person, link = create_person(line.name, organisation_id=organisation_id, role=role, email=line.email, by=by)
    if line.project is not None:
        set_member(line.project, person, role=line.role, by=by)
    return Invited(line, person, link or "")


def _join(made: list[Invited], by: Actor) -> None:
    """Into their teams, each team once."""
    fresh: dict[int, tuple[Team, list[Person]]] = {}
    for one in made:
        if one.line.team is not None:
            fresh.setdefault(one.line.team.pk, (one.line.team, []))[1].append(one.person)
    for team, people in fresh.values():
        before = list(Person.objects.filter(team_places__team=team))
        teams.change_team(team, members=[*before, *people], by=by)


def present(lines: list[Line]) -> list[dict[str, Any]]:
    """For the API: each line as it is understood, with what is wrong by column."""
    return [
        {"line": line.number, "name": line.name, "email": line.email, "role": line.role, "project": line.project_name, "team": line.team_name, "wrong": line.wrong}
        for line in lines
    ]


_FORMULA = frozenset("=+-@\t\r\n|%＝＋－＠")


def _cell(text: str) -> str:
    """As text that no spreadsheet runs."""
    return f"'{text}" if text.lstrip(" ")[:1] in _FORMULA and text.strip() else text


def as_csv(made: list[Invited], base: str) -> str:
    """name, email, link: what the admin sends on. `base`: the server's address without a stroke at its end."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("name", "email", "role", "project", "team", "link"))
    for one in made:
        line = one.line
        cells = (line.name, line.email, line.role, line.project_name, line.team_name)
        writer.writerow((*map(_cell, cells), f"{base}{one.link}"))
    return out.getvalue()
