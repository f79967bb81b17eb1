"""Pages of the gallery and of one item: who sees what, at what cost, and what they say."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.annotations.services import add_revision
from annotate.projects.models import SchemaVersion

CAR = {"id": "0b7c0c52-1111-4c7a-8f44-5a8a3b1e0001", "kind": "box", "label": "car", "box": [4, 6, 20, 12], "attributes": {}}


def _answered(world: Any, item: Any, person: Any, *things: dict[str, Any]) -> Any:
    version = SchemaVersion.objects.get(project=world.project)
    document = {"objects": list(things or (CAR,)), "item": {}}
    return add_revision(item.pk, document=document, schema_version=version, by=world.actor(person))


def _body(response: Any) -> str:
    assert response.status_code == 200, response.content[:500]
    return str(response.content.decode())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("who", ["owner", "manager", "reviewer", "viewer", "collector", "annotator"])
def test_the_gallery_and_the_item_render_for_every_role(world: Any, make_items: Any, who: str, language: str) -> None:
    person = getattr(world, who)
    (item,) = make_items(1, group="drive-1", frame=3, meta={"camera": "north"})
    _answered(world, item, person)
    page = world.page(person)
    page.cookies["sluice_language"] = language
    assert f'href="/items/{item.pk}' in _body(page.get(f"/p/{world.project.pk}/items"))
    assert "picture-0000.jpg" in _body(page.get(f"/items/{item.pk}"))


def test_a_gallery_costs_the_same_for_one_item_and_for_three(world: Any, make_items: Any, django_assert_num_queries: Any) -> None:
    page, address = world.page(world.viewer), f"/p/{world.project.pk}/items"
    _answered(world, make_items(1)[0], world.annotator)
    page.get(address)
    with django_assert_num_queries(15):
        page.get(address)
    for item in make_items(2):
        _answered(world, item, world.annotator)
    with django_assert_num_queries(15):
        page.get(address)


def test_objects_are_drawn_over_thumbnails_in_the_pictures_own_pixels(world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    _answered(world, item, world.annotator)
    body = _body(world.page(world.viewer).get(f"/p/{world.project.pk}/items"))
    assert 'viewBox="0 0 64 48"' in body and 'd="M4 6h20v12h-20z"' in body and "1 × car" in body


def test_a_large_gallery_counts_only_when_asked(world: Any, make_items: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("annotate.items.gallery_pages.PER_PAGE", 2)
    monkeypatch.setattr("annotate.items.gallery_pages.COUNTED", 2)
    make_items(3)
    page, address = world.page(world.viewer), f"/p/{world.project.pk}/items"
    assert "3 items" not in _body(page.get(address))
    assert "3 items" in _body(page.get(f"{address}?count=1"))


def test_a_small_gallery_says_at_once_how_many_there_are(world: Any, make_items: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("annotate.items.gallery_pages.PER_PAGE", 2)
    make_items(3)
    body = _body(world.page(world.viewer).get(f"/p/{world.project.pk}/items"))
    assert "3 items" in body and '<span class="n">3</span>' in body


def test_facts_of_a_picture_are_told_in_words_and_only_when_they_say_something(world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    item.blob.facts = {"mode": "RGB", "frames": 1, "orientation": 6, "renditions": {}, "pixels": "0123456789abcdef"}
    item.blob.save(update_fields=["facts"])
    body = _body(world.page(world.viewer).get(f"/items/{item.pk}"))
    assert "Colour mode" in body and "EXIF orientation" in body and "Frames" not in body and "renditions" not in body and "0123456789abcdef" not in body


def test_more_brings_the_next_items_and_no_frame(world: Any, make_items: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("annotate.items.gallery_pages.PER_PAGE", 2)
    first, *_rest = make_items(3)
    page = world.page(world.viewer)
    body = _body(page.get(f"/p/{world.project.pk}/items"))
    assert f'href="/items/{first.pk}"' not in body
    more = body.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    part = _body(page.get(f"/p/{world.project.pk}/items{more}", headers={"HX-Request": "true"}))
    assert f'href="/items/{first.pk}"' in part and "<html" not in part and "These are all." in part


def test_a_wrong_query_is_marked_at_its_column_and_runs_nothing(world: Any, make_items: Any) -> None:
    make_items(1)
    response = world.page(world.viewer).get(f"/p/{world.project.pk}/items", {"q": "state = new and bluriness < 1"})
    body = response.content.decode()
    assert response.status_code == 400
    assert 'data-column="17"' in body and '<span class="tok-e">bluriness</span>' in body and 'role="alert"' in body
    assert "The query was not run" in body and 'class="gallery"' not in body


def test_a_query_narrows_and_an_item_leads_to_its_neighbours_in_that_list(world: Any, make_items: Any) -> None:
    one, two, three = make_items(3)
    _answered(world, two, world.annotator)
    page = world.page(world.viewer)
    body = _body(page.get(f"/p/{world.project.pk}/items", {"q": "state = new"}))
    assert f"/items/{one.pk}?q=state+%3D+new" in body and f"/items/{two.pk}" not in body
    found = _body(page.get(f"/items/{three.pk}", {"q": "state = new"}))
    assert f'href="/items/{one.pk}?q=state+%3D+new"' in found and "data-prev" not in found


@pytest.mark.parametrize(("q", "words"), [("", "No items yet"), ("state = approved", "Nothing matches")])
def test_an_empty_gallery_says_what_to_do(world: Any, make_items: Any, q: str, words: str) -> None:
    if q:
        make_items(1)
    body = _body(world.page(world.manager).get(f"/p/{world.project.pk}/items", {"q": q}))
    assert words in body and ("/batches" in body if not q else 'href="?"' in body)


def test_annotators_see_only_their_own_items_and_have_no_query_box(world: Any, make_items: Any) -> None:
    own, other = make_items(2)
    _answered(world, own, world.annotator)
    _answered(world, other, world.annotator2)
    page = world.page(world.annotator)
    body = _body(page.get(f"/p/{world.project.pk}/items"))
    assert f"/items/{own.pk}" in body and f"/items/{other.pk}" not in body and 'role="search"' not in body
    assert page.get(f"/items/{other.pk}").status_code == 404
    refused = page.get(f"/p/{world.project.pk}/items", {"q": "state = labelled"})
    assert refused.status_code == 400 and f"/items/{own.pk}" not in refused.content.decode()


def test_annotators_see_their_own_answer_though_another_one_is_shown_to_others(world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    _answered(world, item, world.annotator)
    _answered(world, item, world.annotator2, CAR | {"box": [1, 1, 9, 9]})
    body = _body(world.page(world.annotator).get(f"/items/{item.pk}"))
    assert "M4 6h20v12h-20z" in body and "M1 1h9v9h-9z" not in body and "annotator2" not in body


def test_other_organisations_are_told_that_nothing_is_here(world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    page = world.page(world.outsider)
    assert page.get(f"/p/{world.project.pk}/items").status_code == 404
    assert page.get(f"/items/{item.pk}").status_code == 404
    assert page.post(f"/items/{item.pk}/erase", {"reason": "x"}).status_code == 404


def test_an_item_shows_any_of_its_revisions(world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    _answered(world, item, world.annotator)
    _answered(world, item, world.annotator2, CAR | {"box": [1, 1, 9, 9]})
    page = world.page(world.viewer)
    assert "M1 1h9v9h-9z" in _body(page.get(f"/items/{item.pk}"))
    assert "M4 6h20v12h-20z" in _body(page.get(f"/items/{item.pk}?revision=1"))


def test_comments_and_holds_stand_on_the_page(world: Any, make_items: Any) -> None:
    from annotate.queues.holding import hold
    from annotate.reviews.models import Comment

    (item,) = make_items(1)
    answer = _answered(world, item, world.annotator)
    Comment.objects.create(item=item, annotation=answer, text="The <left> edge is off", person=world.reviewer)
    hold([item.pk], cause="blur", reason="Too blurred", by=world.actor(world.manager))
    body = _body(world.page(world.viewer).get(f"/items/{item.pk}"))
    assert "The &lt;left&gt; edge is off" in body and "Too blurred" in body
    own = _body(world.page(world.annotator).get(f"/items/{item.pk}"))
    assert "edge is off" in own and "Too blurred" not in own  # what is said about their own answer is for them


def test_only_managers_are_offered_erasure_and_see_before_what_goes(world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    _answered(world, item, world.annotator)
    assert "/erase" not in _body(world.page(world.reviewer).get(f"/items/{item.pk}"))
    assert "What 1 answer says goes." in _body(world.page(world.manager).get(f"/items/{item.pk}"))


def test_erasure_wants_a_reason_and_the_page_keeps_standing(world: Any, make_items: Any) -> None:
    (item,) = make_items(1)
    page = world.page(world.manager)
    assert "details class=\"card\" id=\"erase\" open" in _body(page.post(f"/items/{item.pk}/erase", {"reason": ""}))
    done = page.post(f"/items/{item.pk}/erase", {"reason": "A face"}, follow=True)
    assert "is erased" in done.content.decode()
    assert page.get(f"/items/{item.pk}").status_code == 410


def test_an_item_without_size_or_bytes_is_shown_too(world: Any, make_items: Any) -> None:
    (item,) = make_items(1, blob_id=None, sha256=None, width=None, height=None, uri="s3://bucket/one.jpg")
    body = _body(world.page(world.viewer).get(f"/items/{item.pk}"))
    assert "s3://bucket/one.jpg" in body
    assert "Reference" in _body(world.page(world.viewer).get(f"/p/{world.project.pk}/items"))


def test_chosen_items_become_a_query(world: Any, make_items: Any) -> None:
    one, two, three = make_items(3)
    page = world.page(world.viewer)
    response = page.get(f"/p/{world.project.pk}/items", {"key": [one.key, three.key]}, follow=True)
    body = _body(response)
    assert f"/items/{one.pk}?" in body and f"/items/{three.pk}?" in body and f"/items/{two.pk}?" not in body
