"""What the API says of slices, datasets, versions, tags and rows: plain data."""

from __future__ import annotations

from typing import Any

import orjson

from workflows.releases.models import Dataset, Slice, Tag, Version, VersionShard
from workflows.releases.rows import Row


def present_slice(one: Slice) -> dict[str, Any]:
    return {
        "id": one.pk,
        "project": one.project_id,
        "name": one.name,
        "q": one.q,
        "created_by": one.created_by_id,
        "created_at": one.created_at,
    }


def present_dataset(one: Dataset) -> dict[str, Any]:
    return {
        "id": one.pk,
        "project": one.project_id,
        "name": one.name,
        "licence": one.licence,
        "created_by": one.created_by_id,
        "created_at": one.created_at,
    }


def present_version(one: Version) -> dict[str, Any]:
    """`parent` is the id of the version before, `parent_number` its number; `hash` the root in hex."""
    schema, parent = one.schema_version, one.parent
    return {
        "id": one.pk,
        "dataset": one.dataset_id,
        "number": one.number,
        "state": one.state,
        "hash": one.root.hex() if one.root else None,
        "parent": one.parent_id,
        "parent_number": parent.number if parent else None,
        "message": one.message,
        "q": one.q,
        "recipe": one.recipe,
        "counts": one.counts,
        "splits": one.splits,
        "facts": {name: said for name, said in one.facts.items() if name != "basis"},
        "schema": {"id": schema.pk, "number": schema.number, "digest": schema.digest.hex()} if schema else None,
        "created_by": one.created_by_id,
        "created_at": one.created_at,
        "frozen_at": one.frozen_at,
    }


def present_shard(one: VersionShard) -> dict[str, Any]:
    """A range: `digest` is its part of the root, `file` the sha256 of the Parquet file that encodes it now."""
    shard = one.shard
    return {
        "ordinal": one.ordinal,
        "digest": _hex(one.digest),
        "file": shard.file_sha256.hex(),
        "rows": shard.rows,
        "size": shard.size,
        "first_key": one.first_key,
        "last_key": one.last_key,
    }


def present_tag(one: Tag) -> dict[str, Any]:
    return {
        "id": one.pk,
        "dataset": one.dataset_id,
        "name": one.name,
        "version": one.version_id,
        "number": one.version.number,
        "created_by": one.created_by_id,
        "created_at": one.created_at,
    }


def _hex(digest: bytes | None) -> str | None:
    return None if digest is None else digest.hex()


def present_row(row: Row) -> dict[str, Any]:
    """A row as JSON; of a tombstone only its item's id, split and leaf."""
    if row.erased:
        return {"key": row.key, "item": row.item_id, "split": row.split, "leaf": row.leaf.hex(), "erased": True}
    return {
        "key": row.key,
        "item": row.item_id,
        "batch": row.batch,
        "group": row.group,
        "frame": row.frame,
        "split": row.split,
        "width": row.width,
        "height": row.height,
        "sha256": _hex(row.media_sha256),
        "uri": row.uri,
        "text": row.text,
        "meta": row.meta,
        "annotation_id": row.annotation_id,
        "revision": row.revision,
        "annotation": orjson.loads(row.document),
        "schema_number": row.schema_number,
        "provenance": row.provenance,
        "leaf": row.leaf.hex(),
        "erased": False,
    }
