"""A version looked at before it is cut says what the cut will say, and writes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.jobs.models import Job
from annotate.projects.services import change_schema
from annotate.queues.models import Hold
from workflows.releases import drafting
from workflows.releases.models import Shard, SplitPlace, Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixed(world: Any, approve: Any) -> None:
    """Ten cars, one in quarantine, two unreviewed, one of a label that the schema lost."""
    approve([f"c{n}.jpg" for n in range(10)], "car")
    approve(["s.jpg"], "sign")
    approve(["n1.jpg", "n2.jpg"], approved=False)
    Hold.objects.create(item=approve(["h.jpg"])[0], cause="rule")
    change_schema(
        world.project,
        {"labels": [label for label in world.schema["labels"] if label["name"] != "sign"]},
        by=world.actor(world.manager),
    )


@pytest.mark.parametrize(
    "asked", [{}, {"splits": {"a": 0.5, "b": 0.5}, "stratify": "label"}, {"splits": {}}, {"labels": {"sign": "car"}}]
)
def test_it_says_what_the_cut_will_say(world: Any, dataset: Any, mixed: None, cut: Any, asked: dict[str, Any]) -> None:
    told = world.api(world.manager).post(f"/datasets/{dataset.pk}/versions?draft=1", asked).json()
    counts = cut(**asked).counts
    assert told["exact"] is True
    assert {name: told[name] for name in ("items", "objects", "labels", "excluded", "leakage", "split_labels")} == {
        name: counts[name] for name in ("items", "objects", "labels", "excluded", "leakage", "split_labels")
    }
    assert {name: n for name, n in counts["splits"].items() if n} == told["splits"]


def test_it_writes_nothing(world: Any, dataset: Any, mixed: None) -> None:
    answer = world.api(world.manager).post(
        f"/datasets/{dataset.pk}/versions?draft=1", {"splits": {"a": 0.5, "b": 0.5}, "stratify": "label"}
    )
    assert answer.status_code == 200
    assert not (
        Version.objects.exists()
        or Shard.objects.exists()
        or SplitPlace.objects.exists()
        or Job.objects.filter(kind="version.cut").exists()
    )


@pytest.mark.parametrize(
    ("reason", "keys"),
    [
        ("not_approved", ["n1.jpg", "n2.jpg"]),
        ("quarantined", ["h.jpg"]),
        ("schema", ["s.jpg"]),
        ("gate", []),
        ("mapping", []),
    ],
)
def test_the_items_behind_each_number(world: Any, dataset: Any, mixed: None, reason: str, keys: list[str]) -> None:
    told = world.api(world.manager).post(f"/datasets/{dataset.pk}/versions?draft=1&excluded={reason}").json()
    assert [row["key"] for row in told["results"]] == keys and all(
        row["why"] and row["item"] for row in told["results"]
    )
    assert told["excluded"].get(reason, 0) == len(keys)


def test_they_come_page_by_page(world: Any, dataset: Any, mixed: None) -> None:
    path = f"/datasets/{dataset.pk}/versions?draft=1&excluded=not_approved&limit=1"
    first = world.api(world.manager).post(path).json()
    assert ([row["key"] for row in first["results"]], first["next"]) == (["n1.jpg"], "n1.jpg")
    second = world.api(world.manager).post(f"{path}&after=n1.jpg").json()
    assert ([row["key"] for row in second["results"]], second["next"]) == (["n2.jpg"], None)


def test_what_is_too_large_to_be_read_at_once_is_estimated_and_says_so(world: Any, dataset: Any, mixed: None) -> None:
    found = drafting.draft(
        dataset,
        q="",
        asked={"splits": {"a": 0.5, "b": 0.5}, "labels": {"car": "person"}},
        by=world.actor(world.manager),
        most=5,
    ).document()
    assert (found["exact"], found["items"], found["splits"], found["labels"]) == (
        False,
        11,
        {"a": 6, "b": 6},
        {"person": 10, "sign": 1},
    )
    assert found["excluded"] == {"not_approved": 2, "quarantined": 1}


def test_a_reason_that_is_none_and_a_person_who_may_not_cut(world: Any, dataset: Any) -> None:
    assert world.api(world.manager).post(f"/datasets/{dataset.pk}/versions?draft=1&excluded=moon").status_code == 400
    assert world.api(world.viewer).post(f"/datasets/{dataset.pk}/versions?draft=1").status_code == 403
    assert world.api(world.outsider).post(f"/datasets/{dataset.pk}/versions?draft=1").status_code == 404
