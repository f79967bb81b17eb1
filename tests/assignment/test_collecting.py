"""Collectors see and fill the batches they are named for, with their own targets; other batches are not there for them."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.items import collecting
from annotate.items.models import Batch, Collector, Item
from annotate.items.services import create_batch
from annotate.projects.services import remove_member, set_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(world: Any) -> Batch:
    plan = {"target": 100, "quotas": [{"q": "width >= 10", "at_least": 50, "name": "wide"}]}
    return create_batch(world.project, "march", plan=plan, by=world.actor(world.manager))


def name(world: Any, batch: Batch, person: Any, target: int | None = None) -> Any:
    return world.api(world.manager).put(f"/batches/{batch.pk}/collectors", {"collectors": [{"person": person.pk, "target": target}]})


def test_a_batch_that_names_nobody_is_open_to_every_collector(world: Any, batch: Batch) -> None:
    rows = world.api(world.collector).get("/collecting").json()["results"]
    assert [(row["batch"]["name"], row["target"], row["planned"]) for row in rows] == [("march", None, 100)]


def test_who_is_named_sees_their_target_and_how_far(world: Any, batch: Batch, make_items: Any) -> None:
    assert name(world, batch, world.collector, 20).status_code == 200
    items = make_items(5, batch=batch)
    Item.objects.filter(pk__in=[item.pk for item in items[:3]]).update(created_by=world.collector)
    row = world.api(world.collector).get("/collecting").json()["results"][0]
    assert (row["mine"], row["target"], row["short"], row["total"]) == (3, 20, 17, 5)
    assert [(each["name"], each["now"], each["mine"], each["at_least"]) for each in row["quotas"]] == [("wide", 5, 3, 50)]
    page = world.page(world.collector).get("/collecting").content.decode()
    assert "march" in page and "17 short" in page
    found = world.api(world.manager).get(f"/batches/{batch.pk}/collectors").json()
    assert found == {"collectors": [{"person": {"id": world.collector.pk, "name": "collector"}, "target": 20, "items": 3}]}


def test_to_other_collectors_the_batch_is_not_there(world: Any, batch: Batch, picture: Any) -> None:
    set_member(world.project, world.viewer, role="collector", by=world.actor(world.manager))
    name(world, batch, world.viewer)
    api = world.api(world.collector)
    assert api.get("/collecting").json()["results"] == []
    assert api.get(f"/batches/{batch.pk}").status_code == 404
    assert api.get(f"/projects/{world.project.pk}/batches").json()["results"] == []
    assert api.upload(f"/batches/{batch.pk}/files", {"a.jpg": picture()}).status_code == 404
    assert world.api(world.viewer).upload(f"/batches/{batch.pk}/files", {"a.jpg": picture()}).status_code == 202
    assert world.api(world.manager).upload(f"/batches/{batch.pk}/files", {"b.jpg": picture()}).status_code == 202


def test_only_collectors_of_the_project_are_named(world: Any, batch: Batch) -> None:
    wrong = name(world, batch, world.annotator)
    assert wrong.status_code == 400 and f"collectors.{world.annotator.pk}" in wrong.json()["fields"]
    unknown = world.api(world.manager).put(f"/batches/{batch.pk}/collectors", {"collectors": [{"person": "outsider"}]})
    assert unknown.status_code == 400 and "collectors[0].person" in unknown.json()["fields"]
    assert name(world, batch, world.collector, 0).status_code == 400
    assert not Collector.objects.exists()
    for person, status in ((world.reviewer, 403), (world.collector, 403), (world.annotator, 404), (world.outsider, 404)):
        assert world.api(person).put(f"/batches/{batch.pk}/collectors", {"collectors": []}).status_code == status


def test_the_page_names_collectors_and_keeps_a_wrong_target(world: Any, batch: Batch) -> None:
    page, who = world.page(world.manager), world.collector.pk
    assert f"/batches/{batch.pk}/collectors" in page.get(f"/batches/{batch.pk}").content.decode()
    assert page.post(f"/batches/{batch.pk}/collectors", {f"in-{who}": "on", f"target-{who}": "30"}).status_code == 302
    assert Collector.objects.get().target == 30
    wrong = page.post(f"/batches/{batch.pk}/collectors", {f"in-{who}": "on", f"target-{who}": "many"})
    assert wrong.status_code == 200 and "many" in wrong.content.decode()
    assert page.post(f"/batches/{batch.pk}/collectors", {}).status_code == 302 and not Collector.objects.exists()


def test_a_leaver_collects_no_more(world: Any, batch: Batch) -> None:
    collecting.set_collectors(batch, {world.collector: None}, by=world.actor(world.manager))
    remove_member(world.project, world.collector, by=world.actor(world.manager))
    assert not Collector.objects.exists()
