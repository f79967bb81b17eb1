"""Texts in the workbench: spans, relations, classification, both directions, and what is stored of them."""

# ruff: noqa: F811  fixtures of another module
from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from annotate.items.models import Item
from tests.browser.text_bench import ENGLISH, READING, TextBench, desk, expected, spans, texts  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db(transaction=True)


def test_words_swept_by_the_mouse_snap_and_are_stored_in_code_points(desk: Any) -> None:
    bench = desk(ENGLISH)
    bench.sweep("nna", "Mü")
    bench.press("1")
    bench.sweep("Jose\u0301")
    bench.press("1")
    assert bench.marks == ["Person Anna Müller", "Person Jose\u0301"]
    assert bench.page.locator(".spantag").all_inner_texts() == ["Person", "Person"]
    assert spans(bench.submit()) == expected(ENGLISH, ("person", "Anna Müller"), ("person", "Jose\u0301"))
    assert bench.faults == []


def test_an_armed_label_marks_each_selection_and_digits_mean_the_next(desk: Any) -> None:
    bench = desk(ENGLISH)
    bench.press("2")
    bench.sweep("New", "Company")
    bench.press("3")
    bench.sweep("Paris")
    bench.sweep("New", "York")
    assert bench.marks == ["Company New York Times Company", "Place New York", "Place Paris"]
    bench.press("Escape", "Escape", "Escape")
    bench.sweep("Anna")
    assert len(bench.marks) == 3
    bench.press("Enter")
    assert bench.marks[0] == "Place Anna"
    bench.press("1")
    assert bench.marks[0] == "Person Anna"


def test_nested_and_overlapping_spans_are_drawn_on_levels_of_their_own(desk: Any) -> None:
    bench = desk(ENGLISH)
    for words, until, key in (("New", "Company", "2"), ("New", "York", "3"), ("York", "Times", "1")):
        bench.sweep(words, until)
        bench.press(key)
        bench.press("Escape")
    tops = {tag.inner_text(): tag.bounding_box() for tag in bench.page.locator(".spantag").all()}
    bars = [bar.bounding_box() for bar in bench.page.locator(".bar").all()]
    assert len(tops) == 3 and len({round(box["y"]) for box in bars}) == 3
    for box in (*tops.values(), *bars):
        others = [one for one in (*tops.values(), *bars) if one is not box]
        # Nothing of one mark covers another's tag or bar.
        assert all(
            box["x"] + box["width"] <= one["x"] or one["x"] + one["width"] <= box["x"] or box["y"] + box["height"] <= one["y"] + 1 or one["y"] + one["height"] <= box["y"] + 1
            for one in others
        )
    bench.click("York")
    first = bench.page.locator(".olist li.on .pick").inner_text()
    bench.click("York")
    assert bench.page.locator(".olist li.on .pick").inner_text() != first


def test_a_span_is_made_changed_and_deleted_by_keys_alone(desk: Any) -> None:
    bench = desk(ENGLISH)
    for _ in range(20):
        bench.press("ArrowRight")
        if bench.page.evaluate("getSelection().isCollapsed") is False:
            break
    bench.press("Control+Home", "ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "1")
    assert bench.marks == ["Person Anna Müller"]
    bench.press("Control+ArrowLeft")
    assert bench.marks == ["Person Anna"]
    bench.press("Control+ArrowRight", "Control+ArrowRight", "Control+Shift+ArrowRight")
    assert bench.marks == ["Person Müller works"]
    bench.press("Control+z")
    bench.press("w", "Escape", "Tab", "Control+ArrowLeft")
    assert bench.marks[0].startswith("Person Anna")
    bench.press("Delete")
    assert bench.marks == []
    bench.press("Control+z")
    assert len(bench.marks) == 1
    assert bench.faults == []


def test_a_relation_is_made_by_keys_and_by_dragging_and_goes_with_its_end(desk: Any) -> None:
    bench = desk(ENGLISH)
    for words, until, key in (("Anna", "Müller", "1"), ("New", "Company", "2"), ("Paris", "Paris", "3")):
        bench.sweep(words, until)
        bench.press(key)
    bench.press("Escape", "Tab", "Tab")
    bench.click("Anna")
    bench.press("r", "Tab", "Enter")
    assert "works for Anna Müller → New York Times Company" in bench.marks
    assert bench.page.locator(".arc text").all_text_contents() == ["works for"]
    bench.press("Escape")
    tags = {tag.inner_text(): tag for tag in bench.page.locator(".spantag").all()}
    tags["Company"].drag_to(tags["Place"])
    assert bench.page.locator(".arc text").count() == 2
    tags = {tag.inner_text(): tag for tag in bench.page.locator(".spantag").all()}
    tags["Place"].drag_to(tags["Person"])
    bench.page.get_by_text("no relation from place to person").wait_for()
    bench.press("Control+z", "Control+Shift+z")
    document = bench.page.locator(".olist .pick").count()
    assert document == 5
    bench.click("Paris")
    bench.press("Delete")
    assert bench.page.locator(".arc text").all_text_contents() == ["works for"]
    bench.press("Control+z")
    assert bench.page.locator(".arc text").count() == 2
    stored = bench.submit()
    ids = {one["id"]: one["text"] for one in stored["objects"] if one["kind"] == "span"}
    found = {(one["label"], ids[one["from"]], ids[one["to"]]) for one in stored["objects"] if one["kind"] == "relation"}
    assert found == {("works_for", "Anna Müller", "New York Times Company"), ("located_in", "New York Times Company", "Paris")}
    assert bench.faults == []


CHINESE = "台湾由游戏橘子运营😀。\n张三在北京大学工作。"


def test_chinese_words_are_marked_on_a_chinese_page(desk: Any, live: Any, sign_in: Any, texts: Any, live_server: Any) -> None:
    queue = texts(CHINESE)
    page = sign_in(live.annotator)
    page.context.add_cookies([{"name": "sluice_language", "value": "zh-hans", "url": live_server.url}])
    bench = TextBench(page, queue, READING)
    bench.sweep("湾")
    bench.press("3")
    assert bench.marks == ["地点 台湾"]
    bench.press("w")
    assert bench.page.locator(".textfoot").get_by_text("单字").is_visible()
    bench.sweep("北", "京")
    bench.press("3")
    bench.sweep("张三")
    bench.press("1")
    assert spans(bench.submit()) == expected(CHINESE, ("place", "台湾"), ("place", "北京"), ("person", "张三"))
    assert bench.faults == []


def test_right_to_left_words_are_marked_and_arrows_go_the_way_they_look(desk: Any) -> None:
    text = "ולד 12 שלום עולם\nيعمل أحمد في ACME اليوم"
    bench = desk(text)
    right, y = bench.where("أحمد", end=True)
    left, _ = bench.where("أحمد")
    bench.page.mouse.move(right, y)
    bench.page.mouse.down()
    bench.page.mouse.move(left + 2, y, steps=3)
    bench.page.mouse.up()
    bench.page.wait_for_timeout(30)
    bench.press("1")
    assert bench.marks == ["Person أحمد"]
    bench.press("Control+ArrowLeft")
    assert bench.marks == ["Person أحمد في"]
    tag, bar = bench.page.locator(".spantag").bounding_box(), bench.page.locator(".bar").first.bounding_box()
    assert abs(tag["x"] + tag["width"] - bar["x"] - bar["width"]) < 2  # at the side where reading begins
    assert spans(bench.submit()) == expected(text, ("person", "أحمد في"))
    assert bench.faults == []


def test_digits_answer_one_question_after_the_other(desk: Any) -> None:
    schema = {
        "labels": [],
        "item": [
            {"name": "mood", "type": "choice", "options": ["good", "bad"], "required": True},
            {"name": "topics", "type": "choice", "multiple": True, "options": ["room", "staff", "food"]},
            {"name": "spam", "type": "bool"},
        ],
    }
    bench = desk("Lovely room.", "Next", schema=schema)
    bench.press("2", "1", "3", "q", "2", "Shift+q", "2", "Shift+q", "1")
    assert bench.submit() == {"objects": [], "item": {"mood": "good", "topics": ["room", "food", "staff"], "spam": True}}
    assert bench.faults == []


def test_a_text_of_100_kb_stays_fluid(desk: Any) -> None:
    line = "Anna Müller works for the New York Times Company in Paris 👍 and so on. "
    for text in (f"{line * 6}\n" * 250, line * 1400):
        bench = desk(text)
        bench.page.evaluate("document.querySelector('.reading').scrollTop = 12000")
        bench.page.wait_for_timeout(200)
        took = bench.page.evaluate(
            """async () => {
                const host = document.querySelector(".reading"), at = host.getBoundingClientRect();
                const times = [];
                for (let n = 0; n < 15; n++) {
                    const x = at.left + at.width / 2, y = at.top + 70 + n * 46;
                    const place = document.caretRangeFromPoint(x, y);
                    getSelection().setBaseAndExtent(place.startContainer, Math.max(place.startOffset - 9, 0), place.startContainer, place.startOffset);
                    const fire = (kind, to) => to.dispatchEvent(new MouseEvent(kind, {bubbles: true, clientX: x, clientY: y}));
                    fire("mousedown", place.startContainer.parentElement);
                    fire("mouseup", place.startContainer.parentElement);
                    await new Promise(done => setTimeout(done, 5));
                    const start = performance.now(), before = document.querySelectorAll(".spantag").length;
                    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "1", bubbles: true}));
                    while (document.querySelectorAll(".spantag").length === before && performance.now() - start < 1000) await new Promise(requestAnimationFrame);
                    await new Promise(requestAnimationFrame);
                    times.push(performance.now() - start);
                }
                return times.sort((a, b) => a - b);
            }"""
        )
        print("selection to mark", len(text), [round(one) for one in took])
        assert took[len(took) // 2] < 50, took
        assert len(bench.marks) >= 10
        bench.page.context.close()


def test_suggested_spans_are_drawn_apart_and_accepted_by_key(desk: Any, live: Any, texts: Any, sign_in: Any) -> None:
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.projects.queries import current_schema

    queue = texts(ENGLISH)
    item = Item.objects.latest("id")
    guess = {"id": str(uuid4()), "kind": "span", "label": "place", "start": ENGLISH.index("Paris"), "end": ENGLISH.index("Paris") + 5, "text": "Paris"}
    row = ImportedAnnotation(item.pk, {"objects": [guess], "item": {}}, current_schema(item.project_id).pk, False, ("model", 0.8))
    add_imported([row], by=live.actor(live.owner))
    bench = TextBench(sign_in(live.annotator), queue, READING)
    assert bench.page.locator(".spantag[data-standing=guess]").inner_text() == "Place 80 %"
    assert bench.page.locator("ul.olist[aria-label=Objects] .pick").count() == 0
    bench.press("y")
    assert bench.page.locator("ul.olist[aria-label=Objects] .pick").count() == 1
    (stored,) = bench.submit()["objects"]
    assert (stored["id"], stored["source"], stored["start"]) == (guess["id"], "prediction", guess["start"])
    assert bench.faults == []


def test_characters_are_whole_graphemes_and_the_caret_goes_by_lines(desk: Any) -> None:
    text = "👩‍👩‍👧🇨🇳e\u0301x one\n\nthree four\r\nfive"
    bench = desk(text)
    bench.press("w", "Control+Home", "Shift+ArrowRight", "1", "Shift+ArrowRight", "Shift+ArrowRight", "2")
    bench.press("Control+ArrowLeft", "Control+Home", "ArrowDown", "ArrowDown", "Shift+End", "3")
    bench.press("Control+End", "Shift+Home", "1")
    assert spans(bench.submit()) == sorted(
        [("person", 0, 5, "👩‍👩‍👧"), ("company", 5, 7, "🇨🇳"), ("place", 16, 26, "three four"), ("person", 28, 32, "five")]
    )
    assert bench.faults == []


def test_tags_keep_their_lines_when_the_window_narrows(desk: Any) -> None:
    bench = desk("Some words before the one that counts, and Paris comes late in the line.")
    bench.sweep("Paris")
    bench.press("3")
    for width in (1440, 760):
        bench.page.set_viewport_size({"width": width, "height": 800})
        bench.page.wait_for_timeout(200)
        tag, (x, y) = bench.page.locator(".spantag").bounding_box(), bench.where("Paris")
        assert abs(tag["x"] - x) < 4 and 5 < tag["y"] - y < 25
