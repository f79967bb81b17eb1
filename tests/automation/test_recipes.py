"""A version that the line cuts is made as the one before it; what the flow says of splits is for the first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.automation.conftest import Bench
from workflows.releases.models import Dataset, Version
from workflows.releases.services import cut

pytestmark = pytest.mark.django_db


def through(bench: Bench, name: str) -> Version:
    """A batch goes all the way; the version that came of it."""
    batch = bench.batch(4, name)
    bench.seal(batch)
    bench.go()
    bench.label(batch)
    bench.go()
    bench.judge()
    bench.go()
    version = bench.step(batch, "version").version
    assert version is not None and version.state == "frozen", bench.steps(batch)
    return version  # type: ignore[no-any-return]


def test_the_first_has_the_flows_splits_and_later_ones_what_a_person_has_made_of_them(bench: Bench) -> None:
    bench.declare(release={"dataset": "tour", "splits": {"train": 0.5, "test": 0.5}, "by": "item"})
    bench.on("queue", "round", "version")
    first = through(bench, "march")
    assert first.recipe == {"splits": {"test": 0.5, "train": 0.5}, "by": "item", "salt": ""}
    asked: dict[str, Any] = {"splits": {"a": 0.6, "b": 0.4}, "stratify": "label", "together": ["near_duplicate"], "labels": {"sign": "car"}, "order": ["person"], "salt": "x"}
    by_hand = cut(Dataset.objects.get(), by=bench.by, **asked)
    bench.go()
    second = through(bench, "april")
    assert second.recipe == by_hand.recipe == {**asked, "by": "group", "splits": {"a": 0.6, "b": 0.4}}
    assert second.counts["items"] == 8 and set(second.counts["splits"]) == {"a", "b"}


def test_a_field_that_gives_the_splits_is_carried_too(bench: Bench) -> None:
    bench.declare(release={"dataset": "tour"})
    bench.on("queue", "round", "version")
    through(bench, "march")
    by_hand = cut(Dataset.objects.get(), splits={"field": "meta.split", "default": "train"}, by_group=False, by=bench.by)
    bench.go()
    second = through(bench, "april")
    assert second.recipe == by_hand.recipe and second.counts["splits"] == {"train": 8}
