"""Work that was begun under another schema, in the words of the one that is answered under now: drafts that outlived their
lease, returned answers, models' proposals. Nothing stored changes; who submits says it in the new words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annotate.annotations.models import SchemaChange
from annotate.annotations.schemas import Parsed, parsed
from annotate.kernel import canonical
from annotate.labels.mapping import mapped, unnamed
from annotate.labels.operations import Operation, read
from annotate.labels.unmapping import new_by_split, unmapped


@dataclass(frozen=True)
class _Leg:
    """A change that led on from version `since` - 1; undone with version `until`, if it was by then. `number`: where it leads to."""

    since: int
    until: int | None
    operations: tuple[Operation, ...]
    split: Mapping[int, frozenset[str]]

    @property
    def number(self) -> int:
        return self.until or self.since

    def meets(self, number: int) -> bool:
        """Whether what was said under this version goes along it: a change and its undo are no way for what is older than both."""
        return number < self.since if self.until is None else self.since <= number < self.until

    def taken(self, document: Mapping[str, Any]) -> dict[str, Any]:
        if self.until is None:
            return mapped(document, [one for one in self.operations if one.lossless]).document
        return unmapped(document, self.operations, split=self.split)


@lru_cache(maxsize=512)
def _path(schema_version_id: int, project_id: int, number: int) -> tuple[tuple[_Leg, ...], tuple[int, ...]]:
    """(the changes up to the version in the order of the versions that they lead to; ids of the versions between, newest first)."""
    legs: list[_Leg] = []
    versions: dict[int, int] = {}
    rows = SchemaChange.objects.filter(project_id=project_id, after__number__lte=number).select_related("before", "after", "restored")
    for row in rows:
        until = row.restored if row.restored and row.restored.number <= number else None
        operations = read(row.operations)
        legs.append(_Leg(row.after.number, until.number if until else None, tuple(operations), new_by_split(operations, row.before.content)))
        versions |= {one.number: one.pk for one in (row.before, row.after, until) if one is not None}
    ids = tuple(versions[one] for one in sorted(versions, reverse=True))
    return tuple(sorted(legs, key=lambda leg: leg.number)), ids


def in_words_of(version: Parsed, document: dict[str, Any], project_id: int, said: int | None = None) -> dict[str, Any]:
    """The document with names that the version does not have replaced by what they became; others stay as they are.

    `said`: the id of the version that it was said under. Where that is not known it is the newest in which it says the least
    by strange names, for a name that went may have come back with another meaning.
    """
    legs, versions = _path(version.id, project_id, version.number)
    strange = len(unnamed(document, version.schema)) if legs else 0
    if not strange:
        return document
    under = parsed(said) if said else min(map(parsed, versions), key=lambda one: len(unnamed(document, one.schema)))
    made: Mapping[str, Any] = document
    for leg in legs:
        if leg.meets(under.number):
            made = leg.taken(made)
    return {**document, **made} if len(unnamed(made, version.schema)) < strange else document


def texts_in_words_of(version: Parsed, rows: Iterable[tuple[int, str, int]], project_id: int) -> dict[int, str]:
    """The same of many: (id, text, the version that it was said under) → id: text."""
    if not _path(version.id, project_id, version.number)[0]:
        return {made: text for made, text, _said in rows}
    return {made: text_in_words_of(version, text, project_id, said) for made, text, said in rows}


def text_in_words_of(version: Parsed, text: str, project_id: int, said: int | None = None) -> str:
    """The same of a document as JSON; the very text where no name has ever changed."""
    if not _path(version.id, project_id, version.number)[0]:
        return text
    return canonical.dumps(in_words_of(version, canonical.loads_strict(text), project_id, said))
