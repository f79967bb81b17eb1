"""What several connections read at once is one instant of the database, and the same as one of them reads alone."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from django.db import connection

from annotate.items.models import Item
from workflows.cleaning.loading import Table
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.wrong_extension import tail
from workflows.cleaning.scope import Scope
from workflows.cleaning.snapshot import Instant, steady
from workflows.cleaning.spread import histogram

KINDS = ("dark", "wrong_extension", "near_duplicate", "exact_duplicate", "lead_time", "tiny", "undefined_label", "conflicting_labels", "object_count")


def _columns(table: Table) -> dict[tuple[str, str], Any]:
    asked = [(kinds()[name], kinds()[name].defaults()) for name in KINDS]
    table.load(asked)
    return {(kind.name, name): column for kind, parameters in asked for name, column in table.columns(kind, parameters).items()}


@pytest.mark.django_db(transaction=True)
def test_connections_that_read_at_once_see_one_instant(world: Any, picture: Any, collected: Any) -> None:
    from annotate.annotations.services import add_revision
    from tests.queues.conftest import a_document
    from workflows.cleaning import measuring

    batch = collected({f"{shade}.png": picture(color=(shade, 9, 9)) for shade in (200, 3, 90, 41)})
    schema = world.project.schema_versions.latest("number")
    for item in batch.items.order_by("-pk")[:3]:
        add_revision(item.pk, document=a_document("car", "sign"), schema_version=schema, by=world.actor(world.annotator), seconds=4.0)
    scope = Scope(world.project)
    measuring.measure(scope)

    def meanwhile() -> None:
        try:
            Item.objects.filter(key="3.png").update(key="gone.jpg", width=1)
        finally:
            connection.close()

    with steady() as instant:
        assert instant.name
        other = threading.Thread(target=meanwhile)
        other.start()
        other.join()
        alone, together = _columns(Table(scope, Instant())), _columns(Table(scope, instant))
    assert tail("3.png") in alone["wrong_extension", "tail"].tolist()
    assert alone.keys() == together.keys()
    for name, column in alone.items():
        np.testing.assert_array_equal(column, together[name], err_msg=str(name))


@pytest.mark.parametrize("size", [1, 7, 500, 30_000])
def test_a_histogram_counts_as_sorting_does(size: int) -> None:
    random = np.random.default_rng(size)
    scores = np.round(random.normal(0.5, 0.2, size), 2)
    found = histogram(scores, 0.32)
    edges, ordered = np.array(found["edges"]), np.sort(scores)
    assert 0.32 in found["edges"] and found["total"] == size == sum(found["counts"])
    assert found["below"] == np.searchsorted(ordered, edges, "left").tolist()
    assert found["equal"] == (np.searchsorted(ordered, edges, "right") - np.searchsorted(ordered, edges, "left")).tolist()


@pytest.mark.parametrize("share", [0.4, 0.6, 0.97, 1.0])
def test_a_histogram_counts_scores_of_which_most_are_the_same(share: float) -> None:
    random = np.random.default_rng(5)
    scores = np.where(random.random(100_000) < share, 0.0, np.round(random.exponential(0.3, 100_000), 2))
    scores[::50] = np.nan
    found = histogram(scores, 0.25)
    edges, ordered = np.array(found["edges"]), np.sort(scores[np.isfinite(scores)])
    assert found["total"] == len(ordered) == sum(found["counts"])
    assert found["below"] == np.searchsorted(ordered, edges, "left").tolist()
    assert found["equal"] == (np.searchsorted(ordered, edges, "right") - np.searchsorted(ordered, edges, "left")).tolist()
