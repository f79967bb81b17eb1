"""Batches and items by the API: paging, plans, history, and what each costs in queries."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.items import services
from annotate.kernel.errors import Invalid, Stale


def test_a_batch_is_made_changed_and_sealed(world: Any) -> None:
    api, project = world.api(world.manager), world.project.pk
    made = api.post(f"/projects/{project}/batches", {"name": "march", "plan": {"target": 20, "due": "2026-04-01"}})
    assert (made.status_code, made.json()["state"]) == (201, "open")
    pk = made.json()["id"]
    assert api.post(f"/projects/{project}/batches", {"name": "march"}).json()["code"] == "name_taken"
    changed = api.patch(f"/batches/{pk}", {"source": "car 7"}).json()
    assert (changed["source"], changed["plan"]["target"]) == ("car 7", 20)
    assert api.post(f"/batches/{pk}/seal").json()["state"] == "sealed"
    assert api.post(f"/batches/{pk}/seal").status_code == 409
    assert api.post(f"/batches/{pk}/reopen").json()["state"] == "open"
    assert [row["id"] for row in api.get(f"/projects/{project}/batches").json()["results"]] == [pk]


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ({"target": -1}, "plan.target"),
        ({"target": True}, "plan.target"),
        ({"goal": 1}, "plan.goal"),
        ({"due": "soon"}, "plan.due"),
        ({"quotas": {}}, "plan.quotas"),
        ({"quotas": [{"q": "", "at_least": 3}]}, "plan.quotas[0].q"),
        ({"quotas": [{"q": "x"}]}, "plan.quotas[0].at_least"),
        ({"quotas": ["x"]}, "plan.quotas[0]"),
    ],
)
def test_a_wrong_plan_names_its_path(world: Any, plan: dict[str, Any], field: str) -> None:
    response = world.api(world.manager).post(f"/projects/{world.project.pk}/batches", {"name": "x", "plan": plan})
    assert response.status_code == 400
    assert field in response.json()["fields"]


@pytest.mark.parametrize(
    ("name", "status"), [("viewer", 403), ("reviewer", 403), ("annotator", 404), ("collector", 403), ("outsider", 404)]
)
def test_only_managers_seal(world: Any, name: str, status: int) -> None:
    batch = services.create_batch(world.project, "march", by=world.actor(world.manager))
    assert world.api(getattr(world, name)).post(f"/batches/{batch.pk}/seal").status_code == status


def test_collectors_make_batches_and_viewers_do_not(world: Any) -> None:
    route = f"/projects/{world.project.pk}/batches"
    assert world.api(world.collector).post(route, {"name": "a"}).status_code == 201
    assert world.api(world.viewer).post(route, {"name": "b"}).status_code == 403
    assert world.api(world.annotator).get(route).json()["results"] == []


def test_plan_against_reality(world: Any, make_items: Any) -> None:
    plan = {"target": 10, "quotas": [{"q": 'key = "picture-0001.jpg"', "at_least": 3}]}
    batch = services.create_batch(world.project, "march", plan=plan, by=world.actor(world.manager))
    make_items(4, batch)
    found = world.api(world.viewer).get(f"/batches/{batch.pk}").json()["reality"]
    assert found["items"] == 4
    assert found["states"] == {"new": 4}
    assert (found["quotas"][0]["now"], found["quotas"][0]["short"]) == (1, 2)


def test_items_page_without_gaps_or_repeats(world: Any, make_items: Any) -> None:
    items = make_items(7)
    api, seen, cursor = world.api(world.viewer), [], ""
    for _page in range(4):
        body = api.get(f"/projects/{world.project.pk}/items?limit=2{cursor}").json()
        seen += [row["id"] for row in body["results"]]
        cursor = f"&cursor={body['next']}"
    assert seen == [item.pk for item in reversed(items)]
    assert body["next"] is None
    counted = api.get(f"/projects/{world.project.pk}/items?limit=1&count=1").json()
    assert counted["count"] == 7


def test_sorts(world: Any, make_items: Any) -> None:
    make_items(3)
    api = world.api(world.viewer)
    for sort, first in (("key", "picture-0000.jpg"), ("-key", "picture-0002.jpg"), ("oldest", "picture-0000.jpg")):
        body = api.get(f"/projects/{world.project.pk}/items?sort={sort}&limit=2").json()
        assert body["results"][0]["key"] == first
        rest = api.get(f"/projects/{world.project.pk}/items?sort={sort}&cursor={body['next']}").json()
        assert len(rest["results"]) == 1
    assert api.get(f"/projects/{world.project.pk}/items?sort=size").status_code == 400


def test_a_cursor_belongs_to_its_question(world: Any, make_items: Any) -> None:
    make_items(3)
    api, route = world.api(world.viewer), f"/projects/{world.project.pk}/items"
    cursor = api.get(f"{route}?limit=1").json()["next"]
    assert api.get(f"{route}?cursor={cursor}&q=state = new").status_code == 400
    assert world.api(world.manager).get(f"{route}?cursor={cursor}").status_code == 400


def test_a_bad_query_is_refused_with_its_column(world: Any, make_items: Any) -> None:
    make_items(1)
    response = world.api(world.viewer).get(f"/projects/{world.project.pk}/items?q=nonsense = 3")
    assert response.status_code == 400
    assert "column" in response.json()


def test_an_item_says_what_it_is(world: Any, make_items: Any) -> None:
    (item,) = make_items(1, meta={"weather": "rain"}, group="g", frame=3)
    body = world.api(world.viewer).get(f"/items/{item.pk}").json()
    assert (body["key"], body["meta"], body["group"], body["frame"]) == (item.key, {"weather": "rain"}, "g", 3)
    assert (body["width"], body["height"], body["stage"]) == (64, 48, "label")
    assert body["media"]["thumb"] == f"/api/v1/items/{item.pk}/media?size=thumb"
    assert body["sha256"] == item.sha256.hex()


def test_history_tells_it_newest_first(world: Any, make_items: Any, answer: Any, task: Any) -> None:
    (item,) = make_items(1)
    task(item, world.annotator)
    answer(item, world.annotator, approved=True)
    told = world.api(world.viewer).get(f"/items/{item.pk}/history").json()["results"]
    assert [event["what"] for event in told] == ["approval.add", "annotation.add", "lease.take", "item.add"]
    assert told[1]["person"]["name"] == "annotator"
    assert told[-1]["data"]["batch"] == "march"


@pytest.mark.parametrize("rows", [1, 3])
def test_cost_of_the_list_of_items(world: Any, make_items: Any, django_assert_num_queries: Any, rows: int) -> None:
    make_items(rows)
    api = world.api(world.viewer)
    api.get(f"/projects/{world.project.pk}/items")
    with django_assert_num_queries(3):  # project, role, items; the token is asked for beside Django
        assert len(api.get(f"/projects/{world.project.pk}/items").json()["results"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_cost_of_the_revisions(
    world: Any, make_items: Any, answer: Any, django_assert_num_queries: Any, rows: int
) -> None:
    (item,) = make_items(1)
    for _row in range(rows):
        answer(item, world.annotator)
    api = world.api(world.viewer)
    api.get(f"/items/{item.pk}/annotations")
    with django_assert_num_queries(3):  # item, role, revisions; the token is asked for beside Django
        assert len(api.get(f"/items/{item.pk}/annotations").json()["results"]) == rows


def test_moves_are_compare_and_set(world: Any, make_items: Any) -> None:
    first, second = make_items(2)
    assert services.move([first.pk], "submit") == [first.pk]
    with pytest.raises(Stale):
        services.move([first.pk, second.pk], "return", by=world.actor(world.reviewer))
    first.refresh_from_db()
    assert first.state == "labelled"
    assert services.move([first.pk, second.pk], "return", only_legal=True) == [first.pk]
    services.move([first.pk], "approve", by=world.actor(world.reviewer))
    from annotate.activity.models import Activity

    assert Activity.objects.get(verb="item.approve").noun_id == first.pk
    with pytest.raises(Stale):
        services.move([first.pk], "submit")


def test_a_plan_that_is_fine_is_kept_as_given(world: Any) -> None:
    plan = {"target": 5, "quotas": [{"q": "width > 1", "at_least": 0, "name": "all"}], "due": "2026-04-01T10:00:00Z"}
    assert services.clean_plan(plan, world.project.pk) == plan
    with pytest.raises(Invalid):
        services.clean_plan({"quotas": [{"q": "width > 1", "at_least": 1}] * 101}, world.project.pk)


def test_a_quota_whose_query_cannot_be_read_is_refused_with_its_place(world: Any) -> None:
    plan = {"quotas": [{"q": "width > 1", "at_least": 1}, {"q": "nonsense = 1", "at_least": 1}]}
    refused = world.api(world.manager).post(f"/projects/{world.project.pk}/batches", {"name": "planned", "plan": plan})
    assert refused.status_code == 400
    assert "Column 1" in refused.json()["fields"]["plan.quotas[1].q"]


def test_history_pages_like_every_list(world: Any, make_items: Any) -> None:
    api, item = world.api(world.manager), make_items(1)[0]
    for text in ("one", "two"):
        api.post(f"/items/{item.pk}/comments", {"text": text})
    whole = api.get(f"/items/{item.pk}/history").json()
    assert whole["next"] is None and len(whole["results"]) >= 3
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/items/{item.pk}/history?limit=1&count=1" + (f"&cursor={cursor}" if cursor else "")).json()
        assert page["count"] == len(whole["results"])
        found += page["results"]
        cursor = page["next"]
    assert found == whole["results"]
