"""What managers plan on pages, and what others read there."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.qualifications.models import Qualification, Qualified, Requirement
from annotate.qualifications.services import give
from annotate.queues.claim import next_task
from annotate.queues.fill import fill

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    assert response.status_code in (200, 400), response.status_code
    return response.content.decode()


def test_a_manager_makes_one_and_opens_its_run(world: Any, gold: Any) -> None:
    gold(5)
    page = world.page(world.manager)
    address = f"/p/{world.project.pk}/qualifications"
    assert "No qualification yet" in text(page.get(address))
    assert page.post(address, {"name": "Cells", "kind": "label", "about": "Draw cells"}).status_code == 302
    made = Qualification.objects.get()
    assert page.post(f"/qualifications/{made.pk}/run", {"questions": "9", "pass_mark": "80", "attempts": "1"}).status_code == 400
    assert "4 are missing" in text(page.post(f"/qualifications/{made.pk}/run", {"questions": "9", "pass_mark": "80", "attempts": "1"}))
    assert page.post(f"/qualifications/{made.pk}/run", {"questions": "4", "pass_mark": "62.5", "attempts": "2"}).status_code == 302
    made.refresh_from_db()
    assert (made.questions, made.pass_mark, made.attempts) == (4, 0.625, 2)
    shown = text(page.get(f"/qualifications/{made.pk}"))
    assert "for all attempts of a person 8 are needed" in shown
    assert "a run of 4 questions, from 62.5 % on" in text(page.get(address))
    assert page.post(f"/qualifications/{made.pk}/run", {"act": "remove"}).status_code == 302
    made.refresh_from_db()
    assert made.queue_id is None
    again = page.post(address, {"name": "Cells", "kind": "label"})
    assert again.status_code == 400
    assert "exists" in text(again)


def test_a_manager_gives_and_takes_by_hand(world: Any, qualification: Any) -> None:
    cells, page = qualification(), world.page(world.manager)
    assert page.post(f"/qualifications/{cells.pk}/give", {"person": str(world.annotator.pk), "score": "85"}).status_code == 302
    assert Qualified.objects.get(person=world.annotator, ended_at=None).score == 0.85
    assert "85 %" in text(page.get(f"/qualifications/{cells.pk}"))
    assert page.post(f"/qualifications/{cells.pk}/give", {"person": str(world.outsider.pk)}).status_code == 400
    assert page.post(f"/qualifications/{cells.pk}/people/{world.annotator.pk}/end").status_code == 302
    assert not Qualified.objects.filter(ended_at=None).exists()
    assert page.post(f"/qualifications/{cells.pk}/people/{world.reviewer.pk}/end").status_code == 404
    assert page.post(f"/qualifications/{cells.pk}/change", {"name": "Nuclei", "kind": "label", "about": ""}).status_code == 302
    cells.refresh_from_db()
    assert cells.name == "Nuclei"


def test_a_queues_page_sets_what_it_asks_for(world: Any, qualification: Any, queue_of: Any) -> None:
    cells, queue, page = qualification(), queue_of(), world.page(world.manager)
    assert "Who is served" in text(page.get(f"/queues/{queue.pk}"))
    assert page.post(f"/queues/{queue.pk}/requires", {"need": str(cells.pk), f"bar_{cells.pk}": "80"}).status_code == 302
    assert Requirement.objects.get(queue=queue).bar == 0.8
    assert 'value="80"' in text(page.get(f"/queues/{queue.pk}"))
    page.post(f"/queues/{queue.pk}/requires", {"need": str(cells.pk), f"bar_{cells.pk}": "much"})
    assert "a number from 0 to 1" in text(page.get(f"/queues/{queue.pk}"))
    assert Requirement.objects.get(queue=queue).bar == 0.8
    page.post(f"/queues/{queue.pk}/requires", {})
    assert not Requirement.objects.exists()
    assert world.page(world.annotator).post(f"/queues/{queue.pk}/requires", {}).status_code == 403


def test_start_page_and_queues_say_what_a_newcomer_must_do(world: Any, make_items: Any, gold: Any, qualification: Any, queue_of: Any, take: Any) -> None:
    make_items(2)
    gold(4)
    cells = qualification(questions=2, pass_mark=0.8, attempts=2)
    queue = queue_of(name="Label cells", requires=[{"qualification": cells.pk, "bar": 0.8}])
    fill(queue.pk)
    page = world.page(world.annotator)
    for address in ("/", f"/p/{world.project.pk}", f"/p/{world.project.pk}/queues", f"/queues/{queue.pk}"):
        shown = text(page.get(address))
        assert "needs Cells, 80 %" in shown, address
        assert f'href="/work/{cells.queue_id}"' in shown, address
        assert f'href="/work/{queue.pk}"' not in shown, address
    assert "Run: Cells" not in text(page.get("/"))
    assert "2 questions; passed from 80 % on. 2 attempts." in text(page.get(f"/qualifications/{cells.pk}"))
    assert page.get(f"/work/{queue.pk}").headers["Location"] == f"/queues/{queue.pk}"
    assert page.get(f"/work/{cells.queue_id}").status_code == 200
    assert page.get(f"/queues/{cells.queue_id}").headers["Location"] == f"/qualifications/{cells.pk}"
    take(cells, world.annotator, right=1)
    assert "1 question is left in your run." in text(page.get("/"))
    take(cells, world.annotator, wrong=1, measure=False)
    assert "being measured" in text(page.get("/"))
    assert page.get(f"/work/{cells.queue_id}").headers["Location"] == f"/qualifications/{cells.pk}"
    take(cells, world.annotator)
    shown = text(page.get("/"))
    assert "with 50 %; the pass mark is 80 %." in shown
    assert "1 attempt is left." in shown
    assert "Try again" in shown
    take(cells, world.annotator, right=2)
    shown = text(page.get("/"))
    assert "Passed" in shown
    assert f'href="/work/{queue.pk}"' in shown
    assert "needs Cells" not in shown
    own = text(page.get(f"/qualifications/{cells.pk}"))
    assert "My attempts" in own
    assert "50 %" in own
    assert "100 %" in own
    assert "annotator2" not in own
    assert next_task(queue, world.actor(world.annotator)) is not None


def test_who_used_up_their_attempts_is_sent_to_a_manager(world: Any, gold: Any, qualification: Any, queue_of: Any, take: Any) -> None:
    gold(1)
    cells = qualification(questions=1, attempts=1)
    queue_of(requires=[{"qualification": cells.pk}])
    take(cells, world.annotator, wrong=1)
    shown = text(world.page(world.annotator).get("/"))
    assert "Your attempts are used up: ask a manager of the project." in shown
    assert f"/work/{cells.queue_id}" not in shown


def test_who_has_too_little_is_told_what_they_have(world: Any, qualification: Any, queue_of: Any) -> None:
    cells = qualification()
    queue_of(requires=[{"qualification": cells.pk, "bar": 0.9}])
    give(cells, world.annotator, score=0.899, by=world.actor(world.manager))
    assert "you have 89.9 %: ask a manager" in text(world.page(world.annotator).get("/"))


def test_who_may_look(world: Any, gold: Any, qualification: Any) -> None:
    gold(1)
    cells = qualification(questions=1)
    for person, status in ((world.annotator, 200), (world.reviewer, 200), (world.viewer, 200), (world.collector, 404), (world.outsider, 404)):
        assert world.page(person).get(f"/p/{world.project.pk}/qualifications").status_code == status, person
        assert world.page(person).get(f"/qualifications/{cells.pk}").status_code == status, person
    assert "Who has it" not in text(world.page(world.reviewer).get(f"/qualifications/{cells.pk}"))


def test_a_persons_page_says_what_they_have(world: Any, qualification: Any) -> None:
    cells = qualification()
    give(cells, world.annotator, score=0.9, by=world.actor(world.manager))
    shown = text(world.page(world.manager).get(f"/p/{world.project.pk}/people/{world.annotator.pk}"))
    assert f'href="/qualifications/{cells.pk}"' in shown
    assert "90 %" in shown


def test_the_queue_of_a_run_leads_overseers_to_the_run(world: Any, gold: Any, qualification: Any, queue_of: Any) -> None:
    """A reviewer sees the queue of a run in the list of all, and is led to the run by it."""
    gold(1)
    cells = qualification(questions=1)
    assert "Run: Cells" in text(world.page(world.reviewer).get(f"/p/{world.project.pk}/queues"))
    assert world.page(world.reviewer).get(f"/queues/{cells.queue_id}").headers["Location"] == f"/qualifications/{cells.pk}"


def test_the_queue_of_a_run_offers_only_what_may_be_changed(world: Any, gold: Any, qualification: Any, queue_of: Any) -> None:
    gold(1)
    cells = qualification(questions=1)
    page, ordinary = world.page(world.manager), queue_of()
    offered = {name for name in ("name", "q", "order", "overlap", "gold_percent", "lease_seconds", "priority") if f'name="{name}"' in text(page.get(f"/queues/{cells.queue_id}"))}
    assert offered == {"name", "lease_seconds", "priority"}
    assert "/fill" not in text(page.get(f"/queues/{cells.queue_id}"))
    assert 'name="gold_percent"' in text(page.get(f"/queues/{ordinary.pk}"))
    sent = page.post(f"/queues/{cells.queue_id}/change", {"name": "Run of cells", "priority": "3", "lease_seconds": "600"})
    assert sent.status_code == 302
    cells.queue.refresh_from_db()
    assert (cells.queue.name, cells.queue.priority, cells.queue.gold_percent) == ("Run of cells", 3, 100)
    assert 'role="alert"' in text(page.post(f"/queues/{cells.queue_id}/change", {"name": "", "priority": "3", "lease_seconds": "600"}))


def test_a_run_is_begun_from_its_qualification_and_has_no_end_to_foretell(world: Any, gold: Any, qualification: Any, queue_of: Any) -> None:
    gold(1)
    cells, ordinary, page = qualification(questions=1), queue_of(), world.page(world.manager)
    for address in (f"/p/{world.project.pk}/queues", f"/queues/{cells.queue_id}"):
        assert f'"/work/{cells.queue_id}"' not in text(page.get(address))
    listed = text(page.get(f"/p/{world.project.pk}/queues"))
    assert f'"/work/{ordinary.pk}"' in listed
    assert f'href="/qualifications/{cells.pk}"' in listed
    assert f"bulk?queue={cells.queue_id}" not in text(page.get(f"/queues/{cells.queue_id}"))
    foretold = text(page.get(f"/p/{world.project.pk}/progress"))
    assert ordinary.name in foretold
    assert cells.queue.name not in foretold


def test_the_start_page_says_what_a_run_is_about(world: Any, gold: Any, qualification: Any, queue_of: Any) -> None:
    gold(1)
    queue_of(requires=[{"qualification": qualification(questions=1).pk}])
    assert "Draw every cell." in text(world.page(world.annotator).get("/"))
