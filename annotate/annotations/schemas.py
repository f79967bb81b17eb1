"""Parsed schema versions, kept by id: a version never changes, so each process parses it once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annotate.labels.schema import Schema, parse
from annotate.projects.models import SchemaVersion


@dataclass(frozen=True)
class Parsed:
    id: int
    number: int
    document: dict[str, Any]
    schema: Schema


@lru_cache(maxsize=512)
def parsed(schema_version_id: int) -> Parsed:
    """The version, its document, and what `labels.schema.parse` makes of it. Do not change what it holds."""
    version = SchemaVersion.objects.get(pk=schema_version_id)
    return Parsed(version.pk, version.number, version.content, parse(version.content))
