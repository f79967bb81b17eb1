"""A query that cannot be read: where it goes wrong, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from django.utils.translation import gettext as _

from annotate.kernel.errors import Invalid


class QueryError(Invalid):
    """`column` counts characters from 1; one past the end when something is missing there."""

    code, title = "query", "The query cannot be read"

    def __init__(self, detail: str, column: int) -> None:
        said = _("Column %(column)d: %(detail)s") % {"column": column, "detail": detail}
        super().__init__(said, fields={"q": said}, extra={"column": column})
        self.column = column


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most like `name`, or an empty text."""
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.55)
    return by_lower[found[0]] if found else ""
