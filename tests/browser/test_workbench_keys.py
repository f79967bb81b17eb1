"""Hands on the keyboard: everything found by typing, keys of one's own, names and focus for who does not see the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotate.people.models import Person
from annotate.projects.services import create, set_member
from annotate.queues.services import create_queue
from tests.browser.bench import READY, Bench, submitted

pytestmark = pytest.mark.django_db(transaction=True)
TITLES = {"car": "轿车", "truck": "卡车", "rider": "骑车人", "sign": "交通标志", "light": "红绿灯"}


@pytest.fixture
def queue(live: Any, make_items: Callable[..., Any]) -> Any:
    from annotate.items.services import create_batch

    owner = live.actor(live.owner)
    schema = {"labels": [{"name": name, "kinds": ["box"], "title": {"zh": title}} for name, title in TITLES.items()]}
    project = create("roads", media="image", schema=schema, organisation_id=live.organisation.pk, by=owner)
    set_member(project, live.annotator, role="annotator", by=owner)
    make_items(3, batch=create_batch(project, "may", by=owner))
    return create_queue(project, "roads", stage="annotate", by=owner)


def find(bench: Bench, text: str, key: str = "Control+k") -> None:
    bench.press(key)
    bench.page.locator("dialog[open] [role=combobox]").fill(text)


def test_the_palette_finds_an_action_in_either_language_and_does_it(bench: Bench) -> None:
    bench.drag((5, 5), (20, 20))
    for words in ("undo", "撤销", "cx"):
        find(bench, words)
        assert bench.page.locator("[role=option]").first.inner_text().startswith("Undo")
        bench.press("Enter")
        bench.page.locator("dialog").wait_for(state="detached")
        assert bench.rows == []
        bench.press("Control+Shift+z")
        assert bench.rows == ["car"]
    assert bench.page.evaluate("document.activeElement.className") == "canvas"  # the hand is where it was
    assert bench.faults == []


def test_a_label_is_found_by_pinyin_initials_and_the_latest_comes_first(bench: Bench) -> None:
    find(bench, "jtbz", "/")
    assert [one.inner_text().split("\n")[0] for one in bench.page.locator("[role=option]").all()] == ["sign"]
    bench.press("Enter")
    bench.page.locator("dialog").wait_for(state="detached")
    bench.drag((5, 5), (20, 20))
    assert bench.rows == ["sign"]
    bench.press("/")
    assert bench.page.locator("[role=option]").first.inner_text().startswith("sign")
    bench.press("Escape")
    bench.page.locator("dialog").wait_for(state="detached")
    assert bench.faults == []


def test_an_action_gets_a_key_of_ones_own_that_a_reload_keeps(bench: Bench, live: Any) -> None:
    page = bench.page
    page.keyboard.press("?")
    page.get_by_role("button", name="Change the key of Invert the picture").click()
    page.keyboard.press("Control+m")
    page.get_by_text("Your keys are kept on the server.").wait_for()
    assert Person.objects.get(pk=live.annotator.pk).preferences == {"keys": {"invert": ["ctrl+m"]}}
    page.reload()
    page.wait_for_selector(READY)
    find(bench, "invert")
    assert "Ctrl" in page.locator("[role=option]").first.inner_text()
    bench.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    bench.press("?")
    page.get_by_role("button", name="Reset Invert the picture").click()
    page.get_by_role("button", name="Reset Invert the picture").wait_for(state="detached")
    page.wait_for_timeout(200)
    assert Person.objects.get(pk=live.annotator.pk).preferences == {"keys": {}}
    assert bench.faults == []


def test_a_key_that_is_taken_is_named_and_given_over_only_on_a_second_word(bench: Bench, live: Any) -> None:
    page = bench.page
    page.keyboard.press("?")
    page.get_by_role("button", name="Change the key of Fit the picture").click()
    page.keyboard.press("t")
    page.get_by_text("T is “Names on the picture” already.").wait_for()
    assert Person.objects.get(pk=live.annotator.pk).preferences == {}
    page.get_by_role("button", name="Give it to this").click()
    page.get_by_text("Your keys are kept on the server.").wait_for()
    assert Person.objects.get(pk=live.annotator.pk).preferences == {"keys": {"fit": ["t"], "names": []}}
    page.get_by_role("button", name="Change the key of Skip").click()
    page.keyboard.press("F1")
    page.get_by_text("F1 cannot be given away.").wait_for()


def test_letters_of_a_word_that_is_being_composed_do_nothing(bench: Bench) -> None:
    bench.drag((5, 5), (20, 20))
    compose = """(over) => document.querySelector('.canvas').dispatchEvent(
        Object.defineProperty(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true, ...over }), 'keyCode', { value: over.keyCode ?? 46 }))"""
    bench.page.evaluate(compose, {"isComposing": True})
    bench.page.evaluate(compose, {"keyCode": 229})
    assert bench.rows == ["car"]
    bench.page.evaluate(compose, {})
    assert bench.rows == []


def test_the_row_of_digits_chooses_labels_on_a_french_keyboard(bench: Bench) -> None:
    press = "document.querySelector('.canvas').dispatchEvent(new KeyboardEvent('keydown', { key: 'é', code: 'Digit2', bubbles: true }))"
    bench.page.evaluate(press)
    bench.drag((5, 5), (20, 20))
    assert bench.rows == ["truck"]


def test_a_picture_is_labelled_and_sent_with_the_mouse_on_it_and_the_left_hand_on_the_keys(bench: Bench) -> None:
    item = bench.item
    bench.drag((5, 5), (20, 20))
    bench.press("2")
    bench.drag((30, 20), (50, 40))
    bench.press("`")  # more labels than the left hand has digits
    bench.page.locator("dialog[open] [role=combobox]").fill("rd")
    bench.press("Enter")
    bench.page.locator("dialog").wait_for(state="detached")
    bench.drag((8, 25), (25, 40))
    bench.press("f")
    bench.gone(item)
    assert [one["label"] for one in submitted(item)[0]["objects"]] == ["car", "truck", "rider"]


NAMELESS = """() => {
  const name = (one) => (one.getAttribute('aria-label') || (one.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('')
    || [...(one.labels ?? [])].map((label) => label.textContent).join('') || one.innerText || one.getAttribute('title') || '').trim();
  const here = [...document.querySelectorAll('button, a[href], input, select, textarea, [tabindex], [role=option], dialog, [role=toolbar], [role=group], [role=listbox]')];
  return here.filter((one) => one.checkVisibility() && !name(one)).map((one) => one.outerHTML.slice(0, 120));
}"""
FOCUSED = "() => document.activeElement.closest('.top, .tools, .canvas, .side')?.className.split(' ')[0] ?? document.activeElement.tagName"


def test_every_control_has_a_name_in_every_panel(bench: Bench) -> None:
    bench.drag((5, 5), (20, 20))
    assert bench.page.evaluate(NAMELESS) == []
    for opening in ("?", "Control+k", "/", "d"):
        bench.press(opening)
        bench.page.locator("dialog[open]").wait_for()
        assert bench.page.evaluate(NAMELESS) == [], opening
        bench.press("Escape")
        bench.page.locator("dialog").wait_for(state="detached")
    assert bench.page.locator("[role=toolbar]").get_attribute("aria-label") == "Tools"


def test_f6_goes_round_the_parts_of_the_page_in_their_order(bench: Bench) -> None:
    bench.drag((5, 5), (20, 20))
    seen = [bench.page.evaluate(FOCUSED)]
    for _ in range(4):
        bench.press("F6")
        seen.append(bench.page.evaluate(FOCUSED))
    assert seen == ["canvas", "side", "top", "tools", "canvas"]


def test_who_wants_no_motion_gets_none(sign_in: Any, live: Any, queue: Any) -> None:
    bench = Bench(sign_in(live.annotator, reduced_motion="reduce"), queue)
    moving = """() => [...document.querySelectorAll('*')].filter((one) => {
      const { transitionDuration, animationDuration } = getComputedStyle(one);
      return [transitionDuration, animationDuration].some((time) => time.split(',').some((part) => parseFloat(part) > 0.05));
    }).map((one) => one.className)"""
    assert bench.page.evaluate(moving) == []
