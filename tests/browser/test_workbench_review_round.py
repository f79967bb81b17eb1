"""Rounds of review in a real browser: what changed, pins, reasons by digit, a verdict taken back, sides of a disagreement."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from annotate.annotations.models import Annotation
from annotate.queues.models import Task
from annotate.queues.services import create_queue
from annotate.reviews.models import Approval, Comment, Review, Undo
from tests.browser.bench import Bench, submitted

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO, THREE = (str(uuid.UUID(int=n)) for n in (1, 2, 3))


def a_box(id: str, *sides: float, label: str = "car") -> dict[str, Any]:
    return {"id": id, "kind": "box", "label": label, "box": list(sides)}


def queue_of(live: Any, stage: str, **settings: Any) -> Any:
    return create_queue(live.project, stage, stage=stage, by=live.actor(live.owner), **settings)


def answer(live: Any, queue: Any, person: Any, *objects: Any, item: Any = None) -> int:
    api = live.api(person)
    held = api.post(f"/queues/{queue.pk}/next").json()
    done = api.post(f"/leases/{held['lease']['id']}/submit", {"annotation": {"objects": list(objects), "item": item or {}}})
    assert done.status_code == 201, done.content
    return int(held["item"]["id"])


def drawn(bench: Bench, x: float, y: float) -> str:
    """The colour that most of the drawing has close to a place of the picture, as #rrggbb; the pixel itself may be a sign's ink."""
    bench.page.wait_for_timeout(100)
    at, box = bench.place(x, y), bench.page.locator(".canvas").bounding_box()
    found: list[int] = bench.page.evaluate(
        """([x, y]) => [...document.querySelectorAll('.canvas > canvas')].slice(1).flatMap((one) => [...one.getContext('2d').getImageData(
             (x - 8) * devicePixelRatio, (y - 8) * devicePixelRatio, 17 * devicePixelRatio, 17 * devicePixelRatio).data])""",
        [at[0] - box["x"], at[1] - box["y"]],
    )
    pixels = Counter(tuple(found[n : n + 3]) for n in range(0, len(found), 4) if found[n + 3] == 255)
    strong = Counter({colour: n for colour, n in pixels.items() if max(colour) - min(colour) > 12})
    return "#" + "".join(f"{part:02x}" for part in strong.most_common(1)[0][0]) if strong else ""


@pytest.fixture
def queues(live: Any, make_items: Callable[..., Any]) -> Any:
    """(annotators' queue, reviewers' queue); one item is answered with two boxes."""
    make_items(1)
    label = queue_of(live, "annotate")
    answer(live, label, live.annotator, a_box(ONE, 5, 5, 20, 20), a_box(TWO, 40, 10, 15, 15))
    return label, queue_of(live, "review")


def test_a_reason_by_one_digit_and_a_pin_at_a_point_reach_the_author_who_settles_them(live: Any, sign_in: Any, queues: Any) -> None:
    judging = Bench(sign_in(live.reviewer), queues[1])
    item = judging.item
    judging.page.mouse.move(*judging.place(30, 30))
    judging.press("Shift+T")
    judging.page.keyboard.type("one more here")
    judging.page.locator(".canvas").focus()
    judging.press("r", "1", "1")
    judging.gone(item)
    assert [(row.verdict, row.reason_key, row.reason) for row in Review.objects.all()] == [("return", "missed_object", "")]
    comment = Comment.objects.get()
    assert comment.text == "one more here" and comment.at is not None and abs(comment.at[0] - 30) < 1.5
    author = Bench(sign_in(live.annotator), queues[0])
    assert "reviewer returned this: missing objects" in author.page.locator(".banner").inner_text()
    author.press("Shift+E")
    with author.page.expect_response("**/resolve"):
        author.press("Shift+X")
    author.page.get_by_text("All comments are settled.").wait_for()
    assert Comment.objects.get().resolved_by == live.annotator
    assert judging.faults == [] and author.faults == []


def test_a_second_round_shows_what_changed(live: Any, sign_in: Any, queues: Any) -> None:
    api = live.api(live.reviewer)
    lease = api.post(f"/queues/{queues[1].pk}/next").json()["lease"]["id"]
    api.post(f"/leases/{lease}/review", {"verdict": "return", "reason": "badly_placed"})
    answer(live, queues[0], live.annotator, a_box(ONE, 8, 5, 20, 20, label="sign"), a_box(THREE, 2, 30, 10, 10))
    judging = Bench(sign_in(live.reviewer), queues[1])
    listed = judging.page.get_by_role("region", name="Changed since the last round")
    words = " ".join(listed.inner_text().split())
    assert "sign relabelled was car moved" in words and "car removed" in words and "car new" in words
    judging.press("Shift+E")
    assert judging.page.locator(".olist li.on").count() == 1
    assert "sign" in listed.locator("li.on").inner_text()
    judging.press("Shift+E")
    assert "removed" in listed.locator("li.on").inner_text()
    judging.press("Shift+R", "Shift+R")
    assert judging.faults == []


def test_a_verdict_is_taken_back_by_one_key_with_its_comments(live: Any, sign_in: Any, queues: Any) -> None:
    judging = Bench(sign_in(live.reviewer), queues[1])
    item = judging.item
    judging.page.locator("#write-comment").fill("nice")
    judging.page.locator(".canvas").focus()
    judging.press("a")
    judging.page.get_by_text("Nothing left for you here").wait_for()
    assert Approval.objects.filter(ended_at=None).exists()
    judging.press("Shift+U")
    judging.page.wait_for_selector(f".wb[data-phase=working][data-item='{item}']")
    assert not Approval.objects.filter(ended_at=None).exists()
    assert Undo.objects.get().review.verdict == "accept"
    assert "nice" in judging.page.locator(".side").inner_text()
    judging.press("r", "4", "Enter")
    judging.page.get_by_text("Nothing left for you here").wait_for()
    assert [row.verdict for row in Review.objects.order_by("pk")] == ["accept", "return"]
    assert Task.objects.get(queue=queues[0]).state == "returned"
    assert judging.faults == []


def test_two_answers_are_laid_over_each_other_and_one_key_takes_one_sides(live: Any, sign_in: Any, make_items: Callable[..., Any]) -> None:
    make_items(1)
    label = queue_of(live, "annotate", overlap=2)
    item = answer(live, label, live.annotator, a_box(ONE, 5, 5, 20, 20), a_box(TWO, 40, 10, 15, 15))
    answer(live, label, live.annotator2, a_box(THREE, 5, 5, 20, 20.5), a_box(str(uuid.UUID(int=4)), 42, 12, 15, 15, label="sign"))
    bench = Bench(sign_in(live.reviewer), queue_of(live, "adjudicate"))
    sides = bench.page.get_by_role("region", name="Disagreements")
    assert "1 agree" in sides.inner_text()
    assert "annotator" not in bench.page.locator(".wb").inner_text()
    assert len(bench.rows) == 1
    bench.press("Control+Enter")
    bench.page.get_by_text("One disagreement is not decided yet.").wait_for()
    names = [button.inner_text().split() for button in sides.get_by_role("button").all()]
    signs = next(place for place, words in enumerate(names) if "sign" in words)
    bench.press("';"[1 - signs])
    assert bench.rows == ["car", "sign"]
    bench.press("Control+Enter")
    bench.gone(item)
    decided = submitted(item)[-1]
    assert sorted(one["label"] for one in decided["objects"]) == ["car", "sign"]
    approval = Approval.objects.get(ended_at=None)
    assert (approval.cause, approval.annotation.person) == ("adjudication", live.reviewer)
    assert Annotation.objects.filter(item_id=item).count() == 3
    assert bench.faults == []


def test_the_author_steps_through_pins_and_the_reviewer_sees_what_was_settled(live: Any, sign_in: Any, queues: Any) -> None:
    api = live.api(live.reviewer)
    lease = api.post(f"/queues/{queues[1].pk}/next").json()["lease"]["id"]
    words = [{"text": "too wide", "object": ONE}, {"text": "one more", "at": [50, 40]}, {"text": "look again", "object": TWO}]
    assert api.post(f"/leases/{lease}/review", {"verdict": "return", "reason": "badly_placed", "comments": words}).status_code == 201
    author = Bench(sign_in(live.annotator), queues[0])
    item, notes = author.item, author.page.locator(".side .note:has(.pin)")
    assert notes.count() == 3
    chosen = []
    for _pin in words:
        author.press("Shift+E")
        chosen.append((author.page.locator(".side .note.on").inner_text(), author.page.locator(".olist li.on").count()))
    assert [("too wide" in said[0], said[1]) for said in chosen[:1]] == [(True, 1)]
    assert "one more" in chosen[1][0] and chosen[1][1] == 0
    assert "look again" in chosen[2][0] and chosen[2][1] == 1
    author.press("Shift+W")
    assert "one more" in author.page.locator(".side .note.on").inner_text()
    assert drawn(author, 50, 40) == "#f0bd62"
    with author.page.expect_response("**/resolve"):
        author.press("Shift+X")
    notes.nth(2).wait_for(state="detached")
    assert drawn(author, 50, 40) != "#f0bd62"
    author.press("Home", "Tab", "Shift+ArrowLeft", "Control+Enter")
    author.gone(item)
    judging = Bench(sign_in(live.reviewer), queues[1])
    side = judging.page.locator(".side")
    assert "Settled by annotator" in side.inner_text()
    assert side.locator(".note.good").inner_text().startswith("one more")
    assert sorted(note.inner_text().split("\n")[-2] for note in side.locator(".note:has(.pin)").all()) == ["look again", "too wide"]
    assert drawn(judging, 50, 40) == "#5a6b6d"
    assert [fault for fault in author.faults + judging.faults if "getImageData" not in fault] == []


def test_what_changed_is_drawn_where_it_was_and_hidden_by_one_key(live: Any, sign_in: Any, queues: Any) -> None:
    api = live.api(live.reviewer)
    lease = api.post(f"/queues/{queues[1].pk}/next").json()["lease"]["id"]
    api.post(f"/leases/{lease}/review", {"verdict": "return", "reason": "badly_placed"})
    answer(live, queues[0], live.annotator, a_box(ONE, 8, 5, 20, 20), a_box(THREE, 2, 30, 10, 10))
    judging = Bench(sign_in(live.reviewer), queues[1])
    crossed, moved, new = (47.5, 17.5), (28, 25), (12, 40)
    assert drawn(judging, *crossed) == "#e5484d"
    assert drawn(judging, *moved) == "#f0bd62"
    assert drawn(judging, *new) == "#12a150"
    judging.press("Shift+R")
    assert [drawn(judging, *place) in ("#e5484d", "#f0bd62", "#12a150") for place in (crossed, moved, new)] == [False] * 3
    judging.press("Shift+R")
    assert drawn(judging, *crossed) == "#e5484d"


def test_each_reason_has_a_digit(live: Any, sign_in: Any, queues: Any) -> None:
    judging = Bench(sign_in(live.reviewer, locale="zh-CN"), queues[1])
    judging.press("r")
    offered = [chip.inner_text().split("\n") for chip in judging.page.locator(".reasons .chip").all()]
    assert [words[-1] for words in offered] == [str(n) for n in range(1, 8)]
    live.annotator.refresh_from_db()
    named = [words[0] for words in offered]
    english = ["missing objects", "should not be marked", "wrong label", "badly placed", "wrong attribute", "against the guidelines", "something else"]
    assert named in (english, ["漏标", "不应标注", "标签错误", "位置不准", "属性错误", "不符合规范", "其他"])
    judging.press("3", "3")
    judging.page.get_by_text(re.compile("Nothing left for you here|没有")).first.wait_for()
    assert Review.objects.get().reason_key == "wrong_label"


@pytest.fixture
def differ(live: Any, sign_in: Any, make_items: Callable[..., Any]) -> Bench:
    """Two answers: one box agrees; of the other, an attribute differs; and the weather does."""
    make_items(1)
    label = queue_of(live, "annotate", overlap=2)
    four = str(uuid.UUID(int=4))
    for person, boxes, weather in (
        (live.annotator, [a_box(ONE, 5, 5, 20, 20), {**a_box(TWO, 40, 10, 15, 15), "attributes": {"occluded": True}}], "rain"),
        (live.annotator2, [a_box(THREE, 5, 5, 20, 20), {**a_box(four, 40, 10, 15, 15), "attributes": {"occluded": False}}], "fog"),
    ):
        answer(live, label, person, *boxes, item={"weather": weather})
    return Bench(sign_in(live.reviewer), queue_of(live, "adjudicate"))


def test_attributes_that_differ_are_disagreements_and_one_key_takes_one_sides(differ: Bench) -> None:
    item, sides = differ.item, differ.page.get_by_role("region", name="Disagreements")
    assert differ.rows == ["car"] and sides.locator("li").count() == 2
    first, second = (row.inner_text() for row in sides.locator("li").all())
    assert "weather: rain" in first and "weather: fog" in first
    assert "occluded: yes" in second and "occluded: no" in second
    rain = next(place for place, button in enumerate(sides.locator("li").first.get_by_role("button").all()) if "rain" in button.inner_text())
    differ.press("';"[1 - rain])
    assert sides.locator("li").first.get_by_role("button", pressed=True).inner_text().find("rain") >= 0
    assert "occluded" in sides.locator("li[aria-current=true]").inner_text()
    differ.press("';"[1 - rain])
    differ.page.get_by_text("All is decided.").wait_for()
    differ.press("Control+z")
    assert sides.get_by_role("button", pressed=True).count() == 1
    differ.press("Control+Enter")
    differ.page.get_by_text("One disagreement is not decided yet.").wait_for()
    differ.press("';"[rain], "Control+Enter")
    differ.gone(item)
    decided = submitted(item)[-1]
    assert decided["item"] == {"weather": "rain"}
    assert [one["attributes"] for one in decided["objects"] if "attributes" in one] == [{"occluded": False}]
    assert differ.faults == []


def test_an_adjudicator_who_takes_neither_says_it_in_their_own_way(differ: Bench) -> None:
    item = differ.item
    differ.page.locator(".side").get_by_role("group", name=re.compile("weather")).get_by_role("button", name="night").click()
    differ.page.locator(".canvas").focus()
    differ.press("Shift+E", "Shift+J")
    differ.page.get_by_text("Neither is taken.").wait_for()
    differ.drag((38, 30), (60, 45))
    differ.press("Escape", "Control+Enter")
    differ.gone(item)
    decided = submitted(item)[-1]
    assert decided["item"] == {"weather": "night"}
    assert len(decided["objects"]) == 2 and differ.faults == []


def test_answers_lie_beside_each_other_and_one_is_taken_whole_with_one_object_of_another(live: Any, sign_in: Any, make_items: Callable[..., Any]) -> None:
    make_items(1)
    label = queue_of(live, "annotate", overlap=3)
    answers = (
        (live.annotator, [a_box(ONE, 5, 5, 20, 20), a_box(TWO, 40, 10, 15, 15)]),
        (live.annotator2, [a_box(THREE, 5, 5, 20, 20, label="sign")]),
        (live.manager, [a_box(str(uuid.UUID(int=5)), 5, 25, 20, 20)]),
    )
    for person, boxes in answers:
        answer(live, label, person, *boxes)
    bench = Bench(sign_in(live.reviewer), queue_of(live, "adjudicate"))
    item, sides = bench.item, bench.page.get_by_role("region", name="Disagreements")
    words = sides.inner_text()
    assert "other label" in words and "missing in" in words and "moved, IoU" not in words
    bench.press("Alt+s")
    panes = bench.page.locator(".pane")
    assert panes.count() == 3 and "annotator" not in bench.page.locator(".wb").inner_text()
    whole = next(at for at, pane in enumerate(panes.all()) if "2 × car" in pane.inner_text())
    lone = next(at for at, pane in enumerate(panes.all()) if "sign" in pane.inner_text())
    before = [pane.locator("canvas").screenshot() for pane in panes.all()]
    bench.page.mouse.move(*bench.place(10, 10))
    bench.page.mouse.wheel(0, -400)
    bench.page.wait_for_timeout(250)
    assert all(pane.locator("canvas").screenshot() != seen for pane, seen in zip(panes.all(), before, strict=True))
    bench.press("Home")
    bench.press(f"Alt+{whole + 1}")
    assert bench.rows == ["car 1", "car 2"]
    box = panes.nth(lone).bounding_box()
    scale = min((box["width"] - 16) / 64, (box["height"] - 16) / 48)
    bench.page.keyboard.down("Shift")
    bench.page.mouse.click(box["x"] + box["width"] / 2 + (5 - 32) * scale, box["y"] + box["height"] / 2 + (15 - 24) * scale)  # the left edge of the sign
    bench.page.keyboard.up("Shift")
    assert sorted(bench.rows) == ["car 1", "car 2", "sign"]
    bench.page.locator(".canvas").focus()
    bench.press("Control+Enter")
    bench.gone(item)
    from annotate.reviews.models import Adjudication

    kept = Adjudication.objects.get()
    authors = {row.pk: row.person.name for row in Annotation.objects.filter(item_id=item).exclude(person=None)}
    came = sorted(authors[one["answers"][0]] for one in kept.origins["objects"].values())
    assert came == ["annotator", "annotator", "annotator2"]
    assert bench.faults == []
