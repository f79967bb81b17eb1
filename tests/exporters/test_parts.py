"""What the Parquet files of a version have in common with those of the version before, and what is left to fetch."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.items.models import Item
from annotate.items.services import erase
from tests.conftest import Api
from tests.exporters.rows import box, export_of, row
from tests.exporters.test_api import body
from workflows.exporters import parquet, parts
from workflows.releases import merkle
from workflows.releases.models import ExportFile
from workflows.releases.rows import Row

KEYS = [f"k{n:03d}" for n in range(90)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of some 30 rows in groups of some four."""
    monkeypatch.setattr(parquet, "GROUP_BITS", 2)
    monkeypatch.setattr(merkle, "_MASK", 31)
    monkeypatch.setattr(parts, "LEAST", 1)


@pytest.fixture
def anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little two files have in common, it is said."""
    monkeypatch.setattr(parts, "LEAST", 1)


def files(rows: dict[str, Row], place: Path, **more: Any) -> list[bytes]:
    folder, _notes = export_of([rows[key] for key in sorted(rows)], place, "parquet", **more)
    return [path.read_bytes() for path in sorted((folder.root / "rows").iterdir())]


def groups(content: bytes) -> list[tuple[tuple[bytes, ...], int]]:
    """(leaves, bytes) of each row group."""
    found = pq.ParquetFile(BytesIO(content))
    sizes = [sum(found.metadata.row_group(n).column(c).total_compressed_size for c in range(found.metadata.num_columns)) for n in range(found.num_row_groups)]
    return [(tuple(found.read_row_group(n, columns=["leaf"])["leaf"].to_pylist()), size) for n, size in enumerate(sizes)]


def put_together(plan: dict[str, Any], content: bytes, others: list[bytes]) -> tuple[bytes, int]:
    """(the file by the plan, how much of it was taken from the file itself)."""
    made, fetched = b"", 0
    for size, *place in plan["parts"]:
        made += others[place[0]][place[1] : place[1] + size] if place else content[len(made) : len(made) + size]
        fetched += 0 if place else size
    return made + zlib.decompress(base64.b64decode(plan["tail"])), fetched


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(relabelled=st.sets(st.integers(0, 89), max_size=5), gone=st.sets(st.integers(0, 89), max_size=5), new=st.sets(st.integers(0, 89), max_size=5), run=st.tuples(st.integers(0, 80), st.integers(0, 9)))
def test_a_plan_gives_the_new_file_and_takes_no_group_anew_that_is_as_it_was(small: None, tmp_path_factory: Any, relabelled: set[int], gone: set[int], new: set[int], run: tuple[int, int]) -> None:
    place = tmp_path_factory.mktemp("parts")
    before = {key: row(key, [box(1, 2, 3, 4)]) for key in KEYS}
    after = {key: each for n, (key, each) in enumerate(before.items()) if n not in gone}
    for n in relabelled | set(range(run[0], sum(run))):
        after[KEYS[n]] = row(KEYS[n], [box(5, 6, 7, 8)])
    after |= {f"{KEYS[n]}x": row(f"{KEYS[n]}x", [box(1, 2, 3, 4)]) for n in new}
    old, made = files(before, place / "old"), files(after, place / "new")
    spans = [parts.spans(BytesIO(each)) for each in old]
    known = {leaves for each in old for leaves, _size in groups(each)}
    for content in made:
        plan = parts.planned(BytesIO(content), len(content), spans)
        unlike = sum(size for leaves, size in groups(content) if leaves not in known)
        if plan is None:
            assert unlike == sum(size for _leaves, size in groups(content))
            continue
        found, fetched = put_together(plan, content, old)
        assert found == content and fetched <= unlike


def test_groups_end_by_keys_and_not_by_what_stands_before(small: None, tmp_path: Path) -> None:
    rows = {key: row(key) for key in KEYS}
    whole = [[leaves for leaves, _size in groups(content)] for content in files(rows, tmp_path / "a")]
    ends = {each.leaf for each in rows.values() if parquet.ends_group(each.key)}
    some = [group for file in whole for group in file]
    assert len(whole) > 1 and all(group[-1] in ends for group in some[:-1]) and not {leaf for group in some for leaf in group[:-1]} & ends
    later = [group for content in files({key: rows[key] for key in KEYS[40:]}, tmp_path / "b") for group, _size in groups(content)]
    assert later[1:] == some[-len(later) + 1 :]


def test_a_group_has_no_more_rows_than_memory_is_to_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.exporters import columns

    monkeypatch.setattr(parquet, "GROUP_BITS", 16)
    monkeypatch.setattr(parquet, "GROUP_MOST", 40)
    monkeypatch.setattr(columns, "PIECE", 7)
    (content,) = files({key: row(key, [box(1, 2, 3, 4)]) for key in KEYS}, tmp_path)
    assert [len(leaves) for leaves, _size in groups(content)] == [40, 40, 10]
    assert pq.read_table(BytesIO(content))["key"].to_pylist() == KEYS


def test_one_split_has_groups_of_its_own_rows(small: None, tmp_path: Path) -> None:
    rows = {key: row(key, split="train" if n % 2 else "val") for n, key in enumerate(KEYS)}
    made = files(rows, tmp_path, split="train")
    ends = {each.leaf for each in rows.values() if each.split == "train" and parquet.ends_group(each.key)}
    for content in made:
        assert all(group[-1] in ends for group, _size in groups(content)[:-1])
    assert sum(len(group) for content in made for group, _size in groups(content)) == 45


def test_short_copies_between_what_is_fetched_are_fetched_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "LEAST", 10)
    assert list(parts._joined([[4, 0, 0], [20, 0, 4], [7], [9, 0, 30], [7], [10, 0, 50], [5, 1, 0], [10, 1, 5], [3, 1, 90]])) == [
        [24, 0, 0], [23], [10, 0, 50], [15, 1, 0], [3, 1, 90],
    ]  # fmt: skip


def test_what_is_no_parquet_has_no_plan() -> None:
    for content in (b"", b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1", b"{}"):
        with pytest.raises(ValueError):
            parts.spans(BytesIO(content))


Freeze = Callable[..., Any]


def test_the_answer_names_files_and_places_by_what_they_hold(anything: None, world: Any, freeze: Freeze, exported: Freeze) -> None:
    before = exported(freeze(3), "parquet")
    after = exported(freeze(3), "parquet")
    said = world.api(world.viewer).get(f"/exports/{after.pk}/parts?since=1").json()
    (old,), (new,) = (ExportFile.objects.filter(export=made, path__endswith=".parquet") for made in (before, after))
    assert said["since"] == 1 and said["from"] == [old.sha256.hex()]
    (plan,) = said["files"]
    assert (plan["path"], plan["size"], plan["sha256"]) == (new.path, new.size, new.sha256.hex())
    api = world.api(world.viewer)
    contents = [body(api.get(f"/exports/{made.pk}/files/{old.path}")) for made in (before, after)]
    assert hashlib.sha256(put_together(plan, contents[1], contents[:1])[0]).hexdigest() == plan["sha256"]


def test_who_may_not_pull_gets_no_plan(world: Any, freeze: Freeze, exported: Freeze) -> None:
    from workflows.releases.services import create_dataset

    first = freeze(2)
    exported(first, "parquet")
    made = exported(freeze(1), "parquet")
    other = create_dataset(world.project, "other", by=world.actor(world.manager))
    address = f"/exports/{made.pk}/parts?since=1"
    assert Api(world.token(world.viewer, "read", dataset_id=first.dataset_id)).get(address).status_code == 200
    assert Api(world.token(world.viewer, "read", dataset_id=other.pk)).get(address).status_code == 404
    for person in (world.annotator, world.outsider):
        assert world.api(person).get(address).status_code == 404
    for since, status in (("3", 404), ("x", 400), ("", 400), ("0", 400)):
        assert world.api(world.viewer).get(f"/exports/{made.pk}/parts?since={since}").status_code == status


def test_what_was_erased_is_in_no_plan(anything: None, world: Any, freeze: Freeze, exported: Freeze, run_jobs: Callable[[], int]) -> None:
    before, api = exported(freeze(3), "parquet"), world.api(world.viewer)
    made = exported(freeze(3), "parquet")
    held = ExportFile.objects.get(export=before, path__endswith=".parquet").sha256.hex()
    erase(Item.objects.get(key="picture-0001.jpg"), reason="asked for", by=world.actor(world.manager))
    assert api.get(f"/exports/{made.pk}/parts?since=1").status_code == 409
    run_jobs()
    said = api.get(f"/exports/{made.pk}/parts?since=1").json()
    assert held not in said["from"] and "picture-0001" not in str([zlib.decompress(base64.b64decode(each["tail"])) for each in said["files"]])
