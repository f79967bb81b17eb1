"""The pages of datasets, versions and exports, as people of each role use them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.exporters.conftest import exported, freeze  # noqa: F401  fixtures
from workflows.releases.models import Dataset, Export, Tag, Version
from workflows.releases.services import create_dataset, create_slice

Freeze = Callable[..., Any]


def text(response: Any) -> str:
    return response.content.decode()


@pytest.fixture
def dataset(world: Any) -> Dataset:
    return create_dataset(world.project, "scenes", by=world.actor(world.manager))


def cut_form(into: Dataset, /, **over: str) -> dict[str, str]:
    return {"dataset": str(into.pk), "message": "first", "q": "", "splits": "train 80, val 20", "by": "group"} | over


def test_an_empty_project_asks_a_manager_for_a_dataset_and_a_viewer_to_wait(world: Any) -> None:
    Dataset.objects.all().delete()
    page = text(world.page(world.manager).get(f"/p/{world.project.pk}/versions"))
    assert "No datasets yet" in page and "Make the dataset" in page
    page = text(world.page(world.viewer).get(f"/p/{world.project.pk}/versions"))
    assert "No datasets yet" in page and "Make the dataset" not in page


def test_a_dataset_is_made_and_its_first_version_cut(world: Any, freeze: Freeze, run_jobs: Callable[[], int]) -> None:  # noqa: F811
    freeze(3)
    page = world.page(world.manager)
    made = page.post(f"/p/{world.project.pk}/datasets", {"name": "night"})
    dataset = Dataset.objects.get(name="night")
    assert made.status_code == 302 and made.url == f"/datasets/{dataset.pk}"
    assert "No version yet" in text(page.get(made.url))
    asked = page.post(f"/datasets/{dataset.pk}", cut_form(dataset))
    assert asked.status_code == 302
    assert "every 2s" in text(page.get(asked.url)) and "Cut of a version" in text(page.get(asked.url))
    run_jobs()
    version = Version.objects.get(dataset=dataset)
    shown = text(page.get(asked.url))
    assert version.recipe["splits"] == {"train": 0.8, "val": 0.2} and f'href="/versions/{version.pk}"' in shown and "every 2s" not in shown


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"splits": "train 80, val 30"}, "sum to 110"),
        ({"splits": "train"}, "a name and a share"),
        ({"splits": "a 50, a 50"}, "is there twice"),
        ({"splits": "a/b 100"}, "letters, digits"),
        ({"q": "nonsense ~~ 1"}, "nonsense"),
        ({"by": "moon"}, "moon"),
        ({"dataset": "999999"}, "999999"),
    ],
)
def test_a_wrong_wish_keeps_what_was_typed_and_says_why(world: Any, dataset: Dataset, over: dict[str, str], words: str) -> None:
    answer = world.page(world.manager).post(f"/p/{world.project.pk}/versions", cut_form(dataset, message="keep me", **over))
    assert answer.status_code == 400 and words in text(answer) and "keep me" in text(answer)
    assert not Version.objects.exists()


def test_the_preview_counts_what_goes_in_and_what_stays_out(world: Any, freeze: Freeze, make_items: Callable[..., list[Any]]) -> None:  # noqa: F811
    freeze(10)
    make_items(3)
    page, address = world.page(world.manager), f"/p/{world.project.pk}/versions/preview"
    shown = re.sub(r"<[^>]+>|\s+", " ", text(page.get(address, {"q": "", "splits": "train 80, val 20"})))
    assert re.search(r"10 +items would go in", shown) and "train ~ 8" in shown and "3 stay out: they are not approved yet" in shown
    assert "No item of the project fits" in text(page.get(address, {"q": 'batch = "none"'}))
    refused = page.get(address, {"q": "count("})
    assert refused.status_code == 200 and "note bad" in text(refused)
    narrow = create_slice(world.project, "some", q='key = "picture-0001.jpg"', by=world.actor(world.manager))
    assert re.search(r"<b[^>]*>1</b>", text(page.get(address, {"slice": str(narrow.pk), "q": ""})))


def test_a_slice_is_cut_instead_of_the_query(world: Any, freeze: Freeze, run_jobs: Callable[[], int]) -> None:  # noqa: F811
    version = freeze(4)
    narrow = create_slice(world.project, "some", q='key = "picture-0001.jpg"', by=world.actor(world.manager))
    world.page(world.manager).post(f"/datasets/{version.dataset_id}", cut_form(version.dataset, slice=str(narrow.pk)))
    run_jobs()
    assert Version.objects.order_by("-pk")[0].counts["items"] == 1


def test_a_versions_page_shows_what_was_frozen(world: Any, freeze: Freeze, exported: Freeze) -> None:  # noqa: F811
    version = freeze(6)
    made = exported(version)
    page = text(world.page(world.viewer).get(f"/versions/{version.pk}"))
    assert version.root.hex() in page and "first" in page and "car" in page
    assert page.count('class="thumb"') == 6 and '<path class="l1' in page
    assert page.count(f"/api/v1/exports/{made.pk}/archive?type=zip") == 2 and "Authorization: Bearer $TOKEN" in page
    assert "none: no group in two splits" in page and "Tag this version" not in page


def test_an_export_is_asked_for_watched_and_looked_into(world: Any, freeze: Freeze, run_jobs: Callable[[], int]) -> None:  # noqa: F811
    version, page = freeze(3), world.page(world.viewer)
    asked = page.post(f"/versions/{version.pk}/exports", {"format": "coco", "split": "", "pictures": "include"})
    made = Export.objects.get()
    assert asked.status_code == 302 and asked.url == f"/versions/{version.pk}#exports"
    assert "every 1s" in text(page.get(f"/versions/{version.pk}/exports"))
    assert page.get(f"/exports/{made.pk}").status_code == 200
    run_jobs()
    part = text(page.get(f"/versions/{version.pk}/exports"))
    assert "every 1s" not in part and "Ready" in part
    shown = text(page.get(f"/exports/{made.pk}"))
    assert "images/picture-0000.jpg" in shown and f"verify_export &quot;scenes-v1-coco.zip&quot; --root {version.root.hex()}" in shown.replace('"', "&quot;")
    assert f"/api/v1/exports/{made.pk}/files/sluice-manifest.ndjson" in shown


def test_an_export_that_failed_can_be_asked_for_again(world: Any, freeze: Freeze, exported: Freeze, run_jobs: Callable[[], int]) -> None:  # noqa: F811
    version, page = freeze(2), world.page(world.viewer)
    made = exported(version, split="val")
    Export.objects.filter(pk=made.pk).update(state="failed")
    assert "Try again" in text(page.get(f"/versions/{version.pk}/exports")) and page.get(f"/exports/{made.pk}").status_code == 200
    page.post(f"/versions/{version.pk}/exports/again", {"export": str(made.pk)})
    run_jobs()
    assert Export.objects.order_by("-pk")[0].split == "val" and Export.objects.order_by("-pk")[0].state == "ready"


def test_an_export_of_no_known_format_is_refused_on_the_page(world: Any, freeze: Freeze) -> None:  # noqa: F811
    answer = world.page(world.viewer).post(f"/versions/{freeze(1).pk}/exports", {"format": "xml", "pictures": "include"})
    assert answer.status_code == 400 and "xml" in text(answer) and not Export.objects.exists()


def test_what_the_format_could_not_say_is_said(world: Any, freeze: Freeze, exported: Freeze) -> None:  # noqa: F811
    made = exported(freeze(1))
    Export.objects.filter(pk=made.pk).update(report={"notes": {"polygons_with_holes": 3}})
    assert "polygons with holes" in text(world.page(world.viewer).get(f"/exports/{made.pk}"))


def test_changes_between_two_versions_in_numbers(world: Any, freeze: Freeze) -> None:  # noqa: F811
    first = freeze(3)
    second = freeze(2)
    page = world.page(world.viewer)
    shown = text(page.get(f"/datasets/{first.dataset_id}/diff"))
    assert "From v1 to v2" in shown and ">+2<" in shown
    assert "All of v1" in text(page.get(f"/datasets/{first.dataset_id}/diff?from=0&to=1"))
    assert second.number == 2
    for wrong in ("from=7&to=2", "from=x&to=1", "to=99999999999999999999"):
        assert page.get(f"/datasets/{first.dataset_id}/diff?{wrong}").status_code == 404


def test_a_tag_is_set_by_a_manager(world: Any, freeze: Freeze) -> None:  # noqa: F811
    version = freeze(1)
    page = world.page(world.manager)
    page.post(f"/versions/{version.pk}/tags", {"name": "production"})
    assert Tag.objects.get().name == "production" and "production" in text(page.get(f"/versions/{version.pk}"))
    page.post(f"/versions/{version.pk}/tags", {"name": "17"})
    assert Tag.objects.count() == 1
    assert world.page(world.viewer).post(f"/versions/{version.pk}/tags", {"name": "mine"}).status_code == 403


def test_who_may_not_pull_sees_no_releases(world: Any, freeze: Freeze, exported: Freeze) -> None:  # noqa: F811
    version = freeze(1)
    made = exported(version)
    addresses = [f"/p/{world.project.pk}/versions", f"/datasets/{version.dataset_id}", f"/datasets/{version.dataset_id}/diff", f"/versions/{version.pk}", f"/versions/{version.pk}/exports", f"/exports/{made.pk}"]
    for person in (world.annotator, world.collector, world.outsider):
        page = world.page(person)
        assert [page.get(address).status_code for address in addresses] == [404] * len(addresses)
        assert page.post(f"/versions/{version.pk}/exports", {"format": "coco"}).status_code == 404
    viewer = world.page(world.viewer)
    assert viewer.post(f"/datasets/{version.dataset_id}", cut_form(version.dataset)).status_code == 403
    assert viewer.get(f"/p/{world.project.pk}/versions/preview").status_code == 403
    assert viewer.post(f"/p/{world.project.pk}/versions", cut_form(version.dataset)).status_code == 403


def test_a_draft_is_looked_at_before_the_cut(world: Any, freeze: Freeze, make_items: Callable[..., list[Any]]) -> None:  # noqa: F811
    version = freeze(10)
    make_items(2)
    page, address = world.page(world.manager), f"/datasets/{version.dataset_id}/draft"
    shown = text(page.get(address, cut_form(version.dataset, stratify="label") | {"excluded": "not_approved"}))
    assert "What would be in" in shown and "not approved" in shown and shown.count("is not approved") == 2
    posted = text(page.post(address, cut_form(version.dataset) | {"csrfmiddlewaretoken": "t"}))
    assert "What would be in" in posted and "excluded=not_approved" in posted and "csrfmiddlewaretoken=" not in posted
    assert "Nothing asked yet" in text(page.get(address))
    assert "What would be in" in text(page.get(address, {"splits": "train 80, val 20", "by": "group"}))  # the address names the dataset
    assert "sum to 110" in text(page.get(address, cut_form(version.dataset, splits="a 50, b 60")))
    assert "letters, digits" in text(page.get(address, cut_form(version.dataset, splits="a/b 100")))
    assert world.page(world.viewer).get(address).status_code == 403 and world.page(world.outsider).get(address).status_code == 404


def test_the_form_asks_for_strata_likeness_fields_and_labels(world: Any, freeze: Freeze, run_jobs: Callable[[], int]) -> None:  # noqa: F811
    first = freeze(4)
    page = world.page(world.manager)
    asked = cut_form(first.dataset, stratify="label", labels="car = person\nsign =") | {"together": ["same_bytes", "near_duplicate"]}
    assert page.post(f"/datasets/{first.dataset_id}", asked).status_code == 302
    run_jobs()
    made = Version.objects.order_by("-pk")[0]
    assert made.recipe == {
        "splits": {"train": 0.8, "val": 0.2}, "by": "group", "salt": "", "stratify": "label", "together": ["near_duplicate", "same_bytes"],
        "labels": {"car": "person", "sign": None},
    }  # fmt: skip
    shown = text(page.get(f"/datasets/{first.dataset_id}"))
    assert "car = person" in shown and "checked" in shown
    page.post(f"/datasets/{first.dataset_id}", cut_form(first.dataset, splits="meta.split, train"))
    run_jobs()
    assert Version.objects.order_by("-pk")[0].recipe["field"] == {"field": "meta.split", "values": {}, "default": "train"}
    assert "meta.split, train" in text(page.get(f"/datasets/{first.dataset_id}"))
    wrong = page.post(f"/datasets/{first.dataset_id}", cut_form(first.dataset, labels="car"))
    assert wrong.status_code == 400 and "say old = new" in text(wrong)


def test_a_field_keeps_what_its_values_mean_while_it_is_the_field(world: Any, freeze: Freeze, run_jobs: Callable[[], int]) -> None:  # noqa: F811
    first = freeze(4)
    page, address = world.page(world.manager), f"/datasets/{first.dataset_id}"
    asked = {"message": "by api", "splits": {"field": "meta.split", "values": {"night, \"late\"": "test"}, "default": "train"}}
    assert world.api(world.manager).post(f"/datasets/{first.dataset_id}/versions", asked).status_code == 202
    run_jobs()
    held = html.unescape(re.search(r'name="values" value="([^"]*)"', page.get(address).content.decode())[1])  # type: ignore[index]
    for splits, values in (("meta.split, train", {"night, \"late\"": "test"}), ("meta.other, train", {})):
        assert page.post(address, cut_form(first.dataset, splits=splits, values=held)).status_code == 302
        run_jobs()
        assert Version.objects.order_by("-pk")[0].recipe["field"]["values"] == values
    for odd in ("{", "[]", '{"field": 1}', "9" * 50):
        assert page.get(f"{address}/draft", cut_form(first.dataset, splits="meta.split, train", values=odd)).status_code == 200


def test_the_card_page_and_going_back(world: Any, freeze: Freeze) -> None:  # noqa: F811
    first, second = freeze(3), freeze(2)
    page = world.page(world.manager)
    shown = text(page.get(f"/versions/{second.pk}/card"))
    assert "1.1.0" in shown and "not enough to say" in shown and "not stated" in shown and "manager" in shown and second.root.hex() in shown
    page.post(f"/datasets/{first.dataset_id}/licence", {"licence": "CC0-1.0"})
    assert "CC0-1.0" in text(page.get(f"/versions/{second.pk}/card"))
    back = page.post(f"/versions/{first.pk}/revert", {"message": "again"})
    made = Version.objects.order_by("-pk")[0]
    assert back.url == f"/versions/{made.pk}" and made.root == first.root
    assert page.post(f"/versions/{made.pk}/revert").url == f"/versions/{made.pk}" and Version.objects.count() == 3
    page.post(f"/versions/{second.pk}/withdraw", {"reason": "worse"})
    second.refresh_from_db()
    assert second.state == "withdrawn" and "was withdrawn" in text(page.get(f"/versions/{second.pk}"))
    viewer = world.page(world.viewer)
    assert viewer.post(f"/versions/{first.pk}/revert").status_code == 403 and viewer.post(f"/versions/{first.pk}/withdraw", {"reason": "x"}).status_code == 403
    assert viewer.get(f"/versions/{first.pk}/card").status_code == 200 and world.page(world.annotator).get(f"/versions/{first.pk}/card").status_code == 404


def test_every_move_of_a_tag_is_shown(world: Any, freeze: Freeze) -> None:  # noqa: F811
    first, second = freeze(1), freeze(1)
    page = world.page(world.manager)
    assert "No tags yet" in text(page.get(f"/datasets/{first.dataset_id}/tags"))
    for version in (first, second):
        page.post(f"/versions/{version.pk}/tags", {"name": "production"})
    shown = text(page.get(f"/datasets/{first.dataset_id}/tags"))
    assert shown.count("production</span>") == 2 and shown.count("holds now") == 1


def test_changes_are_looked_at_item_by_item(world: Any, freeze: Freeze) -> None:  # noqa: F811
    from tests.exporters.rows import box

    first = freeze(2)
    item = first.dataset.project.items.order_by("key")[0]
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.projects.queries import current_schema

    document = {"objects": [{**box(9.25, 2, 30.7, 4.125), "id": box(0.25, 2, 30.7, 4.125)["id"]}], "item": {"weather": "rain"}}
    add_imported([ImportedAnnotation(item.pk, document, current_schema(world.project.pk).pk, approved=True)], by=world.actor(world.manager))
    freeze(1)
    page, address = world.page(world.viewer), f"/datasets/{first.dataset_id}/diff"
    shown = text(page.get(address))
    assert shown.count('class="objs was"') == 2 and item.key in shown
    moved = text(page.get(address, {"change": "moved"}))
    assert moved.count('class="objs was"') <= 1
    assert "No item differs in this way" in text(page.get(address, {"change": "split"}))
    assert "No item differs in this way" in text(page.get(address, {"label": "nothing"}))
