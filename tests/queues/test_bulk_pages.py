"""Pages of acts on many tasks and of moving open work: form, preview, act, undo."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Bulk, Task
from annotate.queues.reserving import reserve

pytestmark = pytest.mark.django_db


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return str(response.content.decode())


def test_form_preview_act_and_undo(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(3)
    queue = queue_of(name="night")
    next_task(queue, world.actor(world.annotator2))
    page, place = world.page(world.manager), f"/p/{world.project.pk}/bulk"
    assert f'value="{queue.pk}" selected' in body(page.get(f"{place}?queue={queue.pk}"))
    typed = {"act": "assign", "q": "state = new", "queue": queue.pk, "person": world.annotator.pk, "until": ""}
    seen = body(page.post(place, {**typed, "step": "preview"}))
    assert "2 of 3 tasks would change" in seen and "1 are being worked on now" in seen and 'value="do"' in seen
    assert not Bulk.objects.exists()
    gone = page.post(place, {**typed, "step": "do"})
    made = Bulk.objects.get()
    assert gone["Location"] == f"/bulk/{made.pk}"
    done = body(page.get(f"/bulk/{made.pk}"))
    assert "2 tasks changed." in done and f"/bulk/{made.pk}/undo" in done
    assert f'href="/bulk/{made.pk}"' in body(page.get(place))
    lease = next_task(queue, world.actor(world.annotator))
    page.post(f"/bulk/{made.pk}/undo")
    after = body(page.get(f"/bulk/{made.pk}"))
    assert "Left as they are now" in after and lease.item.key in after and f"/bulk/{made.pk}/undo" not in after
    assert page.post(f"/bulk/{made.pk}/undo").status_code == 302


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("act", ["assign", "release", "prioritise", "send_back", "void", "burn"])
def test_each_act_has_its_form(world: Any, queue_of: Any, act: str, language: str) -> None:
    queue_of()
    page = world.page(world.manager)
    page.cookies["sluice_language"] = language
    found = body(page.get(f"/p/{world.project.pk}/bulk?act={act}"))
    assert ('name="person"' in found) == (act in ("assign", "burn"))
    assert ('name="place"' in found) == (act == "prioritise")
    assert ('name="reason"' in found) == (act == "send_back")


def test_what_is_wrong_stands_beside_what_was_typed(world: Any, queue_of: Any) -> None:
    queue_of()
    page, place = world.page(world.manager), f"/p/{world.project.pk}/bulk"
    found = body(page.post(place, {"act": "void", "q": "stat = new", "queue": ""}), 400)
    assert "did you mean" in found and "tok-e" in found
    body(page.post(place, {"act": "assign", "q": "", "queue": "", "person": ""}), 400)
    assert "Say which priority" in body(page.post(place, {"act": "prioritise", "place": "priority"}), 400)
    body(page.post(place, {"act": "void", "queue": "999999"}), 400)


def test_open_work_moves_from_the_queue_s_page(world: Any, make_items: Any, queue_of: Any) -> None:
    items = make_items(3)
    queue = queue_of()
    reserve(queue, [items[2].pk], world.annotator, by=world.actor(world.manager))
    page, place = world.page(world.manager), f"/queues/{queue.pk}"
    found = body(page.get(place))
    assert "Open work" in found and "1 more kept for somebody" in found
    said = body(page.post(f"{place}/people/{world.annotator.pk}/move", {"to": world.annotator2.pk}, follow=True))
    assert "1 task moved to annotator2." in said
    assert Task.objects.get(item=items[2]).person == world.annotator2
    said = body(page.post(f"{place}/people/{world.annotator2.pk}/move", {"to": ""}, follow=True))
    assert "1 task moved to everybody." in said
    reserve(queue, [items[2].pk], world.annotator, by=world.actor(world.manager))
    assert "Choose somebody" in body(page.post(f"{place}/people/{world.annotator.pk}/move", {"to": world.viewer.pk}, follow=True))


def test_nobody_but_managers_finds_these_pages(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of()
    fill(queue.pk)
    world.page(world.manager).post(f"/p/{world.project.pk}/bulk", {"act": "void", "step": "do"})
    made = Bulk.objects.get()
    for person, status in ((world.reviewer, 403), (world.annotator, 403), (world.outsider, 404)):
        page = world.page(person)
        assert page.get(f"/p/{world.project.pk}/bulk").status_code == status
        assert page.get(f"/bulk/{made.pk}").status_code == status
        assert page.post(f"/bulk/{made.pk}/undo").status_code == status
        assert page.post(f"/queues/{queue.pk}/people/{world.annotator.pk}/move").status_code == status
