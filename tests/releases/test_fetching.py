"""Rows come out of the database in parts of any size, and make the same ranges whatever the parts are."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from django.db import connection

from annotate.projects.services import change_schema
from tests.releases.conftest import KEYS, ending
from workflows.releases import cutting, fetching, parquet, reading, services
from workflows.releases.rows import Row

pytestmark = pytest.mark.django_db


def test_parts_of_one_block_make_the_version_that_one_part_does(world: Any, approve: Any, cut: Any, monkeypatch: Any) -> None:
    """With rows that stay out at and beside the ends of ranges."""
    out = [ending("ay"), ending("bq"), "b021.jpg", "zz.jpg"]
    approve(KEYS + [f"b{n:03d}.jpg" for n in range(60) if n != 21], meta={"words": [str(n * n) for n in range(150)]})
    approve(out, "sign")
    smaller = {"labels": [label for label in world.schema["labels"] if label["name"] != "sign"]}
    change_schema(world.project, smaller, by=world.actor(world.manager))
    whole, groups = cut(splits={"a": 0.5, "b": 0.5}), parquet.ROW_GROUP
    rows = list(reading.rows(whole))
    assert whole.counts["excluded"] == {"schema": 4} and len(rows) == len(KEYS) + 59
    parts, written, counted = [], list[Row](), parquet.Tally()
    table, store = fetching.Fetched.table, cutting._store

    def stored(built: Any, *rest: Any) -> None:
        content = built.content.result()
        counted.add(content.tally)
        written.extend(parquet.read(content.file))
        store(built, *rest)

    monkeypatch.setattr(cutting, "_store", stored)
    monkeypatch.setattr(fetching.Fetched, "table", lambda self: parts.append(table(self)) or parts[-1])
    monkeypatch.setattr(fetching, "MOST", 16)  # of which one begins
    monkeypatch.setattr(fetching, "ENOUGH", 1)
    monkeypatch.setattr(parquet, "ROW_GROUP", 7)
    other = cut(services.create_dataset(world.project, "other", by=world.actor(world.manager)), splits={"a": 0.5, "b": 0.5}, salt=whole.recipe["salt"])
    assert len(parts) > 3 and groups == 1024
    assert (other.root, other.counts) == (whole.root, whole.counts)
    assert reading.shard_ids(other) == reading.shard_ids(whole) and reading.verify(other)  # they are called by what is in them
    assert written == rows and (counted.splits, counted.labels) == (whole.splits, whole.counts["split_labels"])
    frozen = [list(version.version_shards.order_by("ordinal").values_list("taken", "fingerprint", "digest", "first_key", "last_key")) for version in (whole, other)]
    assert frozen[0] == frozen[1]


def test_moments_are_written_as_the_database_writes_them() -> None:
    microseconds = [0, 1, 10, 123_000, 999_999, 86_400_000_000, 817_000_000_123_400, -1_000_000, 3_600_000_000]
    with connection.cursor() as cursor:
        cursor.execute("SELECT replace(replace((timestamptz '2000-01-01 00:00:00+00' + n * interval '1 microsecond')::text, ' ', 'T'), '+00', 'Z') FROM unnest(%s::bigint[]) n", [microseconds])
        said = [row[0] for row in cursor.fetchall()]
    assert fetching._moments(np.array(microseconds)).to_pylist() == said


@pytest.mark.parametrize("sizes", [[], [1], [7], [8], [3, 4], [7, 7], [1] * 15, [20, 1]])
def test_a_file_has_whole_groups_and_one_end_whatever_the_pieces(sizes: list[int], monkeypatch: Any) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr(parquet, "ROW_GROUP", 7)
    rows = [Row(f"{n:02d}.jpg", n, "train", bytes([n]) * 32, label_digest=b"d" * 32) for n in range(sum(sizes))]
    file, place = io.BytesIO(), 0
    writing = parquet.Writer(file)
    for size in sizes:
        counted = parquet.Tally()
        for row in rows[place : place + size]:
            counted.see(row)
        writing.write(parquet.table(rows[place : place + size]), counted)
        place += size
    assert writing.close().rows == len(rows)
    found = pq.ParquetFile(file)
    assert [found.metadata.row_group(n).num_rows for n in range(found.num_row_groups)] == [7] * (len(rows) // 7) + ([len(rows) % 7] if len(rows) % 7 else [])
    assert found.read()["ends"].to_pylist() == [False] * (len(rows) - 1) + [True] * bool(rows)
    assert parquet.tally(file).rows == len(rows)
