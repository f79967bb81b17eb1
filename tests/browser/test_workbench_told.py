"""A queue that tells how right answers to known items were: said a moment after the answer; and who falls below the bar is told no more."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.gold.services import add_truths
from annotate.queues.services import create_queue
from tests.browser.bench import READY, Bench
from tests.queues.conftest import a_box
from workflows.quality.gold import measure_some
from workflows.quality.models import SkillPause
from workflows.quality.pause_rules import set_rule

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_answer_to_gold_is_told_about_and_a_pause_is_said_plainly(sign_in: Any, world: Any, make_items: Any) -> None:
    by = world.actor(world.manager)
    truth = {"objects": [a_box("person", (1, 2, 10, 8))], "item": {}}
    add_truths(world.project, [{"item": item.pk, "annotation": truth} for item in make_items(3)], by=by)
    queue = create_queue(world.project, "known", stage="annotate", gold_percent=100, gold_feedback=True, by=by)
    set_rule(world.project, queue, least=2, bar=0.9, by=by)
    page = sign_in(world.annotator)
    page.clock.install()
    bench = Bench(page, queue)
    first = bench.item
    bench.drag((40, 30), (50, 40))
    bench.press("f")
    bench.gone(first)
    page.wait_for_selector(READY)
    measure_some()
    page.clock.fast_forward(10_000)
    page.get_by_text("That item was known: 0 % right. Something is missing, Something is too much.").wait_for()
    second = bench.item
    bench.press("f")
    bench.gone(second)
    measure_some()
    assert SkillPause.objects.get().evidence["wrong"] == 2
    page.goto("/")
    page.get_by_text("Your work in known is paused; your manager has been told.").wait_for()
    assert "gold" not in page.content().lower()
    assert not [fault for fault in bench.faults if "403" not in fault]  # the refusal itself
