"""What differs between versions: by item, by object, and as a delta that a pipeline applies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotate.items.services import erase
from tests.releases.conftest import KEYS, box_of, labels_of
from workflows.releases import differing, reading

pytestmark = pytest.mark.django_db


def lines(answer: Any) -> list[dict[str, Any]]:
    assert answer["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.getvalue().splitlines()]


@pytest.fixture
def changed(world: Any, approve: Any, cut: Any) -> tuple[Any, Any]:
    """Two versions: one item moved its box, one got another label, one came, one went."""
    from annotate.reviews.services import withdraw

    items = {item.key: item for item in approve(KEYS)}
    first = cut()
    approve(["a01.jpg"], at=5)
    approve(["b01.jpg"], "car", "sign")
    approve(["b77.jpg"])
    withdraw(items["c01.jpg"], "blurred", by=world.actor(world.manager))
    return first, cut()


def test_the_summary_counts_items_and_objects(world: Any, dataset: Any, changed: Any) -> None:
    answer = world.api(world.viewer).get(f"/datasets/{dataset.pk}/diff?from=1&to=2").json()
    assert answer["items"] == {"added": 1, "removed": 1, "changed": 2, "same": len(KEYS) - 3}
    assert answer["objects"] == {"added": 2, "removed": 1, "relabelled": 0, "moved": 1, "attributes": 0}


def test_the_lines_name_item_change_and_object(world: Any, dataset: Any, changed: Any) -> None:
    answer = world.api(world.viewer).get(f"/datasets/{dataset.pk}/diff?from=1&to=2", headers={"Accept": "application/x-ndjson"})
    found = {line["key"]: line for line in lines(answer)}
    assert {key: line["change"] for key, line in found.items()} == {
        "a01.jpg": "changed", "b01.jpg": "changed", "b77.jpg": "added", "c01.jpg": "removed"
    }  # fmt: skip
    [moved], [added] = found["a01.jpg"]["objects"], found["b01.jpg"]["objects"]
    assert (moved["id"], moved["change"]) == (box_of("a01.jpg")["id"], "moved")
    assert (added["id"], added["change"], added["label"]) == (box_of("b01.jpg", "sign")["id"], "added", "sign")
    assert found["a01.jpg"]["fields"] == ["labels"]


def test_backwards_what_came_goes(changed: Any) -> None:
    first, second = changed
    forth = {each.row.key: each.change for each in differing.differences(first, second)}
    back = {each.row.key: each.change for each in differing.differences(second, first)}
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    assert back == {key: turned[change] for key, change in forth.items()}


def test_a_version_does_not_differ_from_itself(changed: Any) -> None:
    assert list(differing.differences(changed[1], changed[1])) == []


def test_a_delta_leads_from_one_version_to_the_other(world: Any, changed: Any) -> None:
    first, second = changed
    held = {row.key: row.leaf.hex() for row in reading.rows(first)}
    for line in lines(world.api(world.viewer).get(f"/versions/{second.pk}/delta?since=1")):
        if line["change"] == "removed":
            del held[line["key"]]
        else:
            held[line["key"]] = line["leaf"]
            assert line["annotation"]["objects"]
    assert held == {row.key: row.leaf.hex() for row in reading.rows(second)}


def test_since_nothing_a_delta_is_everything(world: Any, changed: Any) -> None:
    found = lines(world.api(world.viewer).get(f"/versions/{changed[0].pk}/delta?since=0"))
    assert {line["change"] for line in found} == {"added"}
    assert len(found) == len(KEYS)


def test_a_delta_tells_of_erasures_even_within_what_is_shared(world: Any, approve: Any, cut: Any) -> None:
    items = approve(KEYS)
    first, second = cut(), cut()
    leaf = next(row.leaf.hex() for row in reading.rows(first) if row.item_id == items[8].pk)
    erase(items[8], reason="asked", by=world.actor(world.manager))
    third = cut()
    for version in (second, third):
        [line] = lines(world.api(world.viewer).get(f"/versions/{version.pk}/delta?since=1"))
        assert (line["item"], line["change"], line["erased"], line["leaf"]) == (items[8].pk, "removed", True, leaf)
    summary = differing.summary(first, third)["items"]
    assert summary == {"added": 0, "removed": 1, "changed": 0, "same": len(KEYS) - 1}
    assert differing.summary(first, second)["items"]["same"] == len(KEYS)


@pytest.mark.parametrize("query", ["", "?from=1", "?from=a&to=1", "?from=-1&to=1", "?from=1&to=0", "?from=1&to=99999999999999999999"])
def test_numbers_that_are_none_are_refused(world: Any, dataset: Any, changed: Any, query: str) -> None:
    assert world.api(world.viewer).get(f"/datasets/{dataset.pk}/diff{query}").status_code == 400


def test_a_number_that_no_version_has_is_missing(world: Any, dataset: Any, changed: Any) -> None:
    assert world.api(world.viewer).get(f"/datasets/{dataset.pk}/diff?from=1&to=9").status_code == 404
    assert world.api(world.viewer).get(f"/versions/{changed[1].pk}/delta?since=9").status_code == 404


def test_what_a_new_item_says_of_itself_is_no_change_of_an_object(world: Any, dataset: Any, approve: Any, cut: Any) -> None:
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.projects.queries import current_schema

    approve(["n01.jpg"])
    cut()
    [item] = approve(["n02.jpg"], approved=False)
    foggy = labels_of("n02.jpg") | {"item": {"weather": "fog"}}
    add_imported([ImportedAnnotation(item.pk, foggy, current_schema(world.project.pk).pk, approved=True)], by=world.actor(world.owner))
    cut()
    answer = world.api(world.viewer).get(f"/datasets/{dataset.pk}/diff?from=1&to=2").json()
    assert answer["items"]["added"] == 1 and answer["objects"]["attributes"] == 0
