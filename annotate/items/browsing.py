"""Looking through items: the query language over what the actor may see, sorted by keys that page without counting."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from annotate.items import sparse
from annotate.items.models import Item
from annotate.items.queries import sees_all, visible
from annotate.kernel.errors import Denied, Invalid
from annotate.kernel.paging import after
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.search.columns import probing

# What lists may be sorted by: every key is never null and the last is unique.
SORTS: dict[str, tuple[str, ...]] = {
    "newest": ("-id",),
    "oldest": ("id",),
    "created": ("id",),
    "-created": ("-id",),
    "key": ("key", "id"),
    "-key": ("-key", "-id"),
    "group": ("group", "key", "id"),
}


def browse(actor: Actor, project: Project, q: str = "", sort: str = "") -> tuple[QuerySet[Item], tuple[str, ...]]:
    """The items of a project that match `q`, and the keys to page them by; `Invalid` on a bad query or sort.

    Who sees only their own items may not ask: a query is answered from everybody's labels, and would tell of them.
    """
    keys = SORTS.get(sort or "newest")
    if keys is None:
        raise Invalid(f"sort must be one of {', '.join(SORTS)}", fields={"sort": "unknown"})
    rows = visible(actor, project)
    if q.strip():
        if not sees_all(actor, project):
            raise Denied(_("queries are for those who see all items of the project"), code="query")
        condition = compiled(q, project.pk)
        rows = rows.filter(sparse.at_once(project.pk, condition) if sparse.few(project.pk, q, lambda: condition) else condition)
    return rows, keys


def walk(actor: Actor, project: Project, q: str) -> tuple[QuerySet[Item], Q] | None:
    """What `browse` found, as `page` wants it for its `walk`; None for a query of the items' own columns, which the database
    answers well by itself, and for one that few items match. Ask `browse` first."""
    if not q.strip() or sparse.few(project.pk, q, lambda: compiled(q, project.pk)):
        return None
    with probing() as asked:
        condition = compiled(q, project.pk)
    return (visible(actor, project), condition) if asked else None


def compiled(q: str, project_id: int) -> Any:
    """The condition of a query."""
    from annotate.search.compile import compile_query

    return compile_query(q, project_id)


def counts_by(rows: QuerySet[Item], name: str) -> dict[str, int]:
    """How many of the items there are of each value of a column."""
    return dict(rows.order_by().values_list(name).annotate(n=Count("pk")))


def few(project_id: int, most: int) -> bool:
    """Whether a project has at most so many items; looks at no more than that."""
    return Item.objects.filter(project_id=project_id).order_by().values("pk")[: most + 1].count() <= most


def _beyond(keys: tuple[str, ...], item: Item) -> Q:
    """Items after `item` in the order of `keys`."""
    return after(keys, [getattr(item, key.removeprefix("-")) for key in keys])


def neighbours(actor: Actor, item: Item, q: str = "", sort: str = "") -> tuple[int | None, int | None]:
    """Ids of the items before and after this one in a list; the whole project's newest first when the list cannot be had."""
    try:
        rows, keys = browse(actor, item.project, q, sort)
    except (Invalid, Denied):
        rows, keys = browse(actor, item.project)
    turned = tuple(key[1:] if key.startswith("-") else f"-{key}" for key in keys)
    ids = rows.values_list("pk", flat=True)
    before = ids.filter(_beyond(turned, item)).order_by(*turned).first()
    return before, ids.filter(_beyond(keys, item)).order_by(*keys).first()
