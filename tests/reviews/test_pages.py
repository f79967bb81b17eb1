"""The inbox: what waits, what is back at its authors, what was decided; for those who judge and for nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.reviews.services import review

pytestmark = pytest.mark.django_db


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return str(response.content.decode())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("manager", 200), ("reviewer", 200), ("viewer", 403), ("annotator", 403), ("collector", 403), ("outsider", 404)],
)
def test_the_inbox_is_for_those_who_judge(desk: Any, who: str, status: int, language: str) -> None:
    desk.judge("return", reason="loose corners")
    page = desk.world.page(getattr(desk.world, who))
    page.cookies["sluice_language"] = language
    found = body(page.get(f"/p/{desk.world.project.pk}/reviews"), status)
    assert ("loose corners" in found) == (status == 200)


def test_without_a_review_queue_a_manager_is_led_to_make_one(world: Any) -> None:
    place = f"/p/{world.project.pk}/reviews"
    assert f'href="/p/{world.project.pk}/queues?new#new"' in body(world.page(world.manager).get(place))
    found = body(world.page(world.reviewer).get(place))
    assert "No review queue yet" in found and "?new#new" not in found and "No verdicts yet" in found


def test_each_queue_has_one_start_and_says_what_of_it_is_ones_own(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(3)
    annotate, queue = queue_of(), queue_of("review", name="second look")
    for person in (world.annotator, world.annotator, world.reviewer):
        answer(annotate, person)
    fill(queue.pk)
    found = body(world.page(world.reviewer).get(f"/p/{world.project.pk}/reviews"))
    assert found.count(f'href="/work/{queue.pk}"') == 1
    assert "<b>3</b>" in found and "1 is your own work" in found
    assert f'href="/work/{annotate.pk}"' not in found


def test_an_inbox_with_nothing_waiting_says_so(world: Any, queue_of: Any) -> None:
    queue_of("review")
    assert "Nothing waits now" in body(world.page(world.reviewer).get(f"/p/{world.project.pk}/reviews"))


def test_verdicts_are_listed_with_reason_and_people_and_narrowed_by_kind(desk: Any, make_items: Any, answer: Any) -> None:
    world = desk.world
    desk.judge("return", reason="loose corners")
    make_items(1)
    answer(desk.annotate, world.annotator)  # the returned one comes first
    answer(desk.annotate, world.annotator)
    lease = next_task(desk.queue, world.actor(world.reviewer))
    review(lease.pk, world.actor(world.reviewer), "accept")
    page, place = world.page(world.manager), f"/p/{world.project.pk}/reviews"
    found = body(page.get(place))
    assert "loose corners" in found and "reviewer on annotator" in found
    assert f'href="/items/{lease.item_id}"' in found
    assert "loose corners" not in body(page.get(place, {"verdict": "accept"}))
    assert "No such verdict yet" in body(page.get(place, {"verdict": "fix"}))
    assert "loose corners" in body(page.get(place, {"verdict": "nonsense"}))


def test_what_is_back_at_its_author_stands_there_until_it_is_done_again(desk: Any, answer: Any) -> None:
    world, place = desk.world, f"/p/{desk.world.project.pk}/reviews"
    page = world.page(world.reviewer)
    assert "Back at their authors" not in body(page.get(place))
    desk.judge("return", reason="loose corners")
    assert "Back at their authors" in body(page.get(place))
    answer(desk.annotate, world.annotator)
    assert "Back at their authors" not in body(page.get(place))


def test_older_verdicts_are_a_page_further(desk: Any, make_items: Any, answer: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("annotate.reviews.pages.PER_PAGE", 1)
    world = desk.world
    desk.judge("fix", reason="first", annotation={"objects": [], "item": {}})
    make_items(1)
    answer(desk.annotate, world.annotator)
    review(next_task(desk.queue, world.actor(world.reviewer)).pk, world.actor(world.reviewer), "fix", reason="second", annotation={"objects": [], "item": {}})
    page, place = world.page(world.reviewer), f"/p/{world.project.pk}/reviews"
    newest = body(page.get(place))
    assert 'title="second"' in newest and 'title="first"' not in newest
    older = newest.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    found = body(page.get(place + older))
    assert 'title="first"' in found and 'title="second"' not in found
    assert page.get(f"{place}?cursor=nonsense").status_code == 400


def test_an_inbox_costs_the_same_for_one_verdict_and_for_many(desk: Any, make_items: Any, answer: Any, django_assert_max_num_queries: Any) -> None:
    world, place = desk.world, f"/p/{desk.world.project.pk}/reviews"
    desk.judge("accept")
    page = world.page(world.reviewer)
    page.get(place)
    with django_assert_max_num_queries(22) as few:
        page.get(place)
    make_items(3)
    for _index in range(3):
        answer(desk.annotate, world.annotator)
        review(next_task(desk.queue, world.actor(world.reviewer)).pk, world.actor(world.reviewer), "accept")
    with django_assert_max_num_queries(len(few)):
        page.get(place)
