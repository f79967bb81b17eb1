"""A manager lets one person try a run once more, takes that back while it is not begun, and others get nothing by it."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.qualifications.further import grant, revoke
from annotate.qualifications.models import FurtherAttempt
from annotate.qualifications.services import give
from annotate.qualifications.standing import standings
from annotate.queues.claim import next_task

pytestmark = pytest.mark.django_db


def state(found: Any, person: Any) -> tuple[str, int]:
    [one] = standings(person.pk, [found.project_id], [found.pk])
    return one.state, one.left


@pytest.fixture
def failed(world: Any, gold: Any, qualification: Any, take: Any) -> Any:
    """A run of one question and one attempt, which the annotator has failed; one item of gold is left to them."""
    gold(2)
    found = qualification(questions=1, attempts=1)
    take(found, world.annotator, wrong=1)
    assert state(found, world.annotator) == ("used_up", 0)
    return found


def test_who_is_granted_one_more_begins_it_and_may_pass(world: Any, failed: Any, take: Any) -> None:
    with pytest.raises(Denied):
        next_task(failed.queue_id, world.actor(world.annotator))
    assert grant(failed, world.annotator, by=world.actor(world.manager))
    assert state(failed, world.annotator) == ("begin", 1)
    assert take(failed, world.annotator, right=1) == 1
    assert state(failed, world.annotator)[0] == "has"
    told = Activity.objects.get(verb="qualification.grant")
    assert (told.data["person"], told.data["attempt"]) == (world.annotator.pk, 2)


def test_nothing_more_is_granted_while_one_is_left_and_others_get_none(world: Any, failed: Any, gold: Any, take: Any) -> None:
    by = world.actor(world.manager)
    assert not grant(failed, world.annotator2, by=by)
    assert grant(failed, world.annotator, by=by)
    assert not grant(failed, world.annotator, by=by)
    assert FurtherAttempt.objects.count() == 1
    take(failed, world.annotator2, wrong=1)
    assert state(failed, world.annotator2) == ("used_up", 0)
    take(failed, world.annotator, wrong=1)
    gold(1)
    assert grant(failed, world.annotator, by=by)  # and once more, when it was failed again
    assert state(failed, world.annotator) == ("begin", 1)


def test_it_is_taken_back_while_it_is_not_begun(world: Any, failed: Any) -> None:
    by = world.actor(world.manager)
    assert not revoke(failed, world.annotator, by=by)
    grant(failed, world.annotator, by=by)
    assert revoke(failed, world.annotator, by=by)
    assert state(failed, world.annotator) == ("used_up", 0)
    grant(failed, world.annotator, by=by)
    next_task(failed.queue_id, world.actor(world.annotator))
    with pytest.raises(Conflict, match="begun"):
        revoke(failed, world.annotator, by=by)
    assert Activity.objects.filter(verb="qualification.revoke").count() == 1


def test_a_grant_that_would_be_of_no_use_is_refused_in_words(world: Any, gold: Any, qualification: Any, take: Any) -> None:
    by = world.actor(world.manager)
    gold(1)
    found = qualification(questions=1)
    take(found, world.annotator, wrong=1)
    with pytest.raises(Conflict, match="add 1 item of gold first") as short:
        grant(found, world.annotator, by=by)
    assert short.value.extra == {"missing": 1}
    with pytest.raises(Invalid, match="does no work"):
        grant(found, world.viewer, by=by)
    with pytest.raises(Conflict, match="no run"):
        grant(qualification("Words"), world.annotator, by=by)
    give(found, world.annotator, by=by)
    with pytest.raises(Conflict, match="already"):
        grant(found, world.annotator, by=by)
    with pytest.raises(Denied):
        grant(found, world.annotator, by=world.actor(world.annotator))
    assert not FurtherAttempt.objects.exists()


def test_the_api_grants_and_takes_back_however_often_it_is_asked(world: Any, failed: Any) -> None:
    api, place = world.api(world.manager), f"/qualifications/{failed.pk}/people/{world.annotator.pk}/attempt"
    for _time in range(2):
        response = api.put(place, {})
        assert response.status_code == 200, response.content
        assert (response.json()["state"], response.json()["attempts_left"]) == ("begin", 1)
    assert FurtherAttempt.objects.count() == 1
    assert [api.delete(place).status_code for _time in range(2)] == [204, 204]
    assert state(failed, world.annotator) == ("used_up", 0)
    assert world.api(world.annotator).put(place, {}).status_code == 403
    assert world.api(world.outsider).put(place, {}).status_code == 404
    api.put(place, {})
    next_task(failed.queue_id, world.actor(world.annotator))
    assert (api.delete(place).status_code, api.delete(place).json()["code"]) == (409, "attempt_used")
