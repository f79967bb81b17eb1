"""A draft's numbers are those of the cut made right after it, whatever has happened to the items before."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from annotate.items.erasure import erase
from annotate.items.models import Batch
from annotate.items.services import create_batch
from annotate.kernel.errors import Invalid
from annotate.projects.services import change_schema
from annotate.queues.models import Hold
from annotate.reviews.services import withdraw
from workflows.gating.services import set_gate
from workflows.releases import services

pytestmark = pytest.mark.django_db
SAME = ("items", "objects", "labels", "split_labels", "excluded", "leakage")
STATES = ("approved", "approved", "approved", "labelled", "held", "withdrawn", "erased", "gated", "lost")
RECIPES: list[dict[str, Any]] = [
    {},
    {"splits": {}},
    {"splits": {"a": 0.5, "b": 0.3, "c": 0.2}, "by": "item"},
    {"splits": {"a": 0.5, "b": 0.5}, "stratify": "label", "together": ["same_bytes"]},
    {"splits": {"a": 0.5, "b": 0.5}, "stratify": "meta.split"},
    {"splits": {"field": "meta.split", "values": {"x": "train"}}},
    {"labels": {"person": "car", "sign": None}},
    {"splits": {"a": 0.7, "b": 0.3}, "together": ["near_duplicate", "same_bytes"], "labels": {"sign": "person"}, "order": ["person"]},
]
QUERIES = ["", 'key < "i6"', "label = car"]


class Field:
    """Items in random states in a project of the world, and cuts of a dataset between which more come."""

    def __init__(self, world: Any, approve: Any, seed: int) -> None:
        self.world, self.approve, self.random, self.n = world, approve, random.Random(seed), 0
        self.by = world.actor(world.owner)

    def come(self, states: list[str]) -> None:
        for state in states:
            self.n += 1
            key, draw = f"i{self.random.randrange(10)}{self.n:04d}.jpg", self.random
            label = "bus" if state == "lost" else draw.choice(["car", "person", "sign"])
            [item] = self.approve(
                [key], label, approved=state != "labelled", group=draw.choice(["", "one", "two", "three"]),
                sha256=bytes([draw.randrange(4)]) * 32, meta={"split": draw.choice(["x", "val", "", None])},
            )  # fmt: skip
            if state == "held":
                Hold.objects.create(item=item, cause="rule")
            elif state == "withdrawn":
                withdraw(item, "wrong", by=self.by)
            elif state == "erased":
                erase(item, reason="asked for", by=self.by)
            elif state == "gated":
                item.batch = self.bad()
                item.save()

    def bad(self) -> Batch:
        """A batch that its gate keeps out."""
        found = Batch.objects.filter(project=self.world.project, name="bad").first()
        if found is None:
            found = create_batch(self.world.project, "bad", by=self.by)
            set_gate(self.world.project, "items >= 1000", batch=found, by=self.by)
        return found


def test_whatever_has_happened_a_draft_says_what_the_cut_then_says(world: Any, approve: Any, cut: Any) -> None:
    with_bus = {"labels": [*world.schema["labels"], {"name": "bus", "kinds": ["box"]}], "item": world.schema["item"]}

    manager = world.api(world.manager)  # its token is to outlive the examples

    @hypothesis(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.integers(0, 2**32),
        st.lists(st.tuples(st.lists(st.sampled_from(STATES), min_size=1, max_size=6), st.sampled_from(RECIPES), st.sampled_from(QUERIES)), min_size=1, max_size=3),
    )
    def check(seed: int, steps: list[Any]) -> None:
        with transaction.atomic():  # each example begins with an empty project
            walk(Field(world, approve, seed), steps)
            transaction.set_rollback(True)

    def walk(field: Field, steps: list[Any]) -> None:
        dataset = services.create_dataset(world.project, "drafted", by=field.by)
        for states, recipe, q in steps:
            change_schema(world.project, with_bus, by=field.by)
            field.come(states)
            change_schema(world.project, world.schema, by=field.by)
            told = manager.post(f"/datasets/{dataset.pk}/versions?draft=1", recipe | {"q": q}).json()
            asked = {name: value for name, value in recipe.items() if name != "by"}
            if "items" not in told:  # the one that had the field was erased
                assert set(told["fields"]) <= {"stratify", "splits.field"}, told
                with pytest.raises(Invalid):
                    services.cut(dataset, q=q, by=field.by, **asked)
                continue
            version = cut(dataset, q=q, by_group=recipe["by"] == "group" if "by" in recipe else None, **asked)
            if told["items"] == 0:
                assert version.state == "failed" and "no approved item" in version.job.error
                continue
            assert version.state == "frozen", version.job.error
            assert {name: told[name] for name in SAME} == {name: version.counts[name] for name in SAME}
            assert told["splits"] == {name: n for name, n in version.counts["splits"].items() if n}
            assert told["recipe"] == version.recipe

    check()
