"""The quality page: figures in words, tabs, what to do when there is nothing, and one's own row alone."""

from __future__ import annotations

from typing import Any

from tests.quality.test_figures import look_everywhere, queue_of, twelve

__all__ = ["queue_of", "twelve"]


def test_the_page_shows_figures_with_interval_and_count_and_says_what_is_not_enough(world: Any, twelve: Any) -> None:
    look_everywhere()
    shown = world.page(world.manager).get(f"/p/{world.project.pk}/quality").content.decode()
    assert "annotator2" in shown and "not enough" in shown and "on 12" in shown and "format=csv" in shown
    assert f"/items/{twelve[0].pk}" in shown and "?by=label" in shown
    for by in ("label", "batch"):
        assert world.page(world.viewer).get(f"/p/{world.project.pk}/quality?by={by}").status_code == 200


def test_an_empty_page_says_what_to_do(world: Any) -> None:
    shown = world.page(world.manager).get(f"/p/{world.project.pk}/quality").content.decode()
    assert "Nothing to measure yet" in shown and f"/p/{world.project.pk}/queues" in shown


def test_a_person_sees_their_own_row_and_no_items(world: Any, twelve: Any) -> None:
    shown = world.page(world.annotator2).get(f"/p/{world.project.pk}/quality?by=label").content.decode()
    assert "<tbody" in shown and ">annotator<" not in shown and 'class="tabs"' not in shown and "/items/" not in shown
