"""Questions on the reviews page and answers on the asker's home page."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.projects import guidelines
from annotate.queues.claim import next_task
from annotate.reviews import asking
from annotate.reviews.models import Question

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(world: Any, make_items: Any, queue_of: Any) -> Question:
    make_items(1)
    lease = next_task(queue_of(), world.actor(world.annotator))
    return asking.ask(lease.pk, world.actor(world.annotator), "Is a van a car?", at=[3, 4])


def test_a_question_is_answered_on_the_reviews_page_and_told_on_the_home_page(world: Any, question: Question) -> None:
    reviewer, annotator = world.page(world.reviewer), world.page(world.annotator)
    place = f"/p/{world.project.pk}/reviews"
    assert "Is a van a car?" in reviewer.get(place).content.decode()
    assert "questions are answered" not in annotator.get("/").content.decode()
    assert reviewer.post(f"/questions/{question.pk}/answer", {"text": "Yes, always."}).status_code == 302
    body = annotator.get("/").content.decode()
    assert "Your questions are answered" in body and "Yes, always." in body
    assert "Yes, always." not in world.page(world.annotator2).get("/").content.decode()


def test_one_click_makes_it_an_example(world: Any, question: Question) -> None:
    asking.answer(question.pk, "Yes", by=world.actor(world.reviewer))
    manager = world.page(world.manager)
    assert "Make it a good example" in manager.get(f"/p/{world.project.pk}/reviews").content.decode()
    assert "Make it a good example" not in world.page(world.reviewer).get(f"/p/{world.project.pk}/reviews").content.decode()
    assert manager.post(f"/questions/{question.pk}/example", {"good": "1"}).status_code == 302
    assert guidelines.newest(world.project).examples[0]["good"] is True
    assert "In the guidelines" in manager.get(f"/p/{world.project.pk}/reviews").content.decode()


def test_annotators_answer_nothing(world: Any, question: Question) -> None:
    assert world.page(world.annotator).post(f"/questions/{question.pk}/answer", {"text": "Yes"}).status_code == 403
    assert world.page(world.annotator2).post(f"/questions/{question.pk}/answer", {"text": "Yes"}).status_code == 404
    assert world.page(world.reviewer).post(f"/questions/{question.pk}/answer", {"text": " "}).status_code == 302
    question.refresh_from_db()
    assert question.answered_at is None
