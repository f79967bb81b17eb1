"""What several connections read at once is one instant of the database, and the same as one of them reads alone."""

from __future__ import annotations

import threading
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from django.db import connection

from annotate.items.models import Item
from annotate.kernel.instant import Instant, steady
from workflows.cleaning.loading import Table
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.wrong_extension import tail
from workflows.cleaning.scope import Scope
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


def _texts(world: Any, name: str, texts: list[str]) -> Scope:
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.projects.services import create
    from workflows.cleaning import measuring

    by = world.actor(world.owner)
    schema = {"labels": [{"name": "PER", "kinds": ["span"]}]}
    project = create(name, media="text", schema=schema, organisation_id=world.organisation.pk, by=by)
    batch = create_batch(project, "all", by=by)
    for n, text in enumerate(texts):  # one after another, so that facts do not stand in the order of digests
        add_items(batch, [NewItem(key=str(n), text=text, sha256=sha256(text.encode()).digest())], by=by)
        measuring.measure(Scope(project))
    return Scope(project)


@pytest.mark.parametrize("others", [0, 40])
def test_facts_of_texts_come_to_their_items_whether_those_are_most_or_few_of_what_is_known(world: Any, others: int) -> None:
    texts = [f"{'word ' * n}Where is the card that I ordered {n} weeks ago?" for n in (3, 1, 3, 8, 5)]
    _texts(world, "others", [f"Another text of nobody, number {n} of many." for n in range(others)])
    scope = _texts(world, "mine", texts)
    asked = [(kinds()[name], kinds()[name].defaults()) for name in ("near_duplicate_text", "too_short", "wrong_language")]
    with steady() as instant:
        table = Table(scope, instant)
        table.load(asked)
        [bands, characters], language = ([table.columns(*asked[0])[name] for name in ("bands", "characters")], table.columns(*asked[2])["language"])
    assert characters.tolist() == [len(text) for text in texts] and set(language) == {"en"} and not table.lacking
    assert bands.shape == (5, 14) and (bands[0] == bands[2]).all() and not (bands[0] == bands[1]).all()


def test_a_text_that_was_not_measured_has_no_facts_and_is_told(world: Any) -> None:
    from workflows.cleaning.models import TextFacts

    scope = _texts(world, "mine", ["One of some texts is not measured.", "This one is, and another one too.", "That is it."])
    first = Item.objects.filter(project=scope.project, key="0").get()
    TextFacts.objects.filter(sha256=first.sha256).delete()
    with steady() as instant:
        table = Table(scope, instant)
        table.load([(kinds()["near_duplicate_text"], kinds()["near_duplicate_text"].defaults())])
        columns = table.columns(kinds()["near_duplicate_text"], {})
    assert table.lacking and np.isnan(columns["characters"]).tolist() == [True, False, False]
    assert columns["bands"].any(axis=1).tolist() == [False, True, True]
