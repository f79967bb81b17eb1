"""The wall as a page: to look at, as a form without script, and what came of an act."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.wall.conftest import a_document, do, documents, labels, names, sized

pytestmark = pytest.mark.django_db


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_page_has_each_crop_once_with_its_place_before_its_picture(world: Any, imported: Any) -> None:
    imported([a_document("car", "car"), a_document("sign")])
    shown = world.page(world.reviewer).get(f"/p/{world.project.pk}/wall").content.decode()  # the schema's first label
    for name in names(world, label="car"):
        assert shown.count(f'value="{name}"') == 1
    assert shown.count("<use href=\"#sheet-1\"") == 2 and shown.count("<image ") == 1 and shown.count("/wall/sheet?of=") == 1
    assert "build/wall.js" in shown


def test_viewers_look_and_do_not_act(world: Any, imported: Any) -> None:
    imported([a_document("car")])
    page = world.page(world.viewer)
    shown = page.get(f"/p/{world.project.pk}/wall").content.decode()
    assert "<image " in shown and 'id="wall-act"' not in shown and "wall.js" not in shown
    [name] = names(world, label="car")
    assert page.post(f"/p/{world.project.pk}/wall/act", {"act": "relabel", "thing": name, "label": "sign", "step": "do"}).status_code == 403


def test_an_empty_wall_says_the_next_step(world: Any, imported: Any) -> None:
    page = world.page(world.manager)
    assert "Nothing of this label yet" in words(page.get(f"/p/{world.project.pk}/wall?label=person"))
    assert "Nothing matches" in words(page.get(f"/p/{world.project.pk}/wall?label=person&q=state+%3D+approved"))
    assert "Nothing in this cell" in words(page.get(f"/p/{world.project.pk}/wall?given=car&meant=person"))


def test_what_is_wrong_with_an_address_is_said(world: Any, imported: Any) -> None:
    page = world.page(world.manager)
    for query, said in (("q=stat+%3D+a", "there is no field"), ("label=tram", "There is no such label"), ("order=random", "There is no such order"), ("cursor=x", "cursor")):
        answer = page.get(f"/p/{world.project.pk}/wall?{query}")
        assert answer.status_code == 400 and said in words(answer), query


def test_without_script_a_form_shows_what_would_change_then_does_it_and_takes_it_back(world: Any, imported: Any) -> None:
    items = imported([a_document("car"), a_document("car")], approved=False)
    before, page, project = documents(items), world.page(world.reviewer), world.project.pk
    form = {"act": "relabel", "thing": names(world, label="car"), "label": "sign", "at-label": "car", "at-order": "smallest"}
    said = page.post(f"/p/{project}/wall/act", form)
    assert "2 of 2 items would change." in words(said) and documents(items) == before
    done = page.post(f"/p/{project}/wall/act", form | {"step": "do"})
    act = page.get(done.url)
    assert "2 items relabelled: sign." in words(act) and f"/p/{project}/wall?label=car&amp;order=smallest" in act.content.decode()
    assert labels(items) == [["sign"], ["sign"]]
    page.post(f"{done.url}/undo")
    assert documents(items) == before and "2 items are as they were." in words(page.get(done.url))


def test_a_return_asks_for_a_reason_and_leaves_out_ones_own_work(world: Any, line: Any) -> None:
    line(2, authors=[world.reviewer, world.annotator])
    page, project = world.page(world.reviewer), world.project.pk
    form = {"act": "return", "thing": names(world, label="car"), "reason": "wrong_label", "words": "a van", "at-label": "car"}
    said = words(page.post(f"/p/{project}/wall/act", form))
    assert "1 of 2 items would change." in said and "1 are your own work: somebody else returns that" in said and "wrong label: a van" in said
    nothing = page.post(f"/p/{project}/wall/act", form | {"thing": []}, follow=True)
    assert "Nothing is marked." in words(nothing)


def test_a_large_wall_is_put_in_order_by_a_job_and_says_so(world: Any, imported: Any, run_jobs: Any, monkeypatch: Any) -> None:
    from workflows.wall import ordering

    monkeypatch.setattr(ordering, "AT_ONCE", 1)
    imported([sized("car", 9), sized("car", 4)])
    page, address = world.page(world.viewer), f"/p/{world.project.pk}/wall?label=car&order=smallest"
    assert "The wall is being put in order" in words(page.get(address))
    api = world.api(world.viewer).get(f"/projects/{world.project.pk}/wall?label=car&order=smallest").json()
    assert api["results"] == [] and api["job"]
    run_jobs()
    assert "2 things, in order as of" in words(page.get(address))
    assert page.get(address, headers={"HX-Request": "true", "HX-Target": "making"})["HX-Refresh"] == "true"
    found = world.api(world.viewer).get(f"/projects/{world.project.pk}/wall?label=car&order=smallest").json()["results"]
    assert [thing["value"] for thing in found] == [16, 81]


def test_texts_stand_there_as_words_with_what_is_around(world: Any, imported: Any) -> None:
    from annotate.items.models import Item
    from workflows.wall.asking import Asked
    from workflows.wall.choosing import Chosen
    from workflows.wall.showing import cards
    from workflows.wall.spots import Seen, Spot

    [item] = imported([a_document("car")])
    Item.objects.filter(pk=item.pk).update(text="Anna lives in Bern by the river.", blob=None)
    document = {"objects": [{"id": "x", "kind": "span", "label": "car", "start": 14, "end": 18}]}
    [card] = cards(world.project, [Spot(Seen(1, item.pk, 1, None, document, 1, 1, None), 0)])
    assert (card.before, card.text, card.after) == ("Anna lives in ", "Bern", " by the river.")
    assert Asked().words() == {} and Chosen().spots == []


def test_an_act_is_told_to_who_sees_the_wall(world: Any, imported: Any) -> None:
    imported([a_document("car")])
    made = do(world, "relabel", names(world, label="car"), label="sign")
    api = world.api(world.viewer)
    assert api.get(f"/wall-acts/{made.pk}").json()["told"] == "1 item relabelled: sign."
    assert [one["id"] for one in api.get(f"/projects/{world.project.pk}/wall-acts").json()["results"]] == [made.pk]
    assert world.api(world.annotator).get(f"/wall-acts/{made.pk}").status_code == 403
    assert world.api(world.outsider).get(f"/wall-acts/{made.pk}").status_code == 404
