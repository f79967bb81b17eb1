"""What a wall is asked to show: a label, an answer about whole items, or a cell of who takes what for what; narrowed and in an order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from annotate.annotations.schemas import parsed
from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.kernel.paging import an_id
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from annotate.search.compile import compile_query
from annotate.search.writing import narrowed, quoted
from workflows.wall.states import ORDERS

NAMES = ("label", "answer", "q", "order", "person", "given", "meant", "of", "about", "batch")
SIDES = ("people", "model")
LONGEST = 4000
OF_OBJECTS = ("smallest", "largest")  # orders that ask for the size of an object


@dataclass(frozen=True)
class Asked:
    """One of `label`, `answer` (item attribute, option) or a cell. A cell's `given` is what people (or a model, `of`) said and `meant`
    what it is by consensus; None where there is nothing on that side; `about`: of an attribute of the whole item. `person` is the author of what is shown."""

    label: str = ""
    answer: tuple[str, str] | None = None
    q: str = ""
    order: str = "newest"
    person: int | None = None
    cell: bool = False
    given: str | None = None
    meant: str | None = None
    of: str = "people"
    about: str = ""
    batch: int | None = None

    def words(self) -> dict[str, str]:
        """As an address says it, without what goes without saying."""
        said: dict[str, str] = {}
        if self.cell:
            said = {"given": self.given or "", "meant": self.meant or "", "of": self.of} | ({"about": self.about} if self.about else {})
        elif self.answer is not None:
            said = {"answer": "=".join(self.answer)}
        elif self.label:
            said = {"label": self.label}
        more: dict[str, Any] = {"q": self.q, "order": "" if self.order == "newest" else self.order, "person": self.person, "batch": self.batch}
        return said | {name: str(value) for name, value in more.items() if value}

    def address(self, **changes: Any) -> str:
        """The query string of the same wall, but for these."""
        return "?" + urlencode(replace(self, **changes).words())

    @property
    def answered(self) -> tuple[str, str] | None:
        """The answer about whole items that is shown: what a relabel replaces."""
        return self.answer or ((self.about, self.given) if self.about and self.given else None)

    @property
    def digest(self) -> str:
        return hashlib.sha256(canonical.dumps(self.words()).encode()).hexdigest()

    def query(self) -> str:
        """The items, in the query language."""
        if self.answer is not None:
            q = narrowed(self.q, f"item.{_path(self.answer[0])} = {quoted(self.answer[1])}")
        else:
            q = narrowed(self.q, f"count({quoted(self.label)}) >= 1")
        if self.person is not None:
            name = Person.objects.values_list("name", flat=True).get(pk=self.person)
            q = narrowed(q, f"annotated_by = {quoted(name)}")
        return q


def _path(name: str) -> str:
    """An attribute's name as a query writes it after "item."."""
    return name if name.replace("_", "a").isalnum() and name.isascii() and not name[0].isdigit() else quoted(name)


def read(project: Project, given: Mapping[str, str]) -> Asked:
    """What the parameters of an address ask for; `Invalid` names the one that is wrong. Without a label, the schema's first."""
    schema = parsed(current_schema(project.pk).pk).schema
    order, of = given.get("order") or "newest", given.get("of") or "people"
    if order not in ORDERS:
        raise Invalid(_("There is no such order."), fields={"order": f"one of {', '.join(ORDERS)}"})
    if of not in SIDES:
        raise Invalid(_("There is no such side."), fields={"of": f"one of {', '.join(SIDES)}"})
    cell = "given" in given or "meant" in given
    q = canonical.check_text(given.get("q", "")).strip()
    if len(q) > LONGEST:
        raise Invalid(_("The query is too long."), fields={"q": f"at most {LONGEST} characters"})
    asked = Asked(
        q=q,
        order=order,
        person=an_id(given["person"], "person") if given.get("person") else None,
        cell=cell,
        given=canonical.check_text(given.get("given", ""))[:300] or None,
        meant=canonical.check_text(given.get("meant", ""))[:300] or None,
        of=of,
        about=canonical.check_text(given.get("about", ""))[:300] if cell else "",
        batch=an_id(given["batch"], "batch") if given.get("batch") else None,
    )
    if asked.person is not None and not Person.objects.filter(pk=asked.person, memberships__organisation=project.organisation_id).exists():
        raise Invalid(_("There is no such person."), fields={"person": "not of this organisation"})
    if cell:
        if asked.given is None and asked.meant is None:
            raise Invalid(_("A cell has a label on one side at least."), fields={"given": "or meant: a label"})
        return replace(asked, order="newest", q="", person=None)
    if given.get("answer"):
        asked = replace(asked, answer=_answer(schema, given["answer"]))
        if order in OF_OBJECTS:
            raise Invalid(_("Whole items have no size to order by."), fields={"order": "newest, score, person or disagreement"})
    else:
        label = given.get("label") or next(iter(schema.labels), "")
        if given.get("label") and label not in schema.labels:
            raise Invalid(_("There is no such label."), fields={"label": "not in the label schema"})
        asked = replace(asked, label=label)
    compile_query(asked.q, project.pk)
    return replace(asked, batch=None)


def _answer(schema: Any, given: str) -> tuple[str, str]:
    name, _equals, option = canonical.check_text(given).partition("=")
    attribute = schema.item.get(name)
    if attribute is None or attribute.type != "choice" or option not in attribute.options:
        raise Invalid(_("There is no such answer."), fields={"answer": "name=option of an item attribute that is a choice"})
    return name, option
