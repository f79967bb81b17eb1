"""Pages of batches: plan against reality, ways in, imports and their reports, sealing; who sees them, at what cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotate.items import services
from annotate.items.models import Batch, Item
from annotate.jobs.models import Job


def _body(response: Any) -> str:
    assert response.status_code == 200, response.content[:500]
    return str(response.content.decode())


@pytest.fixture
def batch(world: Any) -> Batch:
    plan = {"target": 4, "due": "2099-01-02", "quotas": [{"q": "state = approved", "at_least": 2}]}
    return services.create_batch(world.project, "march", source="camera 7", plan=plan, by=world.actor(world.manager))


def _file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("who", ["owner", "manager", "reviewer", "viewer", "collector"])
def test_the_list_and_the_batch_render_for_every_role(world: Any, batch: Batch, make_items: Any, who: str, language: str) -> None:
    make_items(1, batch)
    page = world.page(getattr(world, who))
    page.cookies["sluice_language"] = language
    assert f'href="/batches/{batch.pk}"' in _body(page.get(f"/p/{world.project.pk}/batches"))
    assert "march" in _body(page.get(f"/batches/{batch.pk}"))


def test_annotators_and_other_organisations_have_no_batches(world: Any, batch: Batch) -> None:
    for person in (world.annotator, world.outsider):
        page = world.page(person)
        for address in (f"/p/{world.project.pk}/batches", f"/batches/{batch.pk}", f"/batches/{batch.pk}/imports"):
            assert page.get(address).status_code == 404
        for act in ("seal", "change", "files", "manifest", "labels"):
            assert page.post(f"/batches/{batch.pk}/{act}", {"name": "x"}).status_code == 404


def test_the_list_costs_the_same_for_one_batch_and_for_three(world: Any, batch: Batch, make_items: Any, django_assert_num_queries: Any) -> None:
    page, address = world.page(world.viewer), f"/p/{world.project.pk}/batches"
    make_items(1, batch)
    page.get(address)
    with django_assert_num_queries(8):
        page.get(address)
    for name in ("april", "may"):
        make_items(1, services.create_batch(world.project, name, by=world.actor(world.manager)))
    with django_assert_num_queries(8):
        page.get(address)


def test_the_list_tells_plan_and_stages(world: Any, batch: Batch, make_items: Any) -> None:
    one, _two = make_items(2, batch)
    services.move([one.pk], "submit")
    body = _body(world.page(world.viewer).get(f"/p/{world.project.pk}/batches"))
    assert "0 approved, 1 in review, 1 to label" in body and "2 short" in body


def test_a_batch_shows_quotas_against_what_is_there(world: Any, batch: Batch, make_items: Any) -> None:
    one, *_rest = make_items(3, batch)
    services.move([one.pk], "approve")
    body = _body(world.page(world.viewer).get(f"/batches/{batch.pk}"))
    assert 'aria-label="3 / 4"' in body and 'aria-label="1 / 2"' in body and "1 short" in body


def test_a_quota_whose_query_went_wrong_is_told_and_the_page_stands(world: Any, batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(plan={"quotas": [{"q": "nonsense <", "at_least": 2}]})
    assert "cannot be asked" in _body(world.page(world.manager).get(f"/batches/{batch.pk}"))


def test_a_batch_is_made_with_its_plan(world: Any) -> None:
    data = {"name": "april", "source": "vendor", "target": "10", "due": "2099-04-01", "quotas": "3 state = approved\n\n4 count(car) >= 2"}
    response = world.page(world.manager).post(f"/p/{world.project.pk}/batches", data)
    made = Batch.objects.get(name="april")
    assert response["Location"] == f"/batches/{made.pk}"
    quotas = [{"q": "state = approved", "at_least": 3}, {"q": "count(car) >= 2", "at_least": 4}]
    assert made.plan == {"target": 10, "due": "2099-04-01", "quotas": quotas}


@pytest.mark.parametrize(("field", "value", "words"), [
    ("name", "march", "A batch of this name exists."),
    ("quotas", "many state = approved", "Line 1:"),
    ("target", "-1", "greater than or equal to 0"),
])
def test_a_wrong_batch_form_says_where_and_keeps_what_was_typed(world: Any, batch: Batch, field: str, value: str, words: str) -> None:
    data = {"name": "april", "source": "vendor b", field: value}
    body = _body(world.page(world.manager).post(f"/p/{world.project.pk}/batches", data))
    assert words in body and "vendor b" in body and Batch.objects.count() == 1


def test_changing_a_plan_keeps_the_names_of_its_quotas(world: Any, batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(plan={"quotas": [{"name": "Done", "q": "state = approved", "at_least": 2}]})
    world.page(world.manager).post(f"/batches/{batch.pk}/change", {"name": "march", "quotas": "5 state = approved"})
    batch.refresh_from_db()
    assert batch.plan == {"quotas": [{"name": "Done", "q": "state = approved", "at_least": 5}]}


def test_sealing_ends_the_ways_in_and_opening_brings_them_back(world: Any, batch: Batch, picture: Any) -> None:
    page = world.page(world.manager)
    assert f'action="/batches/{batch.pk}/files"' in _body(page.get(f"/batches/{batch.pk}"))
    sealed = page.post(f"/batches/{batch.pk}/seal", follow=True).content.decode()
    assert "Sealed" in sealed and f'action="/batches/{batch.pk}/files"' not in sealed
    refused = page.post(f"/batches/{batch.pk}/files", {"files": _file("a.jpg", picture())}, follow=True)
    assert "sealed" in refused.content.decode() and not Job.objects.exists()
    opened = page.post(f"/batches/{batch.pk}/seal", {"open": "1"}, follow=True).content.decode()
    assert f'action="/batches/{batch.pk}/files"' in opened


def test_only_managers_seal_and_change(world: Any, batch: Batch) -> None:
    page = world.page(world.collector)
    assert "/seal" not in _body(page.get(f"/batches/{batch.pk}"))
    assert page.post(f"/batches/{batch.pk}/seal").status_code == 403
    page.post(f"/batches/{batch.pk}/change", {"name": "stolen"})
    batch.refresh_from_db()
    assert batch.name == "march" and batch.state == "open"


def test_files_come_in_by_the_plain_form_and_are_accounted_for(world: Any, batch: Batch, picture: Any, run_jobs: Any) -> None:
    page = world.page(world.collector)
    files = [_file("a.jpg", picture()), _file("broken.jpg", b"no picture")]
    started = page.post(f"/batches/{batch.pk}/files", {"files": files}, follow=True).content.decode()
    assert "coming in" in started and "every 2s" in started
    run_jobs()
    body = _body(page.get(f"/batches/{batch.pk}/imports"))
    assert "<b>1</b> accepted" in body and "<b>1</b> rejected" in body and "every 2s" not in body
    assert f'href="/jobs/{Job.objects.filter(kind="collection.files").get().pk}"' in body
    assert list(Item.objects.values_list("key", flat=True)) == ["a.jpg"]


def test_a_manifest_comes_in_by_the_plain_form(world: Any, batch: Batch, run_jobs: Any) -> None:
    lines = b'{"key": "one.jpg", "uri": "s3://bucket/one.jpg"}\n{"key": 3}\n'
    world.page(world.manager).post(f"/batches/{batch.pk}/manifest", {"files": _file("list.ndjson", lines)})
    run_jobs()
    assert Item.objects.get().uri == "s3://bucket/one.jpg"


def test_labels_come_in_by_the_plain_form(world: Any, batch: Batch, picture: Any, run_jobs: Any) -> None:
    coco = b"""{"images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}], "categories": [{"id": 1, "name": "car"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 6, 20, 12]}]}"""
    files = [_file("a.jpg", picture()), _file("labels.json", coco)]
    world.page(world.manager).post(f"/batches/{batch.pk}/labels", {"files": files, "format": "coco", "as": "approved"})
    run_jobs()
    assert Item.objects.get().state == "approved"


@pytest.mark.parametrize(("form", "data", "words"), [
    ("files", {}, "No file was sent"),
    ("manifest", {"files": ("list.pdf", b"x")}, "ends with .ndjson"),
    ("labels", {"files": ("a.json", b"{}"), "format": "nonsense"}, "format must be one of"),
    ("labels", {"files": ("a.json", b"{}"), "format": "coco", "as": "approved"}, "only a manager"),
])
def test_a_refused_upload_is_told_on_the_batchs_page_and_keeps_nothing(world: Any, batch: Batch, form: str, data: Any, words: str) -> None:
    sent = {name: _file(*value) if name == "files" else value for name, value in data.items()}
    response = world.page(world.collector).post(f"/batches/{batch.pk}/{form}", sent or {"files": ""}, follow=True)
    assert words in response.content.decode() and not Job.objects.exists()


def test_collectors_see_their_own_items_of_a_batch(world: Any, batch: Batch, make_items: Any) -> None:
    own, other = make_items(2, batch)
    Item.objects.filter(pk=own.pk).update(created_by=world.collector)
    body = _body(world.page(world.collector).get(f"/batches/{batch.pk}"))
    assert f"/items/{own.pk}" in body and f"/items/{other.pk}" not in body and "All of them" not in body


def test_an_empty_project_is_told_how_to_begin(world: Any) -> None:
    assert "Make the first batch" in _body(world.page(world.manager).get(f"/p/{world.project.pk}/batches"))
    assert "No batches yet" in _body(world.page(world.viewer).get(f"/p/{world.project.pk}/batches"))


def test_collectors_see_only_their_own_imports(world: Any, batch: Batch, picture: Any, run_jobs: Any) -> None:
    world.page(world.manager).post(f"/batches/{batch.pk}/files", {"files": [_file("a.jpg", picture()), _file("b.jpg", b"x")]})
    run_jobs()
    body = _body(world.page(world.collector).get(f"/batches/{batch.pk}"))
    assert "rejected" not in body and "/jobs/" not in body and "Your items" in body
