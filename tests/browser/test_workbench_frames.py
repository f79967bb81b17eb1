"""Frames of a group in a real browser: from one to another by key, one thing over many, and what lies between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from playwright.sync_api import expect

from annotate.queues.claim import next_task
from annotate.queues.models import Draft, Lease
from annotate.queues.services import create_queue
from tests.browser.bench import READY, Bench, submitted

pytestmark = pytest.mark.django_db(transaction=True)


class Clip:
    """A bench on the first frame of a group of `n`; frames are named by their number."""

    def __init__(self, live: Any, items: list[Any], sign_in: Any, **options: Any) -> None:
        for number, item in enumerate(items, 1):
            item.group, item.frame = "clip", number
            item.save()
        self.items = items
        self.live = live
        self.queue = create_queue(live.project, "clips", stage="annotate", by=live.actor(live.owner))
        self.bench = Bench(sign_in(live.annotator, **options), self.queue)
        self.page = self.bench.page
        self.page.wait_for_selector(f".strip[data-frames='{len(items)}']")

    @property
    def frame(self) -> int:
        return int(self.page.locator(".cells .here").inner_text())

    def go(self, key: str, to: int) -> None:
        self.bench.press(key)
        self.page.wait_for_selector(f".wb[data-phase=working][data-item='{self.items[to - 1].pk}'] .canvas[data-picture=shown]")
        expect(self.page.locator(".cells .here")).to_have_text(str(to))

    def stand(self, *states: str) -> None:
        """The frames come to stand so: here, mine, answered, open or away."""
        for cell, state in zip(self.page.locator(".cells button").all(), states, strict=True):
            expect(cell).to_have_class(state)

    def drafts(self) -> dict[int, list[dict[str, Any]]]:
        numbers = {item.pk: number for number, item in enumerate(self.items, 1)}
        rows = Draft.objects.select_related("task")
        return {numbers[row.task.item_id]: orjson.loads(row.document)["objects"] for row in rows}

    def saved(self) -> None:
        self.page.wait_for_selector("[data-saving=saved]")

    def carry(self, count: int) -> None:
        self.bench.press("Control+b")
        field = self.page.get_by_role("dialog").get_by_label("Number of frames")
        field.fill(str(count))
        self.bench.press("Enter")
        expect(self.page.locator(".says")).to_contain_text("Carried over")


@pytest.fixture
def clip(live: Any, make_items: Callable[..., Any], sign_in: Any) -> Callable[..., Clip]:
    return lambda n=6, **options: Clip(live, make_items(n), sign_in, **options)


def test_d_and_f_lead_through_the_frames_and_the_drafts_stay(clip: Any) -> None:
    on = clip(4)
    on.bench.drag((10, 10), (20, 20))
    on.go("f", 2)
    assert on.bench.rows == []
    on.go("f", 3)
    on.go("d", 2)
    on.go("d", 1)
    assert len(on.bench.rows) == 1
    on.stand("here", "open", "open", "open")
    on.bench.press("d")
    expect(on.page.locator(".says")).to_contain_text("first frame")
    assert [len(objects) for objects in on.drafts().values()] == [1]
    assert on.bench.faults == []


def test_one_thing_goes_over_frames_and_is_interpolated_between_two_placed_ones(clip: Any) -> None:
    on = clip(6)
    on.bench.drag((4, 10), (14, 20))
    on.carry(4)
    drafts = on.drafts()
    assert sorted(drafts) == [2, 3, 4, 5] or sorted(drafts) == [1, 2, 3, 4, 5]
    (copy,) = drafts[5]
    assert copy["source"] == "interpolated"
    on.page.locator(".cells button", has_text="5").click()
    on.page.wait_for_selector(f".wb[data-phase=working][data-item='{on.items[4].pk}'] .canvas[data-picture=shown]")
    expect(on.page.locator(".olist li.on")).to_have_count(1)  # the thing stays chosen
    on.page.locator(".canvas").focus()
    for _ in range(2):
        on.bench.press("Shift+ArrowRight")
    on.go("d", 4)
    between = {number: objects[0]["box"] for number, objects in on.drafts().items()}
    start = between.get(1, [4, 10, 10, 10])
    for number in (2, 3, 4, 5):
        assert between[number][0] == pytest.approx(start[0] + 20 * (number - 1) / 4, abs=0.02)
        assert between[number][1:] == pytest.approx(start[1:], abs=0.3)
    marks = {number: objects[0].get("source") for number, objects in on.drafts().items()}
    assert (marks[4], marks[5]) == ("interpolated", None)
    assert len({objects[0]["track"] for objects in on.drafts().values()}) == 1
    row = on.page.locator(".track")
    expect(row).to_have_attribute("aria-label", "car 1: frames 1 to 5, placed in 2")
    assert on.bench.faults == []


def test_what_was_placed_between_is_marked_until_it_is_confirmed(clip: Any) -> None:
    on = clip(3)
    on.bench.drag((4, 10), (14, 20))
    on.carry(2)
    on.go("f", 2)
    expect(on.page.locator(".olist").get_by_role("img", name="placed between by the machine")).to_have_count(1)
    on.bench.press("Shift+K")
    expect(on.page.locator(".olist").get_by_role("img", name="placed between by the machine")).to_have_count(0)
    on.bench.press("Control+z")
    expect(on.page.locator(".olist").get_by_role("img", name="placed between by the machine")).to_have_count(1)


def test_a_carry_can_be_taken_back_and_a_track_ended(clip: Any) -> None:
    on = clip(4)
    on.bench.drag((4, 10), (14, 20))
    on.carry(3)
    on.page.get_by_role("button", name="Take back").click()
    expect(on.page.locator(".says")).to_contain_text("as they were")
    assert [objects for number, objects in sorted(on.drafts().items()) if number > 1] == [[], [], []]
    on.carry(3)
    on.go("f", 2)
    on.bench.press("Shift+O")
    expect(on.page.locator(".says")).to_contain_text("taken out of 2")
    assert {number: len(objects) for number, objects in on.drafts().items() if number > 1} == {2: 1, 3: 0, 4: 0}
    expect(on.page.locator(".track")).to_have_attribute("aria-label", "car 1: frames 1 to 2, placed in 1")


def test_all_of_the_previous_frame_is_copied_on_one_track(clip: Any) -> None:
    on = clip(5)
    on.bench.drag((4, 10), (14, 20))
    on.bench.drag((30, 10), (44, 20))
    on.page.locator(".cells button", has_text="4").click()
    on.page.wait_for_selector(f".wb[data-phase=working][data-item='{on.items[3].pk}'] .canvas[data-picture=shown]")
    on.bench.press("Shift+V")
    expect(on.page.locator(".says")).to_contain_text("2 copied")
    assert len(on.bench.rows) == 2
    on.bench.press("Shift+K")
    on.go("f", 5)
    drafts = on.drafts()
    assert {number: len(objects) for number, objects in drafts.items()} == {1: 2, 2: 2, 3: 2, 4: 2}  # the gap is filled
    tracks = [{one["track"] for one in objects} for objects in drafts.values()]
    assert all(found == tracks[0] for found in tracks)
    assert len(tracks[0]) == 2


def test_all_frames_begun_are_submitted_in_one_go(clip: Any) -> None:
    on = clip(4)
    on.bench.drag((4, 10), (14, 20))
    on.carry(2)
    on.bench.press("Control+Shift+Enter")
    expect(on.page.locator(".says")).to_contain_text("3 frames submitted.")
    assert [len(submitted(item.pk)[-1]["objects"]) for item in on.items[:3]] == [1, 1, 1]
    assert on.frame == 4
    on.stand("answered", "answered", "answered", "here")
    on.go("d", 3)  # an answer of one's own opens again
    assert len(on.bench.rows) == 1
    assert on.bench.faults == []


def test_a_frame_with_somebody_else_cannot_be_opened_and_is_passed_over(clip: Any) -> None:
    on = clip(3)
    on.go("f", 2)
    on.go("f", 3)
    for _ in range(100):  # the first is fetched ahead for who works here
        if Lease.objects.filter(person=on.live.annotator, slot=1, item=on.items[0], ended_at=None).exists():
            break
        on.page.wait_for_timeout(50)
    other = next_task(on.queue, on.live.actor(on.live.annotator2))
    assert other is not None
    assert other.item_id == on.items[1].pk
    on.page.reload()
    on.page.wait_for_selector(READY)
    on.page.wait_for_selector(".cells .away")
    on.stand("open", "away", "here")
    expect(on.page.locator(".cells .away")).to_be_disabled()
    on.go("d", 1)


def test_the_frames_are_there_in_chinese(clip: Any, live_server: Any) -> None:
    on = clip(3)
    on.page.context.add_cookies([{"name": "sluice_language", "value": "zh-hans", "url": live_server.url}])
    on.page.reload()
    expect(on.page.locator(".strip")).to_contain_text("第 1 帧")
    expect(on.page.locator(".strip").get_by_role("button", name="提交已开始的")).to_be_visible()
