"""What an item shows now, derived from its annotations and approval: kept by every write, rebuilt by `refresh`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import transaction

from annotate.annotations.shape import Shape, shape_of
from annotate.kernel import sql

CHUNK = 500

_LOCK = "SELECT id FROM annotate_item WHERE id = ANY(%(items)s::bigint[]) ORDER BY id FOR NO KEY UPDATE"
_NOW = """
SELECT i.id, i.project_id, a.id, a.document
FROM annotate_item i
JOIN LATERAL (
    SELECT n.id, n.document FROM annotate_annotation n
    WHERE n.item_id = i.id AND n.number > 0
    ORDER BY n.id IS DISTINCT FROM (SELECT p.annotation_id FROM annotate_approval p WHERE p.item_id = i.id AND p.ended_at IS NULL), n.number DESC LIMIT 1
) a ON true
WHERE i.id = ANY(%(items)s::bigint[]) AND i.state <> 'erased'
"""
_UNCOUNT = "DELETE FROM annotate_labelcount WHERE item_id = ANY(%(items)s::bigint[])"
_FORGET = f"""
WITH counts AS ({_UNCOUNT})
DELETE FROM annotate_currentannotation WHERE item_id = ANY(%(items)s::bigint[])
"""
# Nearly always there is a row, or none; asked for beforehand, a row is not locked and then written, but written.
SHOW = """
WITH shape AS MATERIALIZED (
    SELECT s.n, s.objects::jsonb AS objects, s.attributes::jsonb AS attributes
    FROM unnest(%(objects)b::text[], %(attributes)b::text[]) WITH ORDINALITY AS s(objects, attributes, n)
), now AS MATERIALIZED (
    SELECT v.item, v.project, v.annotation, s.objects, s.attributes
    FROM unnest(%(items)s::bigint[], %(projects)s::bigint[], %(annotations)s::bigint[], %(shapes)s::bigint[]) AS v(item, project, annotation, shape)
    JOIN shape s ON s.n = v.shape
), there AS (
    UPDATE annotate_currentannotation c SET annotation_id = v.annotation, project_id = v.project, objects_index = v.objects, item_attributes = v.attributes
    FROM now v WHERE c.item_id = v.item RETURNING c.item_id
)
INSERT INTO annotate_currentannotation (item_id, project_id, annotation_id, objects_index, item_attributes)
SELECT v.item, v.project, v.annotation, v.objects, v.attributes FROM now v WHERE v.item NOT IN (SELECT item_id FROM there)
"""
# Most of what is shown anew has the labels that it had: those rows are left as they are.
COUNT = """
WITH now AS (
    SELECT v.project, v.label, v.n, v.item
    FROM unnest(%(projects)s::bigint[], %(labels)b::text[], %(counts)s::int[], %(items)s::bigint[]) AS v(project, label, n, item)
), other AS MATERIALIZED (
    SELECT coalesce(v.item, c.item_id) AS item, coalesce(v.label, c.label) AS label, v.project, v.n
    FROM now v FULL JOIN (SELECT item_id, label, n FROM annotate_labelcount WHERE item_id = ANY(%(all)s::bigint[])) c
         ON c.item_id = v.item AND c.label = v.label
    WHERE c.n IS DISTINCT FROM v.n
), dropped AS (
    DELETE FROM annotate_labelcount c USING other o WHERE o.n IS NULL AND c.item_id = o.item AND c.label = o.label
)
INSERT INTO annotate_labelcount (project_id, label, n, item_id)
SELECT o.project, o.label, o.n, o.item FROM other o WHERE o.n IS NOT NULL
ON CONFLICT (item_id, label) DO UPDATE SET n = excluded.n
"""


@transaction.atomic
def refresh(item_ids: Iterable[int]) -> int:
    """Make the current annotation and label counts of these items anew; how many have one. Locks the items.

    Call it after an approval, its end, or an erasure, in the same transaction.
    """
    wanted = sorted(set(item_ids))
    shown = 0
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        sql.rows(_LOCK, {"items": part})
        found = [(item, project, annotation, shape_of(json.loads(text))) for item, project, annotation, text in sql.rows(_NOW, {"items": part})]
        if gone := list(set(part) - {each[0] for each in found}):
            sql.rows(_FORGET, {"items": gone})
        show(found)
        shown += len(found)
    return shown


def show(found: list[tuple[int, int, int, Shape]]) -> None:
    """Write (item, project, annotation, shape) rows as current. The caller holds the items' locks."""
    if not found:
        return
    shapes: dict[tuple[str, str], int] = {}  # most items look like others
    which = [shapes.setdefault((shape.objects, shape.attributes), len(shapes) + 1) for *_ids, shape in found]
    sql.rows(
        SHOW,
        {
            "items": [item for item, _project, _annotation, _shape in found],
            "projects": [project for _item, project, _annotation, _shape in found],
            "annotations": [annotation for _item, _project, annotation, _shape in found],
            "shapes": which,
            "objects": [objects for objects, _attributes in shapes],
            "attributes": [attributes for _objects, attributes in shapes],
        },
    )
    counts = [
        (project, label, n, item)
        for item, project, _annotation, shape in found
        for label, n in zip(shape.labels, shape.counts, strict=True)
    ]
    if not counts:
        sql.rows(_UNCOUNT, {"items": [each[0] for each in found]})
        return
    projects, labels, ns, items = (list(column) for column in zip(*counts, strict=True))
    sql.rows(COUNT, {"projects": projects, "labels": labels, "counts": ns, "items": items, "all": [each[0] for each in found]})
