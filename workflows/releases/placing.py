"""Where the rows of a version go: by hash, by a field of theirs, or by a recipe that looks at the others and then stays with its places.

The last kind is worked out in the cut's snapshot. What is there already, in `SplitPlace`, stays where it is whatever comes; new units
are put around it, and their places are stored when the version freezes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Max

from annotate.kernel.registry import Registry
from workflows.releases import splits, stratifying
from workflows.releases.models import SplitPlace, Version

UNITS = """
DROP TABLE IF EXISTS sluice_units;
CREATE TEMPORARY TABLE sluice_units (item bigint, unit bigint);
"""
# What keeps items together beyond their group: name → f(project's id) → pairs of items. Rooms above add theirs.
likenesses: Registry[Callable[[int], Iterator[tuple[int, int]]]] = Registry("likenesses")
SAME_BYTES = "same_bytes"


def together() -> list[str]:
    """What a recipe may name under `together`."""
    return [SAME_BYTES, *sorted(name for name, _ask in likenesses)]


@dataclass
class Placement:
    """`of(units, metas)`: the splits of rows, None where a row has no place. `new`: unit → split, to be stored; `seen`: the newest stored place
    that it was worked out from."""

    of: Callable[[Any, Any], list[str | None]]
    new: dict[int, str] = field(default_factory=dict)
    seen: int = 0


def placement(version: Version, select: Callable[..., tuple[str, dict[str, Any]]]) -> Placement:
    recipe = version.recipe
    if recipe.get("field"):
        name, place = recipe["field"]["field"].removeprefix("meta."), splits.by_value(recipe["field"])
        return Placement(lambda units, metas: [place(meta.get(name)) or None for meta in metas])
    if not (recipe.get("stratify") or recipe.get("together")):
        return Placement(lambda units, metas: list(splits.hashed(units, recipe["splits"])))
    return _stored(version, select)


def seen(version: Version) -> int:
    """The newest place stored under the version's recipe; another one than a cut has seen means that it must be made again."""
    rows = SplitPlace.objects.filter(dataset_id=version.dataset_id, scheme=splits.scheme(version.recipe))
    return int(rows.aggregate(newest=Max("pk"))["newest"] or 0)


def store(version: Version, found: Placement) -> None:
    mark = splits.scheme(version.recipe)
    rows = [SplitPlace(dataset_id=version.dataset_id, scheme=mark, unit=unit, split=name) for unit, name in sorted(found.new.items())]
    SplitPlace.objects.bulk_create(rows, batch_size=5000)


def _stored(version: Version, select: Callable[..., tuple[str, dict[str, Any]]]) -> Placement:
    import numpy as np

    recipe, newest = version.recipe, seen(version)
    sql, values = select(f"i.id, {unit(recipe)}")
    _run(f"INSERT INTO sluice_units {sql}", values)
    rows = SplitPlace.objects.filter(dataset_id=version.dataset_id, scheme=splits.scheme(recipe)).values_list("unit", "split")
    old: dict[int, str] = dict(rows)
    new = {unit for (unit,) in _rows("SELECT DISTINCT unit FROM sluice_units")} - old.keys()
    hang = stratifying.joined(_links(version, recipe.get("together") or []))
    made = _places(version, recipe, old, new, hang)
    found = old | made
    units = np.fromiter(found, dtype=np.int64, count=len(found))
    order = np.argsort(units)
    names = sorted(recipe["splits"])
    at = np.fromiter((names.index(name) for name in found.values()), dtype=np.uint8, count=len(found))[order]
    units = units[order]
    return Placement(lambda some, metas: [names[n] for n in at[np.searchsorted(units, some)].tolist()], made, newest)


def _places(version: Version, recipe: Mapping[str, Any], old: Mapping[int, str], new: set[int], hang: Mapping[int, int]) -> dict[int, str]:
    """Unit → split of the new ones. What hangs together with something that is placed goes there; the rest is one unit."""
    told: dict[int, list[int]] = defaultdict(list)
    for unit, top in hang.items():
        if unit in old:
            told[top].append(unit)
    made: dict[int, str] = {}
    leads: dict[int, int] = {}
    for unit in sorted(new):
        top = hang.get(unit, unit)
        if told.get(top):
            made[unit] = old[min(told[top])]
        else:
            leads[unit] = top
    tops = sorted(set(leads.values()))
    if recipe.get("stratify"):
        counts, placed = _counts(version, recipe, {**old, **made}, leads)
        at = stratifying.places(counts, placed, recipe["splits"])
    else:
        at = dict(zip(tops, splits.hashed(tops, recipe["splits"]), strict=True))
    return made | {unit: at[top] for unit, top in leads.items()}


def _counts(version: Version, recipe: Mapping[str, Any], old: Mapping[int, str], leads: Mapping[int, int]) -> tuple[dict[int, dict[str, int]], dict[str, dict[str, int]]]:
    """(lead → label → objects of what is to be placed, split → label → what is there): items count under `ITEMS`."""
    names = recipe.get("labels") or {}
    new: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    placed: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    if recipe["stratify"] == "label":
        sql = "SELECT u.unit, l.label, sum(l.n) FROM sluice_units u JOIN annotate_labelcount l ON l.item_id = u.item WHERE l.project_id = %(project)s GROUP BY 1, 2"
    else:
        sql = "SELECT u.unit, i.meta ->> %(field)s, count(*) FROM sluice_units u JOIN annotate_item i ON i.id = u.item GROUP BY 1, 2"
    values = {"project": version.dataset.project_id, "field": recipe["stratify"].removeprefix("meta.")}
    counted = _rows("SELECT unit, '' AS label, count(*) FROM sluice_units GROUP BY 1", {}) + _rows(sql, values)
    for unit, label, n in counted:
        label = names.get(label, label) if recipe["stratify"] == "label" else label
        if label is not None:
            (new[leads[unit]] if unit in leads else placed[old[unit]])[label] += int(n)
    return new, placed


def _links(version: Version, wanted: list[str]) -> Iterator[tuple[int, int]]:
    if SAME_BYTES in wanted:
        yield from _rows(
            "SELECT DISTINCT u.unit, min(u.unit) OVER (PARTITION BY i.sha256) FROM sluice_units u JOIN annotate_item i ON i.id = u.item WHERE i.sha256 IS NOT NULL "
            "AND i.sha256 IN (SELECT sha256 FROM annotate_item JOIN sluice_units ON item = id WHERE sha256 IS NOT NULL GROUP BY 1 HAVING count(*) > 1)"
        )
    named = [name for name in wanted if name != SAME_BYTES]
    if named:
        units = dict(_rows("SELECT item, unit FROM sluice_units"))
        for name in named:
            pairs = likenesses.get(name)(version.dataset.project_id)
            yield from ((units[one], units[other]) for one, other in stratifying.standing(pairs, units))


def unit(recipe: Mapping[str, Any]) -> str:
    """`splits.unit_of` of an item i, in SQL."""
    of = "coalesce(nullif(i.group_key, ''), i.key)" if recipe["by"] == "group" else "i.key"
    return f"('x' || left(encode(sha256(convert_to(%(salt)s || '|' || {of}, 'UTF8')), 'hex'), 16))::bit(64)::bigint"


def _run(sql: str, values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _rows(sql: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
