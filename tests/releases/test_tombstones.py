"""An erased item leaves every version but for its leaf; the version still verifies, and says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from annotate.items.services import erase
from annotate.jobs.models import Job
from tests.releases.conftest import KEYS
from workflows.releases import reading, services, shards
from workflows.releases.cutting import build
from workflows.releases.freezing import freeze
from workflows.releases.models import Shard, Version, VersionShard
from workflows.releases.sweeping import sweep

SECRET = "canary-in-a-key"


class Quiet:
    """A job's `Work` as a cut needs it, outside of a job."""

    def progress(self, done: int, total: int | None = None) -> None: ...

    def report(self, place: str, code: str, detail: str, data: Any = None) -> None: ...


def stored(world: Any, word: str = SECRET) -> list[Path]:
    """Files of the organisation that hold the word in a column."""
    import pyarrow.parquet as pq

    folder = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    return [path for path in (folder / str(world.organisation.pk)).rglob("*.parquet") if word in str(pq.read_table(path).to_pylist())]


@pytest.mark.django_db
def test_the_row_becomes_a_tombstone_and_the_root_stays(world: Any, approve: Any, cut: Any) -> None:
    items = approve(KEYS, group="street")
    first, second = cut(), cut()
    before = {leaf.item_id: leaf.leaf for leaf in reading.leaves(first)}
    erase(items[7], reason="asked", by=world.actor(world.manager))
    for version in (first, second):
        assert reading.verify(version)
        assert {leaf.item_id: leaf.leaf for leaf in reading.leaves(version)} == before
        [row] = [row for row in reading.rows(version) if row.erased]
        assert (row.item_id, row.key, row.leaf) == (items[7].pk, f"erased:{items[7].pk}", before[items[7].pk])
        assert (row.group, row.uri, row.media_sha256, row.annotation_id, row.provenance) == ("", None, None, None, {})
    assert [leaf.ends for leaf in reading.leaves(first)].count(True) == 3


@pytest.mark.django_db
def test_no_file_and_no_table_holds_it_any_more(world: Any, approve: Any, cut: Any, run_jobs: Any) -> None:
    [item] = approve([f"a-{SECRET}.jpg"])
    approve(KEYS)
    cut()
    assert stored(world)
    assert VersionShard.objects.filter(first_key__contains=SECRET) or VersionShard.objects.filter(last_key__contains=SECRET)
    erase(item, reason="asked", by=world.actor(world.manager))
    run_jobs()
    assert stored(world) == []
    assert not VersionShard.objects.filter(first_key__contains=SECRET).exists()
    assert not VersionShard.objects.filter(last_key__contains=SECRET).exists()


@pytest.mark.django_db
def test_erasing_a_whole_range_leaves_the_others_alone(world: Any, approve: Any, cut: Any) -> None:
    items = {item.key: item for item in approve(KEYS)}
    version = cut()
    files = list(Shard.objects.order_by("pk").values_list("stored", flat=True))
    for key in ("c00.jpg", "c01.jpg"):
        erase(items[key], reason="asked", by=world.actor(world.manager))
    assert reading.verify(version)
    assert [old == new for old, new in zip(files, Shard.objects.order_by("pk").values_list("stored", flat=True), strict=True)] == [True, True, False]


@pytest.mark.django_db
def test_the_next_version_is_without_it(world: Any, approve: Any, cut: Any) -> None:
    items = approve(KEYS)
    first = cut()
    erase(items[0], reason="asked", by=world.actor(world.manager))
    second = cut()
    assert items[0].pk not in {row.item_id for row in reading.rows(second)}
    assert second.root != first.root
    assert reading.verify(second)


@pytest.mark.django_db
def test_an_item_erased_while_its_version_is_cut_is_frozen_as_a_tombstone(world: Any, dataset: Any, approve: Any) -> None:
    items = approve(KEYS)
    version = services.cut(dataset, by=world.actor(world.manager))
    made = build(version, Quiet())  # type: ignore[arg-type]
    erase(items[3], reason="asked", by=world.actor(world.manager))
    erase(items[0], reason="asked", by=world.actor(world.manager))
    freeze(version, made, by=world.actor(world.manager))
    assert {row.item_id for row in reading.rows(version) if row.erased} == {items[0].pk, items[3].pk}
    assert reading.verify(version)


@pytest.mark.django_db(transaction=True)
def test_shards_written_after_an_erasure_that_the_snapshot_did_not_see(transactional_db: None, tmp_path: Path) -> None:
    """The rows are read in one instant, labels and text later: what went in between is not written."""
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.projects.queries import current_schema
    from tests.conftest import make_world
    from tests.releases.conftest import labels_of

    world = make_world()
    by = world.actor(world.manager)
    dataset = services.create_dataset(world.project, "streets", by=by)
    batch = create_batch(world.project, "march", by=by)
    added = add_items(batch, [NewItem(f"{SECRET}-{n}.txt", text=f"{SECRET} {n}") for n in range(3)], by=by).accepted
    schema = current_schema(world.project.pk).pk
    add_imported([ImportedAnnotation(pk, labels_of(key), schema, approved=True) for key, pk in added.items()], by=by)
    from annotate.items.models import Item

    class Erasing(Quiet):
        """Erases an item as soon as the snapshot stands."""

        def progress(self, done: int, total: int | None = None) -> None:
            erase(Item.objects.get(pk=min(added.values())), reason="asked", by=by)

    version = services.cut(dataset, by=by)
    freeze(version, build(version, Erasing()), by=by)  # type: ignore[arg-type]
    rows = list(reading.rows(version))
    assert [row.erased for row in rows].count(True) == 1
    assert reading.verify(version)
    assert f"{SECRET} 0" not in str(rows)


@pytest.mark.django_db
def test_an_item_erased_between_the_file_and_its_row(world: Any, dataset: Any, approve: Any, monkeypatch: Any) -> None:
    """The erasure cannot know of the file yet, and the file knows nothing of the erasure: the freeze finds out."""
    items = approve([f"a-{SECRET}.jpg", *KEYS])
    write = shards._put

    def write_and_wait(*given: Any, **named: Any) -> Any:
        made = write(*given, **named)
        monkeypatch.undo()
        erase(items[0], reason="asked", by=world.actor(world.manager))
        return made

    version = services.cut(dataset, by=world.actor(world.manager))
    monkeypatch.setattr(shards, "_put", write_and_wait)
    freeze(version, build(version, Quiet()), by=world.actor(world.manager))  # type: ignore[arg-type]
    assert reading.verify(version)
    assert SECRET not in str(list(reading.rows(version)))


@pytest.mark.django_db
def test_shards_of_a_cut_that_never_froze_lose_it_too(world: Any, dataset: Any, approve: Any, run_jobs: Any) -> None:
    [item, *_others] = approve([f"a-{SECRET}.jpg", *KEYS])
    version = services.cut(dataset, by=world.actor(world.manager))
    build(version, Quiet())  # type: ignore[arg-type]
    assert stored(world)
    erase(item, reason="asked", by=world.actor(world.manager))
    run_jobs()
    assert stored(world) == []


@pytest.mark.django_db
def test_a_file_that_no_row_speaks_for_goes_after_a_day(world: Any, dataset: Any, approve: Any, cut: Any, monkeypatch: Any) -> None:
    approve([f"a-{SECRET}.jpg"])
    version = services.cut(dataset, by=world.actor(world.manager))

    def die(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(shards, "find", lambda *_: None)
    monkeypatch.setattr(Shard.objects, "bulk_create", die)
    with pytest.raises(KeyboardInterrupt):
        build(version, Quiet())  # type: ignore[arg-type]
    monkeypatch.undo()
    Job.objects.filter(pk=version.job_id).update(state="cancelled")
    approve(["b.jpg"])
    orphans = set(stored(world))
    assert orphans
    assert (sweep(), set(stored(world))) == (0, orphans)
    kept = cut(q='key = "b.jpg"')
    assert sweep(timezone.now() + dt.timedelta(days=2)) >= len(orphans)
    assert stored(world) == []
    assert reading.verify(kept)


@pytest.mark.django_db
def test_whatever_is_erased_in_whatever_order_the_root_stays(world: Any, approve: Any, cut: Any) -> None:
    items = approve(KEYS)
    version = cut()

    @hypothesis(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.permutations(range(len(items))), st.integers(1, len(items)))
    def check(order: list[int], n: int) -> None:
        with transaction.atomic():
            for index in order[:n]:
                erase(items[index], reason="asked", by=world.actor(world.manager))
            assert reading.verify(Version.objects.get(pk=version.pk))
            assert sum(row.erased for row in reading.rows(version)) == n
            transaction.set_rollback(True)
        for item in items:
            item.refresh_from_db()

    check()
