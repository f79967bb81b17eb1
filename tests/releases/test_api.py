"""Slices, datasets, versions and tags as an outside client meets them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api
from tests.releases.conftest import KEYS
from workflows.releases.models import Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def released(world: Any, approve: Any, run_jobs: Any) -> dict[str, Any]:
    """A dataset with one version, made by calls alone."""
    approve(KEYS)
    manager = world.api(world.manager)
    dataset = manager.post(f"/projects/{world.project.pk}/datasets", {"name": "streets"}).json()
    answer = manager.post(f"/datasets/{dataset['id']}/versions", {"message": "first", "splits": {"train": 0.8, "test": 0.2}})
    assert answer.status_code == 202
    run_jobs()
    job = manager.get(f"/jobs/{answer.json()['id']}").json()
    return {"dataset": dataset["id"], "version": job["result"]["version"], "job": job}


def test_from_asking_to_the_frozen_version(world: Any, released: dict[str, Any]) -> None:
    assert released["job"]["links"]["version"] == f"/api/v1/versions/{released['version']}"
    version = world.api(world.viewer).get(f"/versions/{released['version']}").json()
    assert (version["number"], version["state"], version["message"], version["parent"]) == (1, "frozen", "first", None)
    assert version["hash"] == Version.objects.get().root.hex()
    assert version["counts"]["items"] == len(KEYS) == sum(version["splits"].values())
    assert version["schema"]["number"] == 1


def test_its_items_come_page_by_page_in_the_order_of_keys(world: Any, released: dict[str, Any]) -> None:
    api, found, cursor = world.api(world.viewer), [], ""
    while cursor is not None:
        page = api.get(f"/versions/{released['version']}/items?limit=5" + (f"&cursor={cursor}" if cursor else "")).json()
        assert len(page["results"]) <= 5
        found += [row["key"] for row in page["results"]]
        cursor = page["next"]
    assert found == sorted(KEYS)


def test_a_split_that_got_nothing_is_empty_and_not_unknown(world: Any, approve: Any, run_jobs: Any) -> None:
    approve(KEYS[:1])
    manager = world.api(world.manager)
    dataset = manager.post(f"/projects/{world.project.pk}/datasets", {"name": "small"}).json()["id"]
    answer = manager.post(f"/datasets/{dataset}/versions", {"splits": {"train": 0.5, "test": 0.5}})
    run_jobs()
    version = manager.get(f"/jobs/{answer.json()['id']}").json()["result"]["version"]
    splits = manager.get(f"/versions/{version}").json()["splits"]
    assert sorted(splits.values()) == [0, 1] and set(splits) == {"train", "test"}
    for name, many in splits.items():
        page = manager.get(f"/versions/{version}/items?split={name}&count=1").json()
        assert (len(page["results"]), page["count"], page["next"]) == (many, many, None)
    assert manager.get(f"/versions/{version}/items?split=other").status_code == 400


def test_items_of_one_split(world: Any, released: dict[str, Any]) -> None:
    api = world.api(world.viewer)
    rows = {name: api.get(f"/versions/{released['version']}/items?split={name}").json()["results"] for name in ("train", "test")}
    assert {row["split"] for row in rows["train"]} == {"train"}
    assert len(rows["train"]) + len(rows["test"]) == len(KEYS)
    assert rows["train"][0]["annotation"]["objects"][0]["label"] == "car"
    assert api.get(f"/versions/{released['version']}/items?split=other").status_code == 400


@pytest.mark.parametrize("cursor", ["x", "WzAsMF0:abc", "%00"])
def test_a_cursor_of_ones_own_making_is_refused(world: Any, released: dict[str, Any], cursor: str) -> None:
    assert world.api(world.viewer).get(f"/versions/{released['version']}/items?cursor={cursor}").status_code == 400


def test_a_version_being_cut_is_not_there_yet(world: Any, released: dict[str, Any]) -> None:
    manager = world.api(world.manager)
    job = manager.post(f"/datasets/{released['dataset']}/versions").json()
    pending = Version.objects.get(job_id=job["id"])
    assert manager.get(f"/versions/{pending.pk}").status_code == 404
    assert [row["number"] for row in manager.get(f"/datasets/{released['dataset']}/versions").json()["results"]] == [1]


def test_a_slice_is_saved_counted_and_cut(world: Any, approve: Any, run_jobs: Any) -> None:
    approve(["a.jpg"], "car", "sign", meta={"weather": "rain"})
    approve(["b.jpg"], meta={"weather": "clear"})
    approve(["c.jpg"], approved=False, meta={"weather": "rain"})
    manager = world.api(world.manager)
    made = manager.post(f"/projects/{world.project.pk}/slices", {"name": "rain", "q": 'meta.weather = "rain"'}).json()
    seen = world.api(world.viewer).get(f"/slices/{made['id']}?stats=1").json()
    assert seen["stats"] == {"items": 2, "states": {"approved": 1, "labelled": 1}, "labels": {"car": 2, "sign": 1}}
    dataset = manager.post(f"/projects/{world.project.pk}/datasets", {"name": "streets"}).json()["id"]
    for named in (made["id"], "rain"):
        assert manager.post(f"/datasets/{dataset}/versions", {"slice": named}).status_code == 202
    run_jobs()
    versions = manager.get(f"/datasets/{dataset}/versions").json()["results"]
    assert [(row["number"], row["counts"]["items"], row["q"]) for row in versions] == [(2, 1, made["q"]), (1, 1, made["q"])]


def test_a_name_is_taken_once(world: Any) -> None:
    manager = world.api(world.manager)
    for noun in ("slices", "datasets"):
        assert manager.post(f"/projects/{world.project.pk}/{noun}", {"name": "a"}).status_code == 201
        assert manager.post(f"/projects/{world.project.pk}/{noun}", {"name": "a"}).status_code == 409


def test_a_tag_moves_and_remembers(world: Any, released: dict[str, Any], run_jobs: Any) -> None:
    manager, tags = world.api(world.manager), f"/datasets/{released['dataset']}/tags"
    manager.post(f"/datasets/{released['dataset']}/versions")
    run_jobs()
    assert manager.post(tags, {"name": "prod", "version": released["version"]}).status_code == 201
    assert manager.post(tags, {"name": "prod", "number": 2}).json()["number"] == 2
    assert [(row["name"], row["number"]) for row in manager.get(tags).json()["results"]] == [("prod", 2)]
    assert [row["number"] for row in manager.get(f"{tags}?name=prod").json()["results"]] == [2, 1]


@pytest.mark.parametrize("name", ["12", "a b", "", "../x", "a@b", "x" * 61])
def test_a_tag_that_could_be_taken_for_something_else_is_refused(world: Any, released: dict[str, Any], name: str) -> None:
    answer = world.api(world.manager).post(f"/datasets/{released['dataset']}/tags", {"name": name, "number": 1})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["name"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"splits": {"train": 0.5}}, "splits"),
        ({"splits": [1]}, "splits"),
        ({"splits": {"train": "x"}}, "splits.train"),
        ({"slice": 999999999}, "slice"),
        ({"slice": {"id": 1}}, "slice"),
        ({"slice": 2**63 - 1}, "slice"),
        ({"by": "batch"}, "by"),
        ({"stratify": "car"}, "stratify"),
        ({"colour": 1}, "colour"),
        ({"message": "x" * 2001}, "message"),
    ],
)
def test_what_cannot_be_cut_is_refused_by_field(world: Any, released: dict[str, Any], body: Any, field: str) -> None:
    answer = world.api(world.manager).post(f"/datasets/{released['dataset']}/versions", body)
    assert answer.status_code == 400
    assert field in answer.json().get("fields", {}) or answer.json()["code"] == "out_of_range"
    assert Version.objects.count() == 1


def test_a_query_that_is_wrong_names_the_column(world: Any, released: dict[str, Any]) -> None:
    answer = world.api(world.manager).post(f"/datasets/{released['dataset']}/versions", {"q": "state = = approved"})
    assert answer.status_code == 400
    assert "column" in answer.json()


def addresses(released: dict[str, Any], world: Any) -> list[str]:
    dataset, version = released["dataset"], released["version"]
    return [
        f"/datasets/{dataset}",
        f"/datasets/{dataset}/versions",
        f"/datasets/{dataset}/tags",
        f"/datasets/{dataset}/diff?from=0&to=1",
        f"/versions/{version}",
        f"/versions/{version}/items",
        f"/versions/{version}/delta?since=0",
    ]


def test_another_organisation_and_those_without_item_pages_see_nothing(world: Any, released: dict[str, Any]) -> None:
    made = world.api(world.manager).post(f"/projects/{world.project.pk}/slices", {"name": "all"}).json()
    for path in [*addresses(released, world), f"/slices/{made['id']}"]:
        for person in (world.outsider, world.annotator, world.collector):
            assert world.api(person).get(path).status_code == 404, path
        for person in (world.viewer, world.reviewer, world.manager, world.owner):
            assert world.api(person).get(path).status_code == 200, path
    assert world.api(world.outsider).post(f"/datasets/{released['dataset']}/versions").status_code == 404
    assert world.api(world.outsider).post(f"/datasets/{released['dataset']}/tags", {"name": "a", "number": 1}).status_code == 404
    assert world.api(world.outsider).post(f"/versions/{released['version']}/withdraw", {"reason": "x"}).status_code == 404


def test_viewers_and_reviewers_pull_and_do_not_release(world: Any, released: dict[str, Any]) -> None:
    for person in (world.viewer, world.reviewer):
        api = world.api(person)
        assert api.post(f"/projects/{world.project.pk}/slices", {"name": "b"}).status_code == 403
        assert api.post(f"/projects/{world.project.pk}/datasets", {"name": "b"}).status_code == 403
        assert api.post(f"/datasets/{released['dataset']}/versions").status_code == 403
        assert api.post(f"/datasets/{released['dataset']}/tags", {"name": "a", "number": 1}).status_code == 403
        assert api.post(f"/versions/{released['version']}/withdraw", {"reason": "x"}).status_code == 403


def test_a_token_bound_to_a_dataset_sees_that_one(world: Any, released: dict[str, Any]) -> None:
    other = world.api(world.manager).post(f"/projects/{world.project.pk}/datasets", {"name": "other"}).json()["id"]
    bound = Api(world.token(world.viewer, "export", dataset_id=released["dataset"]))
    elsewhere = Api(world.token(world.viewer, "export", dataset_id=other))
    for path in addresses(released, world):
        assert (bound.get(path).status_code, elsewhere.get(path).status_code) == (200, 404), path
    listed = bound.get(f"/projects/{world.project.pk}/datasets").json()["results"]
    assert [row["id"] for row in listed] == [released["dataset"]]


def test_a_version_is_not_written_to(world: Any, released: dict[str, Any]) -> None:
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        assert world.api(world.owner).call(method, f"/versions/{released['version']}", {}).status_code == 405


def test_the_same_key_cuts_once(world: Any, released: dict[str, Any]) -> None:
    manager, path = world.api(world.manager), f"/datasets/{released['dataset']}/versions"
    first, again = (manager.post(path, {}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert Version.objects.count() == 2


def test_lists_cost_the_same_for_one_and_for_three(world: Any, released: dict[str, Any], run_jobs: Any, django_assert_num_queries: Any) -> None:
    api, path = world.api(world.viewer), f"/datasets/{released['dataset']}/versions"
    api.get(path)
    with django_assert_num_queries(3):
        assert len(api.get(path).json()["results"]) == 1
    for _ in range(2):
        world.api(world.manager).post(path)
    run_jobs()
    with django_assert_num_queries(3):
        assert len(api.get(path).json()["results"]) == 3
