"""Emptying the database between transactional tests, although frozen tables refuse to lose rows.

To delete no rows costs nothing, while to truncate a table makes new files for it and its indexes, however empty it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations

# What migrating makes is the same before and after; the signal that would make it again is not sent.
KEPT = {"django_content_type", "auth_permission"}


def _flush(self: Any, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
    if not tables:
        return []
    names = [self.quote_name(table) for table in [*tables, "annotate_activity"] if table not in KEPT]
    # The lock waits, as truncating does, for whoever writes still: a killed process's last statement, a page's last call.
    words = [
        "SET LOCAL session_replication_role = replica",
        f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE",
        *(f"DELETE FROM {name}" for name in names),
        "SET LOCAL session_replication_role = DEFAULT",
    ]
    return [";\n".join(words)]


def install() -> None:
    DatabaseOperations.sql_flush = _flush  # type: ignore[method-assign,assignment]
    flush.emit_post_migrate_signal = lambda *_arguments, **_options: None  # type: ignore[assignment]
