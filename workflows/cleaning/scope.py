"""Which items a run looks at, as SQL that every column is read with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from annotate.items.models import Item
from annotate.projects.models import Project
from annotate.search.compile import compile_query


@dataclass(frozen=True)
class Scope:
    """Items of a project, of one `batch` where that is given, that match `q`; up to the item `last`. Never erased ones."""

    project: Project
    batch: int | None = None
    q: str = ""
    last: int = 2**62

    @property
    def whole(self) -> bool:
        """Whether it is all items of the project."""
        return self.batch is None and not self.q.strip()

    def items(self) -> QuerySet[Item]:
        rows = Item.objects.filter(project_id=self.project.pk, pk__lte=self.last).exclude(state="erased").order_by()
        if self.batch is not None:
            rows = rows.filter(batch_id=self.batch)
        return rows.filter(compile_query(self.q, self.project.pk)) if self.q.strip() else rows

    @cached_property
    def ids(self) -> tuple[str, tuple[Any, ...]]:
        """SQL of the items' ids, with its values."""
        try:
            return self.items().values("id").query.sql_with_params()
        except EmptyResultSet:
            return "SELECT id FROM annotate_item WHERE false", ()

    def within(self, alias: str = "i") -> tuple[str, tuple[Any, ...]]:
        """A condition on rows of `annotate_item`; plain columns where there is no query, so that nothing is joined for it."""
        if self.q.strip():
            statement, values = self.ids
            return f"{alias}.id IN ({statement})", values
        condition = f"{alias}.project_id = %s AND {alias}.state <> 'erased' AND {alias}.id <= %s"
        if self.batch is None:
            return condition, (self.project.pk, self.last)
        return f"{condition} AND {alias}.batch_id = %s", (self.project.pk, self.last, self.batch)
