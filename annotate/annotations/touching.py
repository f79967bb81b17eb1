"""Which items a change of the schema may touch: asked of what is derived for search, so that no document is read for it."""

from __future__ import annotations

from typing import Any

from django.db import connection

from annotate.annotations.live import IS_LIVE
from annotate.annotations.models import SchemaChange
from annotate.labels.mapping import Interest

_LABELS = "EXISTS (SELECT 1 FROM annotate_labelcount n WHERE n.item_id = c.item_id AND n.label = ANY(%(labels)s))"
# Revisions that count but are not shown: an answer that waits for its verdict, other people's answers to the same item.
_OTHERS = f"""
SELECT a.item_id FROM annotate_annotation a
JOIN annotate_item i ON i.id = a.item_id
JOIN annotate_schemaversion s ON s.id = a.schema_version_id
JOIN annotate_currentannotation c ON c.item_id = a.item_id AND c.annotation_id <> a.id
WHERE i.project_id = %(project)s AND a.item_id > %(after)s AND s.project_id = %(project)s AND s.number < %(number)s AND {IS_LIVE}
"""
_LATE = """
SELECT DISTINCT a.item_id FROM annotate_annotation a
JOIN annotate_schemaversion s ON s.id = a.schema_version_id
WHERE a.source <> 'gold' AND a.id > %(watermark)s AND a.item_id > %(after)s AND s.project_id = %(project)s AND s.number < %(number)s
  AND s.number >= %(least)s
  AND NOT EXISTS (SELECT 1 FROM annotate_mappedrevision r WHERE r.change_id = %(change)s AND r.before_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM annotate_mappedrevision r WHERE r.change_id = %(change)s AND r.after_id = a.id)
ORDER BY a.item_id LIMIT %(limit)s
"""
# What an undo may touch: what the change wrote, and what was answered since under the versions that speak its words.
_SINCE = f"""
SELECT a.item_id FROM annotate_annotation a
JOIN annotate_item i ON i.id = a.item_id
JOIN annotate_schemaversion s ON s.id = a.schema_version_id
WHERE i.project_id = %(project)s AND a.item_id > %(after)s AND s.project_id = %(project)s
  AND s.number >= %(least)s AND s.number < %(number)s AND {IS_LIVE}
UNION SELECT r.item_id FROM annotate_mappedrevision r
WHERE r.change_id = %(change)s AND r.outcome = 'mapped' AND r.item_id > %(after)s
"""
# Transactions that are older than this do not exist here: statements and requests have shorter limits.
_WATERMARK = """
SELECT id FROM annotate_annotation WHERE created_at < clock_timestamp() - interval '10 minutes' ORDER BY id DESC LIMIT 1
"""
_PINNED = """
SELECT count(*) FROM annotate_lease l JOIN annotate_schemaversion s ON s.id = l.schema_version_id
WHERE s.project_id = %(project)s AND s.number >= %(least)s AND s.number < %(number)s AND l.ended_at IS NULL AND l.expires_at > clock_timestamp() - %(grace)s::interval
"""


def shown(interest: Interest) -> tuple[str, dict[str, Any]]:
    """(SQL condition on `annotate_currentannotation c`, its values); it never holds when nothing is of interest."""
    parts: list[str] = []
    values: dict[str, Any] = {"labels": list(interest.labels)}
    if interest.labels:
        parts.append(_LABELS)
    for column, paths in (("objects_index", interest.objects), ("item_attributes", interest.item)):
        for path in paths:
            name = f"path{len(values)}"
            values[name] = path
            parts.append(f"c.{column} @? %({name})s::jsonpath")
    return "(" + (" OR ".join(parts) or "false") + ")", values


def _ids(statement: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


def candidates(change: SchemaChange, interest: Interest, *, after: int, number: int, limit: int) -> list[int]:
    """The next items, by id, whose revisions may be touched."""
    condition, values = shown(interest)
    values |= {"project": change.project_id, "after": after, "number": number, "limit": limit}
    seen = _ids(
        f"""
        SELECT c.item_id FROM annotate_currentannotation c
        WHERE c.project_id = %(project)s AND c.item_id > %(after)s AND {condition} ORDER BY c.item_id LIMIT %(limit)s
        """,
        values,
    )
    # No further than that for the others, so that each chunk looks at its own part of the project.
    until = {"until": seen[-1] if len(seen) == limit else 2**63 - 1}
    others = _ids(f"{_OTHERS} AND a.item_id <= %(until)s ORDER BY a.item_id LIMIT %(limit)s", values | until)
    return sorted({*seen, *others})[:limit]


def how_many(change: SchemaChange, interest: Interest, *, number: int) -> int:
    """How many items `candidates` will give in all."""
    condition, values = shown(interest)
    values |= {"project": change.project_id, "after": 0, "number": number}
    return _ids(
        f"""
        SELECT count(*) FROM (
            SELECT c.item_id FROM annotate_currentannotation c WHERE c.project_id = %(project)s AND {condition}
            UNION {_OTHERS}) AS found
        """,
        values,
    )[0]


def since(change: SchemaChange, *, after: int, limit: int) -> list[int]:
    """The next items, by id, whose revisions may have to be put back into the words of before the change."""
    return _ids(f"{_SINCE} ORDER BY item_id LIMIT %(limit)s", _undoing(change) | {"after": after, "limit": limit})


def how_many_since(change: SchemaChange) -> int:
    """How many items `since` will give in all."""
    return _ids(f"SELECT count(*) FROM ({_SINCE}) AS found", _undoing(change) | {"after": 0})[0]


def _undoing(change: SchemaChange) -> dict[str, Any]:
    number = change.restored.number if change.restored else 0
    return {"project": change.project_id, "change": change.pk, "least": change.after.number, "number": number}


def late(change: SchemaChange, *, least: int, number: int, after: int, limit: int) -> list[int]:
    """The next items, by id, with revisions that came after the change's watermark under a version from `least` up to before `number`."""
    values = {"watermark": change.watermark, "project": change.project_id, "least": least, "number": number, "after": after}
    values |= {"change": change.pk, "limit": limit}
    return _ids(_LATE, values)


def watermark() -> int:
    """An annotation such that every one before it is there for all to see."""
    return next(iter(_ids(_WATERMARK, {})), 0)


def pinned(project_id: int, *, least: int = 0, number: int, grace: str = "0 seconds") -> int:
    """Leases that are answered still under a version from `least` up to before `number`."""
    return _ids(_PINNED, {"project": project_id, "least": least, "number": number, "grace": grace})[0]
