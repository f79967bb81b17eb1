"""What stands in two splits: groups, the same bytes, look-alikes. Counted in the cut's snapshot; named from a frozen version's own rows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from django.db import connection

from workflows.releases import parquet, reading, shards
from workflows.releases.models import Version
from workflows.releases.placing import Placement, likenesses, unit
from workflows.releases.stratifying import standing

_AGAIN = "GROUP BY 1 HAVING count(*) > 1"
COPIED = f"SELECT media FROM sluice_cut WHERE media IS NOT NULL {_AGAIN}"
# Digests that stand at two items, among which is all that may leak, by what is read: all that there is; all, which was copied; where nothing leaked
# before, those of what was copied, which stand there twice or at one of the rest too.
ALL = f"SELECT sha256 FROM annotate_item WHERE project_id = %(project)s AND sha256 IS NOT NULL {_AGAIN}"
NEW = "SELECT media FROM sluice_cut"
# Items are read once: the few with such digests are kept, and looked through for what is there twice.
_NEAR = f"WITH i AS MATERIALIZED ({{near}}) SELECT encode(i.sha256, 'hex'), {{unit}}, {{meta}} FROM i WHERE i.sha256 IN (SELECT sha256 FROM i {_AGAIN})"


def counts(
    recipe: Mapping[str, Any], placement: Placement, select: Callable[..., tuple[str, dict[str, Any]]], project_id: int, *, only: str
) -> dict[str, int]:
    """{"groups", "same_bytes", and "near_duplicates" where some are known}: how many are in more than one split. `only` is `ALL`, `COPIED` or `NEW`."""
    if not (recipe["splits"] or recipe.get("field")):
        return {"groups": 0, "same_bytes": 0}
    meta = "i.meta::text" if recipe.get("field") else "NULL::text"
    found = {"groups": 0, "same_bytes": 0}
    if only == NEW:
        near, values = select("i.sha256, i.key, i.group_key, i.meta", more=f"AND i.sha256 IN ({NEW})")
        found["same_bytes"] = _split(placement, _NEAR.format(near=near, unit=unit(recipe), meta=meta), values)
    elif _any(only, project_id):
        found["same_bytes"] = _split(placement, *select(f"encode(i.sha256, 'hex'), {unit(recipe)}, {meta}", more=f"AND i.sha256 IN ({only})"))
    if recipe["by"] == "item" or recipe.get("field"):
        some = "AND i.group_key IN (SELECT group_key FROM sluice_cut)" if only == NEW else ""
        sql, values = select(f"i.group_key, {unit(recipe)}, {meta}", more=f"AND i.group_key <> '' {some}")
        found["groups"] = _split(placement, sql, values)
    alike = [set(ask(project_id)) for _name, ask in likenesses]
    if any(alike):
        sql, values = select(f"i.id, {unit(recipe)}, {meta}", more="AND i.id = ANY(%(some)s)")
        at = {
            item: split
            for items, splits in _placed(
                placement, sql, values | {"some": sorted({pk for pairs in alike for pair in pairs for pk in pair})}
            )
            for item, split in zip(items, splits, strict=True)
            if split is not None
        }
        apart = {pair for pairs in alike for pair in standing(pairs, at) if at[pair[0]] != at[pair[1]]}
        found["near_duplicates"] = len(apart)
    return found


def _any(sql: str, project_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({sql})", {"project": project_id})
        return bool(cursor.fetchone()[0])


def _split(placement: Placement, sql: str, values: dict[str, Any]) -> int:
    """How many of the first column's values have rows in two splits or more."""
    first: dict[Any, str | None] = {}
    leaked = set()
    for names, splits in _placed(placement, sql, values):
        for name, split in zip(names, splits, strict=True):
            if split is not None and first.setdefault(name, split) != split:
                leaked.add(name)
    return len(leaked)


def _placed(placement: Placement, sql: str, values: dict[str, Any]) -> Iterator[tuple[list[Any], list[str | None]]]:
    import numpy as np

    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(5000):
            metas = [orjson.loads(row[2]) if row[2] else {} for row in rows]
            yield [row[0] for row in rows], placement.of(np.array([row[1] for row in rows], dtype=np.int64), metas)


def report_lines(version: Version) -> Iterator[bytes]:
    """NDJSON from the version's own rows: {"kind": group, same_bytes or a likeness, "name", "splits": {split: [keys]}} for each that stands in
    two splits. Two columns are read first, keys of what leaks after; erased items are in no line."""
    for kind, column in (("group", "group"), ("same_bytes", "media_sha256")):
        for name, at in _leaks(version, column):
            yield (
                orjson.dumps({"kind": kind, "name": name.hex() if isinstance(name, bytes) else name, "splits": at})
                + b"\n"
            )
    pairs = {kind: set(ask(version.dataset.project_id)) for kind, ask in likenesses}
    wanted = {item for found in pairs.values() for pair in found for item in pair}
    where = (
        {item: (key, split) for item, key, split in _columns(version, ("item_id", "key", "split")) if item in wanted}
        if wanted
        else {}
    )
    for kind, found in sorted(pairs.items()):
        for one, other in standing(found, where):
            if where[one][1] != where[other][1]:
                at = {split: [key] for key, split in sorted((where[one], where[other]), key=lambda each: each[1])}
                yield orjson.dumps({"kind": kind, "name": None, "splits": at}) + b"\n"


def _leaks(version: Version, column: str) -> Iterator[tuple[Any, dict[str, list[str]]]]:
    first: dict[bytes, str] = {}
    leaked: set[bytes] = set()
    for name, split in _columns(version, (column, "split")):
        if name:
            short = hashlib.sha256(name if isinstance(name, bytes) else name.encode()).digest()[:12]
            if first.setdefault(short, split) != split:
                leaked.add(short)
    if not leaked:
        return
    found: dict[Any, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, split, key in _columns(version, (column, "split", "key")):
        if name and hashlib.sha256(name if isinstance(name, bytes) else name.encode()).digest()[:12] in leaked:
            found[name][split].append(key)
    yield from ((name, dict(sorted(at.items()))) for name, at in sorted(found.items()))


def _columns(version: Version, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    for shard_id in reading.shard_ids(version):
        with shards.opened(shard_id) as file:
            yield from parquet.values(file, names)
