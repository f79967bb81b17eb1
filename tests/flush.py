"""Emptying the database between transactional tests, although frozen tables refuse to be truncated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql.operations import DatabaseOperations

_plain_flush = DatabaseOperations.sql_flush


def _flush(self: Any, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    if not tables:
        return []
    return [
        "SET LOCAL session_replication_role = replica",
        *_plain_flush(self, style, [*tables, "annotate_activity"], **options),
        "SET LOCAL session_replication_role = DEFAULT",
    ]


def install() -> None:
    DatabaseOperations.sql_flush = _flush  # type: ignore[method-assign,assignment]
