"""Given by hand, asked for by queues, and told to whoever gives work away."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.people.models import Person
from annotate.qualifications import queries
from annotate.qualifications.models import Qualified, Requirement
from annotate.qualifications.services import change, create, end, give
from annotate.qualifications.setting_up import give_run
from annotate.queues.bulk import Wish, preview
from annotate.queues.claim import next_task
from annotate.queues.moving import move_work
from annotate.queues.reserving import reserve
from annotate.queues.services import change_queue, move_queue
from annotate.queues.submit import submit
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def test_only_managers_make_give_and_end(world: Any, qualification: Any) -> None:
    cells = qualification()
    for person in (world.annotator, world.reviewer, world.viewer):
        by = world.actor(person)
        for act in (
            lambda by=by: create(world.project, "Other", by=by),
            lambda by=by: change(cells, about="", by=by),
            lambda by=by: give(cells, world.annotator, by=by),
            lambda by=by: end(cells, world.annotator, by=by),
            lambda by=by: give_run(cells, by=by),
        ):
            with pytest.raises(Denied):
                act()


def test_a_name_is_taken_once_in_a_project(world: Any, qualification: Any) -> None:
    qualification("Cells")
    with pytest.raises(Conflict) as refused:
        qualification("Cells")
    assert refused.value.code == "name_taken"


def test_what_is_given_lasts_until_it_is_ended(world: Any, qualification: Any) -> None:
    cells, by = qualification(), world.actor(world.manager)
    first = give(cells, world.annotator, score=0.7, by=by)
    assert give(cells, world.annotator, score=0.7, by=by).pk == first.pk
    assert give(cells, world.annotator, score=0.9, by=by).pk != first.pk
    assert [row.score for row in queries.holders(cells)] == [0.9]
    assert end(cells, world.annotator, by=by)
    assert not end(cells, world.annotator, by=by)
    assert not queries.holders(cells).exists()
    assert Qualified.objects.count() == 2
    assert list(Activity.objects.filter(verb__in=("qualification.give", "qualification.end")).order_by("pk").values_list("verb", flat=True)) == [
        "qualification.give",
        "qualification.give",
        "qualification.end",
    ]


@pytest.mark.parametrize("score", [1.5, -0.1, float("nan"), True])
def test_a_score_is_a_share(world: Any, qualification: Any, score: float) -> None:
    with pytest.raises(Invalid):
        give(qualification(), world.annotator, score=score, by=world.actor(world.manager))


def test_who_does_no_work_here_is_given_nothing(world: Any, qualification: Any) -> None:
    for person in (world.viewer, world.outsider, Person.objects.create(name="stranger", password="!")):
        with pytest.raises(Invalid):
            give(qualification(f"for {person.name}"), person, by=world.actor(world.manager))


@pytest.mark.parametrize(("bar", "score", "served"), [(None, None, True), (0.8, 0.8, True), (0.8, 0.79, False), (0.8, None, False)])
def test_a_bar_wants_a_score(
    world: Any, make_items: Any, qualification: Any, queue_of: Any, bar: float | None, score: float | None, served: bool
) -> None:
    make_items(1)
    cells = qualification()
    queue = queue_of(requires=[{"qualification": cells.pk, "bar": bar}])
    give(cells, world.annotator, score=score, by=world.actor(world.manager))
    if served:
        assert next_task(queue, world.actor(world.annotator)) is not None
        return
    with pytest.raises(Denied) as refused:
        next_task(queue, world.actor(world.annotator))
    assert refused.value.extra["missing"][0]["state"] == "below"


def test_all_that_is_asked_for_is_needed(world: Any, make_items: Any, qualification: Any, queue_of: Any) -> None:
    make_items(1)
    cells, mandarin = qualification("Cells"), qualification("Mandarin")
    queue = queue_of(requires=[{"qualification": cells.pk}, {"qualification": mandarin.pk}])
    give(cells, world.annotator, by=world.actor(world.manager))
    with pytest.raises(Denied) as refused:
        next_task(queue, world.actor(world.annotator))
    assert [one["name"] for one in refused.value.extra["missing"]] == ["Mandarin"]
    give(mandarin, world.annotator, by=world.actor(world.manager))
    assert next_task(queue, world.actor(world.annotator)) is not None


def test_who_loses_it_is_served_no_more_and_may_finish_what_they_hold(world: Any, make_items: Any, qualification: Any, queue_of: Any) -> None:
    make_items(2)
    cells, actor = qualification(), world.actor(world.annotator)
    queue = queue_of(requires=[{"qualification": cells.pk}])
    give(cells, world.annotator, by=world.actor(world.manager))
    lease = next_task(queue, actor)
    end(cells, world.annotator, by=world.actor(world.manager))
    with pytest.raises(Denied):
        next_task(queue, actor)
    assert submit(lease.pk, actor, a_document()).annotation_id


def test_requirements_are_set_anew_and_checked(world: Any, qualification: Any, queue_of: Any) -> None:
    cells, by = qualification(), world.actor(world.manager)
    queue = queue_of(requires=[{"qualification": cells.pk, "bar": 0.5}])
    change_queue(queue, priority=2, by=by)
    assert Requirement.objects.get(queue=queue).bar == 0.5
    for wrong, place in (
        ([{"qualification": 10**9}], "requires[0].qualification"),
        ([{"qualification": cells.pk}, {"qualification": cells.pk}], "requires[1].qualification"),
        ([{"qualification": cells.pk, "bar": 2}], "requires[0].bar"),
    ):
        with pytest.raises(Invalid) as refused:
            change_queue(queue, requires=wrong, by=by)
        assert place in refused.value.fields
    assert Requirement.objects.get(queue=queue).bar == 0.5
    change_queue(queue, requires=[], by=by)
    assert not Requirement.objects.exists()
    assert Activity.objects.filter(verb="queue.require", noun_id=queue.pk).count() == 2
    move_queue(queue, "close", by=by)
    with pytest.raises(Conflict):
        change_queue(queue, requires=[], by=by)


def test_another_projects_qualification_is_not_there_to_ask_for(world: Any, queue_of: Any) -> None:
    theirs = create(world.other_project, "Theirs", by=world.actor(world.outsider))
    with pytest.raises(Invalid):
        queue_of(requires=[{"qualification": theirs.pk}])


def test_a_run_does_not_ask_for_what_it_gives(world: Any, gold: Any, qualification: Any) -> None:
    gold(1)
    cells = qualification(questions=1)
    with pytest.raises(Invalid):
        change_queue(cells.queue, requires=[{"qualification": cells.pk}], by=world.actor(world.manager))


def test_who_gives_work_to_somebody_not_qualified_is_told(world: Any, make_items: Any, qualification: Any, queue_of: Any) -> None:
    items, by = make_items(2), world.actor(world.manager)
    cells = qualification()
    queue = queue_of(requires=[{"qualification": cells.pk, "bar": 0.8}])
    give(cells, world.annotator2, score=0.9, by=by)
    with pytest.raises(Invalid) as refused:
        reserve(queue, [items[0].pk], world.annotator, by=by)
    assert "Cells (80 %)" in refused.value.fields["person"]
    reserve(queue, [items[0].pk], world.annotator2, by=by)
    with pytest.raises(Invalid) as moved:
        move_work(world.project, world.annotator2, to=world.annotator, queue=queue, by=by)
    assert "Cells (80 %)" in moved.value.fields["to"]
    assert move_work(world.project, world.annotator2, to=world.annotator, by=by).passed == {"not_qualified": 1}
    seen = preview(world.project, Wish("assign", queue=queue, person=world.annotator), by=by)
    assert seen.passed["not_qualified"] == 1


def test_a_batch_handed_to_a_team_leaves_out_who_is_not_qualified(world: Any, make_items: Any, qualification: Any) -> None:
    from annotate.items.models import Batch
    from annotate.projects.teams import create_team
    from annotate.queues.models import Queue
    from workflows.assignment.handing import hand_out
    from workflows.assignment.planning import Wish as Handing
    from workflows.assignment.planning import check, plan

    make_items(4)
    by, batch = world.actor(world.owner), Batch.objects.get(project=world.project)
    about = {"kind": "shift", "lead": world.annotator, "members": [world.annotator, world.annotator2], "by": by}
    team = create_team("night", organisation_id=world.organisation.pk, project=world.project, **about)
    hand_out(Handing(batch, team), by=by)
    cells, queue = qualification(), Queue.objects.get(project=world.project)
    change_queue(queue, requires=[{"qualification": cells.pk}], by=by)
    give(cells, world.annotator2, by=by)
    found = plan(check(Handing(batch, team, queue=queue)))
    assert [(person.name, why) for person, why in found.left_out] == [("annotator", "not_qualified")]
