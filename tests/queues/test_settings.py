"""The settings that say how many answers an item gets: over the API, on the pages, and foretold while they are typed."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.queues.fill import fill, missing
from annotate.queues.models import Agreement, Pause, Queue

pytestmark = pytest.mark.django_db
FURTHER = {"overlap": 2, "overlap_percent": 40, "overlap_seed": 7, "agreement_bar": 0.8, "overlap_most": 4}


def typed(**over: Any) -> dict[str, Any]:
    return {"name": "night", "stage": "annotate", "q": "", "overlap": 1, "order": "oldest", "priority": 0, "lease_seconds": 900} | over


def test_the_api_takes_gives_and_changes_them(world: Any) -> None:
    api = world.api(world.manager)
    made = api.post(f"/projects/{world.project.pk}/queues", {"name": "label", "stage": "annotate", "order": "quota", **FURTHER})
    assert made.status_code == 201, made.content
    assert {name: made.json()[name] for name in FURTHER} == FURTHER
    place = f"/queues/{made.json()['id']}"
    changed = api.patch(place, {"agreement_bar": None, "overlap_most": None, "overlap_percent": 100, "order": "uncertainty"}).json()
    assert (changed["agreement_bar"], changed["overlap_most"], changed["overlap_percent"], changed["order"]) == (None, None, 100, "uncertainty")
    assert changed["overlap_seed"] == 7
    assert "overlap_percent" not in world.api(world.annotator).get(place).json()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"order": "by hand"}, "order"),
        ({"order": ""}, "order"),
        ({"overlap_percent": 101}, "overlap_percent"),
        ({"overlap_percent": 1.5}, "overlap_percent"),
        ({"overlap_seed": 10**18 + 1}, "overlap_seed"),
        ({"agreement_bar": 1.1, "overlap_most": 3}, "agreement_bar"),
        ({"agreement_bar": 0.5}, "overlap_most"),
        ({"overlap_most": 3}, "agreement_bar"),
        ({"overlap": 3, "agreement_bar": 0.5, "overlap_most": 2}, "overlap_most"),
        ({"agreement_bar": 0.5, "overlap_most": 101}, "overlap_most"),
        ({"stage": "review", "agreement_bar": 0.5, "overlap_most": 3}, "agreement_bar"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name_and_nothing_is_made(world: Any, body: dict[str, Any], field: str) -> None:
    api, place = world.api(world.manager), f"/projects/{world.project.pk}/queues"
    response = api.post(place, {"name": "x", "stage": "annotate"} | body)
    assert response.status_code == 400, response.content
    assert field in response.json()["fields"]
    assert not Queue.objects.exists()


def test_a_change_that_cannot_be_leaves_all_as_it_was(world: Any, queue_of: Any) -> None:
    queue = queue_of(**FURTHER)
    response = world.api(world.manager).patch(f"/queues/{queue.pk}", {"overlap": 5, "name": "other"})
    assert (response.status_code, list(response.json()["fields"])) == (400, ["overlap_most"])
    queue.refresh_from_db()
    assert (queue.overlap, queue.name != "other") == (2, True)


def test_the_page_explains_every_order_and_saves_what_is_typed(world: Any, queue_of: Any) -> None:
    queue = queue_of()
    page = world.page(world.manager)
    shown = page.get(f"/queues/{queue.pk}").content.decode()
    for words in ("furthest behind", "least sure", "agree on least", "Group by group", "one person sees a series through"):
        assert words in shown
    assert page.post(f"/queues/{queue.pk}/change", typed(**FURTHER, order="group")).status_code == 302
    queue.refresh_from_db()
    assert {name: getattr(queue, name) for name in FURTHER} == FURTHER
    assert queue.order == "group"
    wrong = page.post(f"/queues/{queue.pk}/change", typed(**(FURTHER | {"overlap_most": ""})))
    assert "Say both" in wrong.content.decode()
    queue.refresh_from_db()
    assert queue.overlap_most == 4


def test_a_queue_says_how_much_its_people_agree_and_how_often_more_were_asked(world: Any, make_items: Any, queue_of: Any) -> None:
    items = make_items(2)
    queue = queue_of(**FURTHER)
    for item, value, answers in zip(items, (0.5, 1.0), (3, 2), strict=True):
        Agreement.objects.create(queue=queue, item=item, value=value, answers=answers)
    shown = world.page(world.manager).get(f"/queues/{queue.pk}").content.decode()
    assert "75 %" in shown
    assert "of 2 items with several answers" in shown
    assert "1 asked about once more" in shown


@pytest.fixture
def told(world: Any) -> Any:
    def ask(queue: Queue | None = None, **over: Any) -> str:
        place = f"/queues/{queue.pk}" if queue is not None else f"/p/{world.project.pk}/queues"
        response = world.page(world.manager).post(f"{place}/foretold", typed(**over))
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return ask


def test_what_is_typed_is_foretold(make_items: Any, told: Any) -> None:
    make_items(40)
    assert "40 items match now; each gets one answer." in told()
    assert "40 items match now; each gets 2 answers." in told(overlap=2)
    assert "That is 80 in all." in told(overlap=2, name="")
    assert "80 tasks come when the queue fills." in told(overlap=2)
    assert "Of 40 items that match now" in told(overlap=2, overlap_percent=50)
    assert "each gets one answer" in told(overlap=50, overlap_percent=0)
    assert "No item matches now" in told(q="state = approved")
    assert "not complete" in told(q="state =")
    assert "less than 80 %, one more person is asked at a time, up to 3 answers" in told(overlap=2, agreement_bar="0.8", overlap_most=3)
    assert "here none does" in told(agreement_bar="0.8", overlap_most=3)
    assert "Only gold is handed out here" in told(gold_percent=100)


def test_it_says_plainly_whether_there_are_people_enough(world: Any, make_items: Any, told: Any) -> None:
    make_items(1)
    assert "That is enough." in told(overlap=2)
    assert "need as many people" in told(overlap=50)
    assert "need as many people; 1 may answer here" in told(overlap=2, members=[world.annotator.pk])
    assert "need as many people" not in told(overlap=50, overlap_percent=0)
    Pause.objects.create(project=world.project, person=world.annotator)
    assert "Nobody may do this work at present" in (alone := told(members=[world.annotator.pk]))
    assert "1 more is paused or lacks a qualification." in alone


def test_of_a_queue_that_is_there_it_tells_what_comes_and_who_is_left(world: Any, make_items: Any, queue_of: Any, told: Any) -> None:
    make_items(3)
    queue = queue_of()
    fill(queue.pk)
    assert "nothing more comes" in told(queue)
    make_items(2)
    assert "2 tasks come when the queue fills." in told(queue)
    queue.assignments.create(person=world.annotator, paused=True)
    assert "1 more is paused" in told(queue, members=[world.annotator.pk, world.annotator2.pk])
    assert queue.tasks.count() == 3


def test_of_reviews_it_tells_what_waits_for_one(world: Any, make_items: Any, queue_of: Any, answer: Any, told: Any) -> None:
    make_items(3)
    answer(queue_of(), world.annotator, "car")
    assert "1 task comes when the queue fills." in told(stage="review")
    review = queue_of("review")
    fill(review.pk)
    assert "None waits for a review now" in told(review, stage="review")
    assert "None waits for a decision" in told(stage="adjudicate")


def test_what_is_foretold_is_what_the_filling_adds(make_items: Any, queue_of: Any) -> None:
    make_items(30)
    queue = queue_of(overlap=3, overlap_percent=40)
    assert missing(queue) == fill(queue.pk) > 30
    assert missing(queue) == 0


def test_only_who_plans_is_foretold_anything(world: Any, queue_of: Any) -> None:
    queue = queue_of()
    for person, status in ((world.annotator, 403), (world.viewer, 403), (world.outsider, 404)):
        for place in (f"/p/{world.project.pk}/queues", f"/queues/{queue.pk}"):
            assert world.page(person).post(f"{place}/foretold", typed()).status_code == status
