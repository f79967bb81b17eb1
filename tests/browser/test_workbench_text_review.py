"""Review of texts: what changed is drawn among the words, a verdict stands over spans, two answers are laid over each other."""

# ruff: noqa: F811  fixtures of another module
from __future__ import annotations

import uuid
from typing import Any

import pytest

from annotate.annotations.models import Annotation
from annotate.projects.models import Project
from annotate.projects.services import set_member
from annotate.queues.services import create_queue
from tests.browser.bench import submitted
from tests.browser.text_bench import ENGLISH, READING, TextBench, expected, spans, texts  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO, THREE, FOUR = (str(uuid.UUID(int=n)) for n in range(1, 5))


def span(id: str, words: str, label: str) -> dict[str, Any]:
    start = ENGLISH.index(words)
    return {"id": id, "kind": "span", "label": label, "start": start, "end": start + len(words), "text": words}


def answer(live: Any, queue: Any, person: Any, *objects: Any) -> int:
    api = live.api(person)
    held = api.post(f"/queues/{queue.pk}/next").json()
    done = api.post(f"/leases/{held['lease']['id']}/submit", {"annotation": {"objects": list(objects), "item": {}}})
    assert done.status_code == 201, done.content
    return int(held["item"]["id"])


def test_a_reviewer_reads_pins_a_comment_to_a_span_and_fixes(live: Any, sign_in: Any, texts: Any) -> None:
    item = answer(live, texts(ENGLISH), live.annotator, span(ONE, "Anna", "person"))
    queue = create_queue(Project.objects.get(name="texts 1"), "judge", stage="review", by=live.actor(live.owner))
    judge = TextBench(sign_in(live.reviewer), queue, READING)
    judge.sweep("Paris")
    judge.press("3")
    assert judge.marks == ["Person Anna"]
    judge.click("Anna")
    judge.page.locator(".side textarea").fill("with the surname")
    judge.page.get_by_role("button", name="Add comment").click()
    assert judge.page.locator(".spantag .pin").inner_text() == "1"
    judge.page.locator(".reading").focus()
    judge.press("e", "Control+ArrowRight")
    assert judge.marks == ["Person Anna Müller"]
    judge.press("Control+Enter")
    judge.gone(item)
    assert spans(submitted(item)[-1]) == expected(ENGLISH, ("person", "Anna Müller"))


def test_a_second_round_shows_what_changed_among_the_words(live: Any, sign_in: Any, texts: Any) -> None:
    queue = texts(ENGLISH)
    review = create_queue(Project.objects.get(name="texts 1"), "judge", stage="review", by=live.actor(live.owner))
    answer(live, queue, live.annotator, span(ONE, "Anna", "person"), span(TWO, "Paris", "place"))
    api = live.api(live.reviewer)
    lease = api.post(f"/queues/{review.pk}/next").json()["lease"]["id"]
    assert api.post(f"/leases/{lease}/review", {"verdict": "return", "reason": "badly_placed"}).status_code in (200, 201)
    answer(live, queue, live.annotator, span(ONE, "Anna Müller", "company"), span(THREE, "New York", "place"))
    judge = TextBench(sign_in(live.reviewer), review, READING)
    tags = judge.page.locator(".spantag").all_inner_texts()
    assert sorted(tags) == ["+ Place", "⇄↔ Company", "− Place"]
    assert judge.page.locator(".tint[data-standing=was]").count() == 1
    judge.press("Shift+R")
    assert sorted(judge.page.locator(".spantag").all_inner_texts()) == ["Company", "Place"]
    assert judge.faults == []


def test_two_answers_to_a_text_are_laid_over_each_other(live: Any, sign_in: Any, texts: Any) -> None:
    texts(ENGLISH)
    project = Project.objects.get(name="texts 1")
    set_member(project, live.annotator2, role="annotator", by=live.actor(live.owner))
    queue = create_queue(project, "twice", stage="annotate", overlap=2, by=live.actor(live.owner))
    item = answer(live, queue, live.annotator, span(ONE, "Anna Müller", "person"), span(TWO, "Paris", "place"))
    answer(live, queue, live.annotator2, span(THREE, "Anna Müller", "person"), span(FOUR, "Paris", "company"))
    bench = TextBench(sign_in(live.reviewer), create_queue(project, "decide", stage="adjudicate", by=live.actor(live.owner)), READING)
    assert bench.marks == ["Person Anna Müller"]
    assert bench.page.locator(".spantag[data-standing=side]").count() == 2
    bench.press("Alt+s")
    lanes = bench.page.locator(".lane .said")
    assert sorted(lanes.all_inner_texts()) == ["CompanyParis", "PlaceParis"] and bench.page.locator(".lane mark.same").count() == 2
    lanes.nth(1).click()
    assert lanes.nth(1).get_attribute("aria-pressed") == "true"
    bench.press(";", "Control+Enter")
    bench.gone(item)
    decided = submitted(item)[-1]
    assert [one["text"] for one in decided["objects"]] == ["Anna Müller", "Paris"]
    assert Annotation.objects.filter(item_id=item).count() == 3
    assert bench.faults == []
