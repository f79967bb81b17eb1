"""A workbench with a text on it: places of words, marks of the list, and the fixtures that make queues of texts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from annotate.items.services import create_batch
from annotate.projects.services import create, set_member
from annotate.queues.services import create_queue
from tests.browser.bench import Bench, submitted

READING = ".wb[data-phase=working] .reading"
SCHEMA = {
    "labels": [
        {"name": "person", "kinds": ["span"], "title": {"en": "Person", "zh": "人物"}},
        {"name": "company", "kinds": ["span"], "title": {"en": "Company", "zh": "公司"}},
        {"name": "place", "kinds": ["span"], "title": {"en": "Place", "zh": "地点"}},
    ],
    "relations": [
        {"name": "works_for", "from": ["person"], "to": ["company"], "title": {"en": "works for", "zh": "就职于"}},
        {"name": "located_in", "from": ["company", "person"], "to": ["place"], "title": {"en": "located in", "zh": "位于"}},
    ],
}
ENGLISH = "👩‍👩‍👧 says: Anna Müller works for New York Times Company in Paris.\r\nShe moved\tthere; Jose\u0301 stayed."

# What is drawn says its name.
MARKS = """rows => rows.map((row) => [row.querySelector("b"), row.querySelector(".cut")].map((part) => {
  const copy = part.cloneNode(true);
  copy.querySelectorAll("svg[aria-label]").forEach((drawn) => drawn.replaceWith(drawn.getAttribute("aria-label")));
  return copy.textContent;
}).join(" "))"""


class TextBench(Bench):
    """A workbench with a text on it: places are those of words."""

    def where(self, words: str, *, end: bool = False) -> tuple[float, float]:
        """The left (or right) edge of the words, a little inside."""
        box = self.page.evaluate(
            """words => { for (const element of document.querySelectorAll(".words")) {
                const node = element.firstChild, at = node?.data?.indexOf(words) ?? -1;
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at); range.setEnd(node, at + words.length);
                range.startContainer.parentElement.scrollIntoView({block: "nearest"});
                const {left, right, top, bottom} = range.getBoundingClientRect();
                return {left, right, y: (top + bottom) / 2};
            } }""",
            words,
        )
        return (box["right"] - 1, box["y"]) if end else (box["left"] + 1, box["y"])

    def sweep(self, words: str, until: str = "") -> None:
        """Selects by the mouse from the first words' left edge to the last words' right edge."""
        self.page.mouse.move(*self.where(words))
        self.page.mouse.down()
        self.page.mouse.move(*self.where(until or words, end=True), steps=3)
        self.page.mouse.up()
        self.page.wait_for_timeout(30)

    def click(self, words: str) -> None:
        x, y = self.where(words)
        self.page.mouse.click(x + 4, y)
        self.page.wait_for_timeout(30)

    @property
    def marks(self) -> list[str]:
        """Label and words of each row of the list."""
        told: list[str] = self.page.locator(".olist .pick").evaluate_all(MARKS)
        return told

    def submit(self) -> dict[str, Any]:
        item = self.item
        self.press("Control+Enter")
        self.gone(item)
        return submitted(item)[-1]


@pytest.fixture
def texts(live: Any, make_items: Callable[..., Any]) -> Callable[..., Any]:
    """`texts(words, …, schema=…)` → an annotate queue of those texts."""

    numbers = count(1)

    def make(*words: str, schema: Any = SCHEMA) -> Any:
        owner = live.actor(live.owner)
        project = create(f"texts {next(numbers)}", media="text", schema=schema, organisation_id=live.organisation.pk, by=owner)
        set_member(project, live.annotator, role="annotator", by=owner)
        set_member(project, live.reviewer, role="reviewer", by=owner)
        batch = create_batch(project, "may", by=owner)
        for number, text in enumerate(words):
            make_items(1, batch=batch, blob_id=None, sha256=None, width=None, height=None, key=f"text-{number}", text=text)
        return create_queue(project, "texts", stage="annotate", by=owner)

    return make


@pytest.fixture
def desk(texts: Any, sign_in: Any, live: Any) -> Callable[..., TextBench]:
    def sit(*words: str, schema: Any = SCHEMA, **options: Any) -> TextBench:
        return TextBench(sign_in(live.annotator, **options), texts(*words, schema=schema), READING)

    return sit


def spans(document: dict[str, Any]) -> list[tuple[str, int, int, str]]:
    return sorted((one["label"], one["start"], one["end"], one["text"]) for one in document["objects"] if one["kind"] == "span")


def expected(text: str, *marks: tuple[str, str]) -> list[tuple[str, int, int, str]]:
    return sorted((label, text.index(words), text.index(words) + len(words), words) for label, words in marks)
