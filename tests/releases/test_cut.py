"""A version is the approved work of one instant, whole, numbered without gaps, and never changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from annotate.activity.models import Activity
from annotate.annotations.services import add_revision
from annotate.items.models import Item
from annotate.jobs.models import Job, JobReportLine
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.projects.queries import current_schema
from annotate.projects.services import change_schema
from annotate.queues.models import Hold
from tests.releases.conftest import KEYS, labels_of
from workflows.releases import reading, services
from workflows.releases.models import Shard, Version, VersionShard

pytestmark = pytest.mark.django_db


def keys(version: Version, split: str = "") -> list[str]:
    return [row.key for row in reading.rows(version, split)]


def test_it_holds_what_is_approved_in_the_order_of_keys(approve: Any, cut: Any) -> None:
    approve(list(reversed(KEYS)))
    approve(["not-yet.jpg"], approved=False)
    version = cut()
    assert (version.state, version.number) == ("frozen", 1)
    assert keys(version) == sorted(KEYS)
    assert version.counts["excluded"] == {"not_approved": 1}


def test_a_row_says_what_was_approved_and_who_did_it(world: Any, approve: Any, cut: Any) -> None:
    [item] = approve(["a.jpg"], "car", "sign", group="street", frame=7, meta={"weather": "rain"})
    [row] = reading.rows(cut(splits={"all": 1}))
    annotation = item.annotations.get()
    assert (row.item_id, row.group, row.frame, row.split, row.batch) == (item.pk, "street", 7, "all", "march")
    assert (row.uri, row.media_sha256, row.meta) == (item.uri, bytes(item.sha256), {"weather": "rain"})
    assert (row.document, row.label_digest, row.revision) == (annotation.document, annotation.digest, 1)
    assert (row.provenance["labelled_by"], row.provenance["approved_by"]) == ("owner", "owner")
    assert (row.provenance["cause"], row.provenance["reviewed_by"]) == ("import", None)
    assert row.provenance["approved_at"].endswith("Z")


def test_counts_are_of_what_is_in_it(approve: Any, cut: Any) -> None:
    approve(KEYS[:3], "car", "sign")
    approve(KEYS[3:4], "person")
    version = cut(splits={"train": 0.5, "test": 0.5})
    assert version.counts["items"] == 4 == sum(version.splits.values())
    assert (version.counts["objects"], version.counts["labels"]) == (7, {"car": 3, "sign": 3, "person": 1})
    assert {name: len(keys(version, name)) for name in version.splits} == version.splits
    by_split = version.counts["split_labels"].values()
    assert sum(sum(labels.values()) for labels in by_split) == 7


def test_the_root_is_recomputed_from_the_shards(approve: Any, cut: Any) -> None:
    approve(KEYS)
    version = cut()
    assert VersionShard.objects.filter(version=version).count() == 3
    assert reading.verify(version)
    assert [leaf.ends for leaf in reading.leaves(version)].count(True) == 3


def test_cut_twice_it_is_the_same_and_writes_no_shard(approve: Any, cut: Any) -> None:
    approve(KEYS)
    first, second = cut(), cut()
    assert (second.number, second.parent_id, second.root) == (2, first.pk, first.root)
    assert Shard.objects.count() == 3
    assert second.counts == first.counts


def test_a_changed_item_costs_its_own_range(approve: Any, cut: Any) -> None:
    approve(KEYS)
    first = cut()
    approve(["b01.jpg"], "person")
    second = cut()
    assert [one == other for one, other in zip(reading.shard_ids(first), reading.shard_ids(second), strict=True)] == [
        True,
        False,
        True,
    ]
    assert (Shard.objects.count(), second.root == first.root) == (4, False)
    assert keys(first) == keys(second)


def test_equal_content_in_another_project_gives_the_same_hash_and_shares_no_file(
    world: Any, approve: Any, cut: Any
) -> None:
    """The root is over content alone; the files hold ids, so that each project has its own."""
    twin = services.create_dataset(world.other_project, "twin", by=world.actor(world.outsider))
    approve(KEYS)
    approve(KEYS, project=world.other_project)
    here, there = cut(), cut(twin)
    assert here.root == there.root
    assert not set(reading.shard_ids(here)) & set(reading.shard_ids(there))


def test_a_relabel_that_nobody_approved_changes_nothing(world: Any, approve: Any, cut: Any) -> None:
    [item] = approve(["a.jpg"])
    first = cut()
    add_revision(
        item.pk,
        document=labels_of("a.jpg", "sign"),
        schema_version=current_schema(item.project_id),
        by=world.actor(world.annotator),
    )
    assert cut().root == first.root


def test_quarantined_items_are_left_out_with_the_reason(approve: Any, cut: Any) -> None:
    held, _free, once = approve(["a.jpg", "b.jpg", "c.jpg"])
    Hold.objects.create(item=held, cause="rule")
    Hold.objects.create(item=once, cause="rule", ended_at="2026-01-01T00:00Z")
    version = cut()
    assert keys(version) == ["b.jpg", "c.jpg"]
    assert version.counts["excluded"] == {"quarantined": 1}
    assert list(JobReportLine.objects.filter(job=version.job).values_list("place", "code")) == [
        ("a.jpg", "quarantined")
    ]


def test_labels_that_the_present_schema_refuses_are_left_out_with_the_reason(
    world: Any, approve: Any, cut: Any
) -> None:
    approve(["a.jpg"], "car")
    approve(["b.jpg"], "sign")
    smaller = {"labels": [label for label in world.schema["labels"] if label["name"] != "sign"]}
    newest = change_schema(world.project, smaller, by=world.actor(world.manager))
    version = cut()
    assert (keys(version), version.counts["excluded"]) == (["a.jpg"], {"schema": 1})
    assert version.schema_version == newest
    [line] = JobReportLine.objects.filter(job=version.job)
    assert (line.place, line.code) == ("b.jpg", "schema")
    assert "sign" in line.detail


def test_only_what_the_query_selects(approve: Any, cut: Any) -> None:
    approve(["a.jpg"], meta={"weather": "rain"})
    approve(["b.jpg"], meta={"weather": "clear"})
    assert keys(cut(q='meta.weather = "rain"')) == ["a.jpg"]


def test_nothing_to_freeze_is_a_failed_cut_and_takes_no_number(approve: Any, cut: Any) -> None:
    empty = cut()
    job = Job.objects.get(pk=empty.job_id)
    assert (empty.state, empty.number, job.state) == ("failed", None, "failed")
    assert "approved" in job.error
    approve(["a.jpg"])
    assert cut().number == 1


def test_splits_salt_and_shares_are_those_of_the_last_version_unless_given(approve: Any, cut: Any) -> None:
    approve(KEYS)
    first = cut(splits={"a": 0.5, "b": 0.5}, salt="pepper")
    second = cut()
    assert second.recipe == first.recipe
    assert second.root == first.root
    assert cut(splits={}).splits == {}


def test_same_bytes_in_two_splits_are_counted(approve: Any, cut: Any) -> None:
    approve([f"{n}.jpg" for n in range(20)], sha256=b"s" * 32)
    assert cut(splits={"a": 0.5, "b": 0.5}).counts["leakage"] == {"groups": 0, "same_bytes": 1}


def test_same_bytes_of_what_is_new_are_counted_with_what_was_there(world: Any, approve: Any, cut: Any) -> None:
    """Most ranges are taken over unread; a version that is cut from nothing counts the same."""
    asked: dict[str, Any] = {"splits": {"a": 0.5, "b": 0.5}, "salt": "salt"}
    old = [bytes(item.sha256) for item in approve([f"a{n}.jpg" for n in range(8)] + KEYS)]
    assert cut(**asked).counts["leakage"] == {"groups": 0, "same_bytes": 0}
    for n, digest in enumerate(old[:8]):
        approve([f"c{n}.jpg"], sha256=digest)
    approve([f"cc{n}.jpg" for n in range(9)], sha256=b"s" * 32)
    approve([f"cd{n}.jpg" for n in range(9)], sha256=old[-1], approved=False)
    second = cut(**asked)
    split = {row.key: row.split for row in reading.rows(second)}
    apart = sum(split[f"a{n}.jpg"] != split[f"c{n}.jpg"] for n in range(8))
    assert 0 < apart < 8 and second.counts["leakage"] == {"groups": 0, "same_bytes": apart + 1}
    assert len(set(reading.shard_ids(second))) == 3 and Shard.objects.count() == 4
    twin = services.create_dataset(world.project, "twin", by=world.actor(world.manager))
    assert cut(twin, **asked).counts["leakage"] == second.counts["leakage"]


def test_texts_are_frozen_with_their_words(world: Any, approve: Any, cut: Any) -> None:
    approve(["a.txt"], uri=None, sha256=None, text="Grüße aus 深圳", width=None, height=None)
    version = cut()
    [row] = reading.rows(version)
    assert row.text == "Grüße aus 深圳"
    assert reading.verify(version)


def test_a_query_that_cannot_be_read_is_refused_before_any_work(dataset: Any, world: Any) -> None:
    with pytest.raises(Invalid):
        services.cut(dataset, q="no_such_field = 1", by=world.actor(world.manager))
    assert not Job.objects.exists()


def test_only_managers_cut(dataset: Any, world: Any) -> None:
    for person in (world.reviewer, world.viewer, world.annotator):
        with pytest.raises(Denied):
            services.cut(dataset, by=world.actor(person))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE workflows_version SET message = 'other'",
        "UPDATE workflows_version SET state = 'cutting'",
        "DELETE FROM workflows_version",
        "UPDATE workflows_versionshard SET ordinal = 7",
        "UPDATE workflows_shard SET rows = 1",
        "DELETE FROM workflows_shard",
    ],
)
def test_frozen_rows_refuse_to_change(approve: Any, cut: Any, statement: str) -> None:
    approve(["a.jpg"])
    cut()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


def test_a_withdrawn_version_stays_readable_and_its_number_taken(
    world: Any, approve: Any, cut: Any, dataset: Any
) -> None:
    from workflows.releases import queries

    approve(["a.jpg"])
    first = cut()
    services.withdraw(first, reason="wrong labels", by=world.actor(world.manager))
    assert (queries.latest(dataset), keys(first)) == (None, ["a.jpg"])
    with pytest.raises(Conflict):
        services.withdraw(first, reason="again", by=world.actor(world.manager))
    assert cut().number == 2


def test_asking_and_freezing_are_on_record(world: Any, approve: Any, cut: Any) -> None:
    approve(["a.jpg"])
    version = cut()
    rows = Activity.objects.filter(noun="version", noun_id=version.pk).order_by("id")
    assert list(rows.values_list("verb", "person_id")) == [
        ("version.cut", world.manager.pk),
        ("version.freeze", world.manager.pk),
    ]
    assert rows[1].after == version.root


def test_a_job_that_runs_again_after_freezing_answers_the_same(approve: Any, cut: Any, run_jobs: Any) -> None:
    approve(["a.jpg"])
    version = cut()
    Job.objects.filter(pk=version.job_id).update(state="queued")
    run_jobs()
    assert Job.objects.get(pk=version.job_id).result == {"version": version.pk}
    assert Version.objects.get().number == 1


def test_items_of_other_projects_are_never_in_it(world: Any, approve: Any, cut: Any) -> None:
    approve(["a.jpg"])
    approve(["b.jpg"], project=world.other_project)
    assert Item.objects.count() == 2
    assert keys(cut()) == ["a.jpg"]


def test_ranges_that_did_not_change_are_not_read_again(approve: Any, cut: Any, monkeypatch: Any) -> None:
    from workflows.releases.fetching import Fetched

    read: list[str] = []
    table = Fetched.table

    def seen(fetched: Fetched) -> Any:
        found = table(fetched)
        read.extend(found["key"].to_pylist())
        return found

    monkeypatch.setattr(Fetched, "table", seen)
    approve(KEYS)
    cut()
    assert read == sorted(KEYS)
    read.clear()
    cut()
    assert not read
    approve(["b01.jpg"], "person")
    approve(["b99.jpg"])
    version = cut()
    assert {key[0] for key in read} == {"b"} and len(read) == 7 and reading.verify(version)
    assert keys(version) == sorted([*KEYS, "b99.jpg"])


def test_whatever_changes_a_cut_beside_the_last_equals_a_cut_from_nothing(world: Any, approve: Any, cut: Any) -> None:
    """Items go, come, change and lose their place at the end of a range, in any order."""
    from hypothesis import HealthCheck, given
    from hypothesis import settings as hypothesis
    from hypothesis import strategies as st

    from tests.releases.conftest import ending
    from workflows.releases.cutting import basis

    all_keys = sorted([*KEYS, ending("bq"), "zz.jpg"])
    items = {item.key: item for item in approve(all_keys)}

    @hypothesis(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.sampled_from(all_keys), st.sampled_from(["hold", "free", "meta", "label", "erase"])), min_size=1, max_size=6))
    def check(acts: list[tuple[str, str]]) -> None:
        with transaction.atomic():
            cut()
            for key, act in acts:
                item = items[key]
                if act == "hold":
                    Hold.objects.get_or_create(item=item, cause="rule", ended_at=None)
                elif act == "free":
                    Hold.objects.filter(item=item).delete()
                elif act == "meta":
                    Item.objects.filter(pk=item.pk).update(meta={"n": len(acts)})
                elif act == "label" and Item.objects.get(pk=item.pk).state != "erased":
                    add_revision(item.pk, document=labels_of(key, "sign"), schema_version=current_schema(item.project_id), by=world.actor(world.owner))
                    approve([key], "person")
            version = cut()
            if version.state == "frozen":
                other = services.create_dataset(world.project, f"other {Version.objects.count()}", by=world.actor(world.manager))
                whole = cut(other)
                assert (version.root, version.counts) == (whole.root, whole.counts)
                assert reading.verify(version) and basis(version.recipe, version.schema_version_id) == version.facts["basis"]
            transaction.set_rollback(True)

    check()
