"""The home page: one Start button, what was done today, and for who manages, their projects' line in small."""

from __future__ import annotations

import re
from typing import Any

import pytest

from annotate.queues.jobs import refill
from annotate.queues.services import create_queue, move_queue
from annotate.queues.tasks import send_back
from annotate.reviews.models import Review
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def home(world: Any, person: Any) -> str:
    return str(world.page(person).get("/").content.decode())


def starts(body: str) -> list[str]:
    """The queues that primary buttons lead to."""
    return re.findall(r'<a class="btn primary big" href="/work/(\d+)"', body)


def queue(world: Any, name: str = "label", **settings: Any) -> Any:
    made = create_queue(world.project, name, **{"stage": "annotate", "by": world.actor(world.owner), **settings})
    refill(world.project.pk)
    return made


def answer(world: Any, person: Any, queue_id: int) -> Any:
    api = world.api(person)
    lease = api.post(f"/queues/{queue_id}/next").json()["lease"]["id"]
    done = api.post(f"/leases/{lease}/submit", {"annotation": a_document()}).json()
    refill(world.project.pk)
    return done


def test_there_is_one_start_button_and_it_leads_to_the_queue_of_highest_priority(world: Any, make_items: Any) -> None:
    make_items(2)
    queue(world, "later", priority=0)
    first = queue(world, "first", priority=5)
    assert starts(home(world, world.annotator)) == [str(first.pk)]


def test_returned_work_comes_before_any_priority(world: Any, make_items: Any) -> None:
    make_items(2)
    low, high = queue(world, "low"), queue(world, "high", priority=9)
    done = answer(world, world.annotator, low.pk)
    Review.objects.create(item_id=make_item_of(done), annotation_id=done["annotation_id"], person=world.reviewer, verdict="return", reason="loose")
    send_back(done["annotation_id"])
    body = home(world, world.annotator)
    assert starts(body) == [str(low.pk)] and "1 answer of yours came back" in body
    assert starts(home(world, world.annotator2)) == [str(high.pk)]


def make_item_of(done: dict[str, Any]) -> int:
    from annotate.annotations.models import Annotation

    return Annotation.objects.get(pk=done["annotation_id"]).item_id


def test_who_is_in_the_middle_of_an_item_goes_on_with_it(world: Any, make_items: Any) -> None:
    make_items(2)
    held, other = queue(world, "held"), queue(world, "other", priority=9)
    world.api(world.annotator).post(f"/queues/{held.pk}/next")
    body = home(world, world.annotator)
    assert starts(body) == [str(held.pk)] and "You are in the middle of an item" in body
    assert starts(home(world, world.annotator2)) == [str(other.pk)]


def test_paused_queues_and_other_peoples_queues_are_not_offered(world: Any, make_items: Any) -> None:
    make_items(1)
    paused = queue(world, "paused")
    move_queue(paused, "pause", by=world.actor(world.owner))
    queue(world, "theirs", members=[world.annotator2])
    assert starts(home(world, world.annotator)) == []


def test_own_work_is_not_offered_for_review(world: Any, make_items: Any) -> None:
    make_items(1)
    label, review = queue(world), queue(world, "review", stage="review")
    answer(world, world.reviewer, label.pk)
    assert starts(home(world, world.reviewer)) == []
    assert starts(home(world, world.manager)) == [str(review.pk)]


def test_today_counts_what_the_person_did(world: Any, make_items: Any) -> None:
    make_items(3)
    label = queue(world)
    answer(world, world.annotator, label.pk)
    answer(world, world.annotator, label.pk)
    figures = re.findall(r"<dt>(\w[\w ]*)</dt><dd[^>]*>(\d+)", home(world, world.annotator))
    assert dict(figures)["Labelled"] == "2"
    assert dict(re.findall(r"<dt>(\w[\w ]*)</dt><dd[^>]*>(\d+)", home(world, world.annotator2)))["Labelled"] == "0"


def test_managers_see_their_projects_line_and_annotators_do_not(world: Any, make_items: Any) -> None:
    make_items(4)
    link = f'href="/p/{world.project.pk}"'
    assert "of 4 approved" in home(world, world.manager)
    assert "approved</span>" not in home(world, world.annotator)
    assert "elsewhere" not in home(world, world.owner) and link in home(world, world.owner)


def test_each_role_is_told_what_to_do_first(world: Any) -> None:
    from annotate.projects.services import remove_member

    assert "No queue is open to you" in home(world, world.annotator)
    collecting = home(world, world.collector)
    assert "You collect" in collecting and f'href="/p/{world.project.pk}/batches"' in collecting
    assert "stands under Versions" in home(world, world.viewer)
    assert "/new" in home(world, world.owner)
    remove_member(world.project, world.viewer, by=world.actor(world.owner))
    body = home(world, world.viewer)
    assert "You are in no project yet" in body and "/new" not in body


def test_the_page_takes_few_queries_whatever_there_is(world: Any, make_items: Any, django_assert_max_num_queries: Any) -> None:
    make_items(30)
    for n in range(8):
        queue(world, f"q{n}")
    page = world.page(world.manager)
    with django_assert_max_num_queries(20):
        page.get("/")
