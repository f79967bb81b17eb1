"""Comments: what they are pinned to, who sees them, who settles them."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.annotations.services import add_revision
from annotate.kernel.errors import Denied, Invalid, Missing
from annotate.projects.queries import current_schema
from annotate.reviews import queries
from annotate.reviews.models import Comment
from annotate.reviews.services import comment, resolve
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


def texts(world: Any, person: Any, item: Any) -> set[str]:
    return set(queries.comments(world.actor(person), item).values_list("text", flat=True))


def test_a_comment_is_pinned_to_the_revision_that_its_author_sees(desk: Any) -> None:
    world, schema = desk.world, current_schema(desk.world.project.pk)
    other = add_revision(desk.item.pk, document=a_document("sign"), schema_version=schema, by=world.actor(world.annotator2))
    box = desk.seen.content["objects"][0]["id"]
    mine = comment(desk.item, " is this one car or two? ", object=box, by=world.actor(world.annotator))
    assert (mine.annotation_id, str(mine.object), mine.text) == (desk.done.annotation_id, box, "is this one car or two?")
    theirs = comment(desk.item, "look", at=[5, 6.5], by=world.actor(world.reviewer))
    assert (theirs.annotation_id, theirs.at) == (other.pk, [5, 6.5])
    assert Activity.objects.filter(verb="comment.add").count() == 2


def test_a_comment_names_only_objects_of_that_revision_and_points_of_the_picture(desk: Any) -> None:
    world = desk.world
    other = add_revision(desk.item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator2))
    foreign = other.content["objects"][0]["id"]
    for place, more in (("object", {"object": foreign}), ("at", {"at": [-1, 3]}), ("at", {"at": "12"})):
        with pytest.raises(Invalid) as refused:
            comment(desk.item, "x", by=world.actor(world.annotator), **more)
        assert set(refused.value.fields) == {place}
    with pytest.raises(Invalid):
        comment(desk.item, " ", by=world.actor(world.annotator))
    assert not Comment.objects.exists()


def test_annotators_see_their_own_words_and_those_on_their_own_answers(desk: Any) -> None:
    world = desk.world
    add_revision(desk.item.pk, document=a_document("sign"), schema_version=current_schema(world.project.pk), by=world.actor(world.annotator2))
    Comment.objects.create(item=desk.item, annotation_id=desk.done.annotation_id, person=world.reviewer, text="to the first")
    comment(desk.item, "to the second", by=world.actor(world.reviewer))
    comment(desk.item, "my own", by=world.actor(world.annotator2))
    assert texts(world, world.annotator, desk.item) == {"to the first"}
    assert texts(world, world.annotator2, desk.item) == {"to the second", "my own"}
    for person in (world.reviewer, world.manager, world.viewer, world.owner):
        assert texts(world, person, desk.item) == {"to the first", "to the second", "my own"}


def test_a_comment_is_settled_once_by_those_who_see_it_and_work_here(desk: Any) -> None:
    world = desk.world
    made = comment(desk.item, "closer", by=world.actor(world.reviewer))
    with pytest.raises(Missing):
        resolve(made, by=world.actor(world.annotator2))
    with pytest.raises(Denied):
        resolve(made, by=world.actor(world.viewer))
    with pytest.raises(Missing):
        resolve(made, by=world.actor(world.outsider))
    settled = resolve(made, by=world.actor(world.annotator))
    assert (settled.resolved_by, settled.resolved_at is None) == (world.annotator, False)
    again = resolve(made, by=world.actor(world.manager))
    assert (again.resolved_by, again.resolved_at) == (world.annotator, settled.resolved_at)
    assert Activity.objects.filter(verb="comment.resolve").count() == 1


def test_viewers_and_collectors_write_no_comments(desk: Any) -> None:
    for person in (desk.world.viewer, desk.world.collector):
        with pytest.raises(Denied):
            comment(desk.item, "hello", by=desk.world.actor(person))
