"""The data card and the Croissant metadata of a version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotate.items.services import erase
from tests.releases.conftest import KEYS
from workflows.releases import card, meaning, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(world: Any, dataset: Any, approve: Any, cut: Any) -> list[Any]:
    services.set_licence(dataset, "CC-BY-4.0", by=world.actor(world.manager))
    dataset.refresh_from_db()
    approve(KEYS, "car", "sign")
    approve(["no.jpg"], approved=False)
    first = cut(message="streets | by day")
    approve(["b01.jpg"], "person")
    return [first, cut()]


def test_the_card_counts_names_and_compares(world: Any, two: list[Any]) -> None:
    found = world.api(world.viewer).get(f"/versions/{two[1].pk}/card").json()
    assert (found["version"], found["number"], found["licence"], found["hash"]) == ("2.0.0", 2, "CC-BY-4.0", two[1].root.hex())
    assert found["people"]["labelled_by"] == {"owner": len(KEYS)} and found["origins"]["cause"] == {"import": len(KEYS)}
    assert found["sizes"] == {"64 × 48": len(KEYS)} and found["batches"] == {"march": len(KEYS)}
    assert found["problems"]["excluded"] == {"not_approved": 1}
    assert found["changes"]["since"] == 1 and found["changes"]["items"]["changed"] == 1
    assert found["quality"]["agreement"]["value"] is None


def test_as_markdown_no_cell_breaks_the_table(world: Any, two: list[Any]) -> None:
    answer = world.api(world.viewer).get(f"/versions/{two[0].pk}/card?format=md")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/markdown")
    assert "# streets 1.0.0" in text and 'license: "CC-BY-4.0"' in text and "streets \\| by day" in text
    assert f"| car | {len(KEYS)} |" in text and "left out: not_approved" in text and "not enough to say" in text
    assert world.api(world.viewer).get(f"/versions/{two[0].pk}/card?format=pdf").status_code == 400


def test_an_erased_item_leaves_the_card(world: Any, two: list[Any]) -> None:
    erase(two[0].dataset.project.items.get(key="a01.jpg"), reason="asked", by=world.actor(world.manager))
    found = card.card(two[0])
    assert found["erased"] == 1 and found["people"]["labelled_by"] == {"owner": len(KEYS) - 1}


def test_the_number_says_what_has_changed(world: Any, approve: Any, cut: Any) -> None:
    approve(KEYS)
    first, same = cut(), cut()
    approve(["c77.jpg"])
    added = cut()
    approve(["c77.jpg"], "sign")
    assert [meaning.of(each) for each in (first, same, added, cut())] == ["1.0.0", "1.0.1", "1.1.0", "2.0.0"]
    moved = cut(splits={"a": 0.5, "b": 0.5})
    assert meaning.of(moved) == "3.0.0"


def test_croissant_names_files_that_are_there_with_their_hashes(world: Any, two: list[Any]) -> None:
    import hashlib

    api = world.api(world.viewer)
    found = json.loads(api.get(f"/versions/{two[0].pk}/croissant").content)
    assert (found["version"], found["license"], found["conformsTo"]) == ("1.0.0", "CC-BY-4.0", "http://mlcommons.org/croissant/1.1")
    files = [each for each in found["distribution"] if each["@type"] == "cr:FileObject"]
    assert len(files) == 3
    for each in files:
        body = api.get(each["contentUrl"].partition("/api/v1")[2]).getvalue()
        assert hashlib.sha256(body).hexdigest() == each["sha256"]
    assert [each["splits/name"] for each in found["recordSet"][0]["data"]] == ["test", "train", "val"]
    assert api.get(f"/versions/{two[0].pk}/shards/99").status_code == 404


def test_the_licence_is_set_by_who_may_cut(world: Any, dataset: Any) -> None:
    path = f"/datasets/{dataset.pk}"
    assert world.api(world.manager).patch(path, {"licence": "CC0-1.0"}).json()["licence"] == "CC0-1.0"
    assert world.api(world.viewer).patch(path, {"licence": "mine"}).status_code == 403
    assert world.api(world.outsider).patch(path, {"licence": "mine"}).status_code == 404
    assert world.api(world.manager).patch(path, {"licence": "x" * 301}).status_code == 400


def test_the_reference_reader_takes_it_and_reads_every_row(world: Any, two: list[Any], tmp_path: Path) -> None:
    from tests.conformance.readers import read

    api, folder = world.api(world.viewer), tmp_path / "version"
    folder.mkdir()
    found = json.loads(api.get(f"/versions/{two[1].pk}/croissant").content)
    for each in found["distribution"]:
        if each["@type"] == "cr:FileObject":
            (folder / each["@id"]).write_bytes(api.get(each["contentUrl"].partition("/api/v1")[2]).getvalue())
            each["contentUrl"] = each["@id"]
    (folder / "croissant.json").write_text(json.dumps(found))
    told = read("mlcroissant", "croissant", folder)
    assert (told["images"], told["objects"], told["warnings"]) == (len(KEYS), two[1].counts["objects"], [])
    assert told["splits"] == ["test", "train", "val"] and sorted({box[0] for box in told["boxes"]}) == sorted(KEYS)
