"""What a leaver leaves behind is told before they go, comes back when they do, and is told again."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.projects import teams
from annotate.queues.models import Assignment, Lease, Task
from annotate.queues.services import create_queue

pytestmark = pytest.mark.django_db
DOCUMENT: dict[str, Any] = {"objects": [], "item": {}}


@pytest.fixture
def busy(world: Any, make_items: Any) -> Any:
    """The annotator holds one item, was returned one, asked about one, has one kept, and is named for the queue and a team."""
    make_items(6)
    people = [world.annotator, world.annotator2]
    queue = create_queue(world.project, "label", stage="annotate", members=people, by=world.actor(world.owner))
    api = world.api(world.annotator)
    back = api.post(f"/queues/{queue.pk}/next").json()
    api.post(f"/leases/{back['lease']['id']}/submit", {"annotation": DOCUMENT})
    asked = api.post(f"/queues/{queue.pk}/next").json()
    assert api.post(f"/leases/{asked['lease']['id']}/ask", {"text": "is it?"}).status_code == 201
    api.post(f"/queues/{queue.pk}/next")
    Task.objects.filter(item_id=back["item"]["id"]).update(state="returned")
    free = Task.objects.filter(queue=queue, state="open", person=None).exclude(leases__ended_at=None, leases__isnull=False).latest("id")
    Task.objects.filter(pk=free.pk).update(person=world.annotator)
    teams.create_team("night", organisation_id=world.organisation.pk, project=world.project, lead=world.annotator, members=people, by=world.actor(world.manager))
    return queue


WANTED = {"held": 1, "returned": 1, "parked": 1, "kept": 1, "queues": 1, "teams": 1, "leads": 1}


def test_it_is_told_before(world: Any, busy: Any) -> None:
    path = f"/projects/{world.project.pk}/members/{world.annotator.pk}/work"
    assert world.api(world.manager).get(path).json() == WANTED
    assert world.api(world.manager).get(path.replace(str(world.annotator.pk), str(world.viewer.pk))).json() == dict.fromkeys(WANTED, 0)
    page = world.page(world.manager).get(f"/p/{world.project.pk}/settings/members/{world.annotator.pk}/leave").content.decode()
    assert "1 item in their hands goes back to its queue" in page and "1 item kept for them is for anybody again" in page
    assert "/leave" in world.page(world.manager).get(f"/p/{world.project.pk}/settings").content.decode()


def test_it_comes_back_and_is_told_after(world: Any, busy: Any) -> None:
    answer = world.page(world.manager).post(f"/p/{world.project.pk}/settings/members/{world.annotator.pk}", {"remove": "1"}, follow=True)
    body = answer.content.decode()
    assert "annotator is out of the project." in body and "1 returned answer goes to others" in body and "1 team is without a lead" in body
    assert not Lease.objects.filter(person=world.annotator, ended_at=None).exists()
    assert not Task.objects.filter(person=world.annotator, state__in=("open", "returned", "parked")).exists()
    assert not Assignment.objects.filter(person=world.annotator).exists()


def test_who_has_nothing_leaves_nothing(world: Any, busy: Any) -> None:
    page = world.page(world.manager)
    assert "nothing has to come back" in page.get(f"/p/{world.project.pk}/settings/members/{world.viewer.pk}/leave").content.decode()
    said = page.post(f"/p/{world.project.pk}/settings/members/{world.viewer.pk}", {"remove": "1"}, follow=True).content.decode()
    assert "There was nothing of theirs to come back." in said


def test_only_a_manager_is_told(world: Any, busy: Any) -> None:
    for person, status in ((world.reviewer, 403), (world.annotator, 403), (world.outsider, 404)):
        assert world.api(person).get(f"/projects/{world.project.pk}/members/{world.annotator.pk}/work").status_code == status
        assert world.page(person).get(f"/p/{world.project.pk}/settings/members/{world.annotator.pk}/leave").status_code == status
    assert world.api(world.manager).get(f"/projects/{world.project.pk}/members/{world.outsider.pk}/work").status_code == 404
