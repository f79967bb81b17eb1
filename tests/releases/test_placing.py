"""Versions whose splits look at labels, at what is alike, or at a field: nothing moves, and what cannot be is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from annotate.jobs.models import JobReportLine
from annotate.kernel.errors import Invalid
from workflows.releases import placing, reading, services
from workflows.releases.models import SplitPlace

pytestmark = pytest.mark.django_db
HALVES = {"a": 0.5, "b": 0.5}


def places(version: Any) -> dict[str, str]:
    return {row.key: row.split for row in reading.rows(version)}


def keys(prefix: str, n: int) -> list[str]:
    return [f"{prefix}{i:02d}.jpg" for i in range(n)]


@pytest.fixture
def alike(monkeypatch: Any) -> list[tuple[int, int]]:
    """Pairs of items that a rule of this test holds for look-alikes."""
    pairs: list[tuple[int, int]] = []
    monkeypatch.setitem(placing.likenesses._entries, "test_alike", lambda project_id: iter(pairs))
    return pairs


def test_each_split_gets_its_share_of_every_label(approve: Any, cut: Any) -> None:
    approve(keys("c", 20), "car")
    approve(keys("p", 4), "person")
    version = cut(splits=HALVES, stratify="label")
    assert version.counts["split_labels"] == {"a": {"car": 10, "person": 2}, "b": {"car": 10, "person": 2}}
    assert version.facts["stratified"] == {"by": "label", "tolerance": 0.05, "beyond": []}


def test_by_a_field_of_the_items(approve: Any, cut: Any) -> None:
    approve(keys("r", 10), meta={"weather": "rain"})
    approve(keys("s", 6), meta={"weather": "sun"})
    at = places(cut(splits=HALVES, stratify="meta.weather"))
    assert [sum(at[key] == "a" for key in at if key[0] == first) for first in "rs"] == [5, 3]


def test_what_has_a_place_keeps_it_whatever_comes_or_goes(approve: Any, cut: Any) -> None:
    approve(keys("c", 7), "car")
    first = places(cut(splits=HALVES, stratify="label"))
    approve(keys("d", 9), "person")
    second = places(cut())
    narrow = places(cut(q='key < "c03"'))
    third = places(cut(q=" "))
    assert first.items() <= second.items() == third.items() and narrow.items() <= first.items()
    assert SplitPlace.objects.count() == 16


def test_whatever_grows_nothing_moves_and_the_same_again_is_the_same(
    world: Any, approve: Any, dataset: Any, cut: Any
) -> None:
    items = approve(keys("g", 12), "car", meta={"none": None}) + approve(keys("h", 4), "person")

    @hypothesis(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(["label", "meta.none"]),
        st.lists(st.integers(0, len(items)), min_size=1, max_size=3),
        st.booleans(),
    )
    def check(stratify: str, steps: list[int], bytes_too: bool) -> None:
        here = services.create_dataset(
            world.project,
            f"d{SplitPlace.objects.count()}-{dataset.__class__.objects.count()}",
            by=world.actor(world.manager),
        )
        known: dict[str, str] = {}
        for size in [*sorted(steps), len(items)]:
            version = cut(
                here,
                q=f'key <= "{items[max(0, size - 1)].key}"',
                splits=HALVES,
                stratify=stratify,
                together=["same_bytes"] if bytes_too else [],
            )
            now = places(version)
            assert all(known.setdefault(key, split) == split for key, split in now.items())
        assert cut(here).root == version.root

    check()


def test_in_another_dataset_the_same_content_is_placed_alike(world: Any, approve: Any, cut: Any) -> None:
    approve(keys("c", 20), "car")
    other = services.create_dataset(world.project, "twin", by=world.actor(world.manager))
    assert cut(splits=HALVES, stratify="label").root == cut(other, splits=HALVES, stratify="label").root


def test_the_same_bytes_go_into_one_split(approve: Any, cut: Any) -> None:
    approve(keys("s", 20), sha256=b"s" * 32)
    approve(keys("t", 20))
    version = cut(splits=HALVES, together=["same_bytes"])
    at = places(version)
    assert len({at[key] for key in keys("s", 20)}) == 1 and len(set(at.values())) == 2
    assert version.counts["leakage"] == {"groups": 0, "same_bytes": 0}


def test_look_alikes_go_where_the_older_of_them_is(approve: Any, cut: Any, alike: Any) -> None:
    old = approve(keys("o", 8))
    first = cut(splits=HALVES, together=["test_alike"])
    new = approve(keys("n", 8))
    alike += [(one.pk, other.pk) for one, other in zip(old, new, strict=True)]
    second = cut()
    at = places(second)
    assert [at[item.key] for item in old] == [places(first)[item.key] for item in old] == [at[item.key] for item in new]
    assert second.counts["leakage"]["near_duplicates"] == 0


def test_what_was_apart_when_it_turned_out_to_be_alike_stays_and_is_counted(approve: Any, cut: Any, alike: Any) -> None:
    items = approve(keys("o", 12))
    at = places(cut(splits=HALVES, together=["test_alike"]))
    one, other = (next(item for item in items if at[item.key] == name) for name in "ab")
    alike.append((one.pk, other.pk))
    second = cut()
    assert places(second) == at
    assert second.counts["leakage"]["near_duplicates"] == 1


def test_a_field_says_where_items_go_and_without_one_they_stay_out(approve: Any, cut: Any) -> None:
    approve(["a.jpg"], meta={"split": "train"})
    approve(["b.jpg"], meta={"split": "validation"})
    approve(["c.jpg"], meta={"split": 7})
    approve(["d.jpg"])
    approve(["e.jpg"], meta={"split": ["x"]})
    version = cut(splits={"field": "meta.split", "values": {"validation": "val"}})
    assert places(version) == {"a.jpg": "train", "b.jpg": "val", "c.jpg": "7"}
    assert version.counts["excluded"] == {"no_split": 2}
    assert list(JobReportLine.objects.filter(job=version.job).values_list("place", "code")) == [
        ("d.jpg", "no_split"),
        ("e.jpg", "no_split"),
    ]
    again = cut()
    assert (again.root, again.recipe) == (version.root, version.recipe)
    assert places(cut(splits={"field": "meta.split", "default": "train"}))["d.jpg"] == "train"


def test_item_by_item_groups_that_stand_in_two_splits_are_counted(approve: Any, cut: Any) -> None:
    approve(keys("g", 20), group="street")
    version = cut(splits=HALVES, by_group=False)
    assert version.counts["leakage"]["groups"] == 1


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"stratify": "car"}, "stratify"),
        ({"stratify": "label", "splits": {"all": 1.0}}, "stratify"),
        ({"together": ["nothing_known"]}, "together"),
        ({"together": ["same_bytes"], "splits": {"field": "meta.split"}}, "together"),
        ({"splits": {"field": "meta.split"}, "stratify": "label"}, "stratify"),
        ({"splits": {"field": "split"}}, "splits.field"),
        ({"labels": {"car": "lorry"}}, "labels.car"),
        ({"order": ["car", "car"]}, "order"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_by_name(world: Any, dataset: Any, asked: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.cut(dataset, by=world.actor(world.manager), **asked)
    assert field in refused.value.fields
