"""The database itself refuses to change what is only added to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from annotate.activity.models import Activity

FROZEN = ("annotate_annotation", "annotate_schemaversion", "annotate_review", "annotate_adjudication", "workflows_shard", "workflows_versionshard", "workflows_tag")


def refused(sql: str) -> None:
    with pytest.raises(DatabaseError, match=r"only added to|never changes|refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


@pytest.mark.parametrize("table", [*FROZEN, "annotate_activity", "workflows_version"])
def test_truncating_a_frozen_table_is_refused(world: Any, table: str) -> None:
    refused(f"TRUNCATE {table} CASCADE")


def test_a_schema_version_cannot_be_changed_or_deleted(world: Any) -> None:
    refused("UPDATE annotate_schemaversion SET document = '{}'")
    refused("DELETE FROM annotate_schemaversion")


def test_an_activity_row_cannot_be_changed_or_deleted(world: Any) -> None:
    assert Activity.objects.exists()
    refused("UPDATE annotate_activity SET verb = 'other'")
    refused("DELETE FROM annotate_activity")


@pytest.mark.django_db(transaction=True)
def test_transactional_tests_begin_with_an_empty_database() -> None:
    assert not Activity.objects.exists()
