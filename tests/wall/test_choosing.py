"""What a wall shows, in which order, and to whom."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.kernel.errors import Denied, Invalid
from annotate.queues.models import Agreement
from tests.wall.conftest import a_box, a_document, names, shown, sized

pytestmark = pytest.mark.django_db


def items_of(found: list[str]) -> list[int]:
    return [int(name.split("-")[0]) for name in found]


def test_every_object_of_the_label_stands_there_newest_items_first(world: Any, imported: Any) -> None:
    first, second, _third = imported([a_document("car", "sign", "car"), a_document("car"), a_document("sign")])
    found = names(world, label="car")
    assert items_of(found) == [second.pk, first.pk, first.pk]
    assert [name.split("-")[2] for name in found] == ["0", "0", "2"]


def test_a_page_ends_where_the_next_begins_whatever_the_order(world: Any, imported: Any) -> None:
    imported([sized("car", 3 + n) for n in range(7)])
    for order in ("newest", "smallest", "largest", "score", "person", "disagreement"):
        whole, parts, cursor = names(world, label="car", order=order), [], None
        while True:
            page = shown(world, label="car", order=order, limit=3, cursor=cursor)
            parts += [spot.name for spot in page.spots]
            cursor = page.next
            if cursor is None:
                break
        assert parts == whole and len(whole) == 7, order


def test_orders_are_by_size_score_author_and_disagreement(world: Any, imported: Any, queue_of: Any, answer: Any) -> None:
    big, small, sure = imported([sized("car", 40), sized("car", 4), sized("car", 20, score=0.2, source="prediction", model="m")])
    assert items_of(names(world, label="car", order="smallest")) == [small.pk, sure.pk, big.pk]
    assert items_of(names(world, label="car", order="largest")) == [big.pk, sure.pk, small.pk]
    assert items_of(names(world, label="car", order="score"))[0] == sure.pk
    queue = queue_of(q=f"key = {small.key}")
    answer(queue, world.annotator, "car")
    assert items_of(names(world, label="car", order="person"))[0] == small.pk
    Agreement.objects.create(queue=queue, item=big, value=0.3, answers=2)
    assert items_of(names(world, label="car", order="disagreement"))[0] == big.pk
    assert items_of(names(world, label="car", person=world.annotator.pk)) == [small.pk]


def test_an_order_stands_still_and_drops_what_is_called_otherwise(world: Any, imported: Any) -> None:
    from tests.wall.conftest import do

    imported([sized("car", 4), sized("car", 9), sized("car", 16)])
    before = names(world, label="car", order="smallest")
    do(world, "relabel", before[1:2], label="sign")
    assert names(world, label="car", order="smallest") == [before[0], before[2]]


def test_a_query_narrows_and_says_where_it_is_wrong(world: Any, imported: Any) -> None:
    first, _second = imported([a_document("car"), a_document("car")])
    assert items_of(names(world, label="car", q=f"key = {first.key}")) == [first.pk]
    assert items_of(names(world, label="car", q="state = approved or state = labelled and key = nothing", order="smallest")) == []
    with pytest.raises(Invalid) as refused:
        shown(world, label="car", q="stat = approved")
    assert refused.value.extra["column"] == 1


def test_answers_about_whole_items_have_walls_too(world: Any, imported: Any) -> None:
    rain, _clear = imported([a_document("car", weather="rain"), a_document("car", weather="clear")])
    [name] = names(world, answer="weather=rain")
    assert name.startswith(f"{rain.pk}-") and name.endswith("-item")
    for wrong in ("weather", "weather=hail", "colour=red"):
        with pytest.raises(Invalid):
            shown(world, answer=wrong)


def test_each_wrong_parameter_is_named(world: Any) -> None:
    for field, value in (("label", "tram"), ("order", "random"), ("person", "x"), ("person", "999999"), ("of", "cats")):
        with pytest.raises(Invalid) as refused:
            shown(world, **{field: value})
        assert field in refused.value.fields, field
    with pytest.raises(Invalid) as refused:
        shown(world, label="car", cursor="made-up")
    assert "cursor" in refused.value.fields


def test_who_sees_only_their_own_items_sees_no_wall(world: Any, imported: Any) -> None:
    imported([a_document("car")])
    for person in (world.annotator, world.collector):
        with pytest.raises(Denied):
            names(world, person, label="car")
    assert names(world, world.viewer, label="car")


def test_a_cell_shows_the_very_things(world: Any, queue_of: Any, make_items: Any) -> None:
    from annotate.annotations.models import Annotation
    from annotate.annotations.services import add_revision
    from annotate.projects.queries import current_schema
    from annotate.queues.claim import next_task
    from annotate.queues.submit import submit
    from annotate.reviews.approving import approve

    [item] = make_items(1)
    schema, box, by = current_schema(world.project.pk), a_box("car"), world.actor(world.annotator)
    lease = next_task(queue_of(), by)
    submit(lease.pk, by, {"objects": [box, a_box("sign", (30, 30, 9, 9))], "item": {"weather": "rain"}}, 1.0)
    given = Annotation.objects.get()
    true = add_revision(item.pk, document={"objects": [box | {"label": "person"}], "item": {"weather": "fog"}}, schema_version=schema, by=None, source="consensus")
    approve(item.pk, true.pk, cause="consensus", person_id=None)
    assert names(world, given="car", meant="person") == [f"{item.pk}-{given.pk}-0"]
    assert names(world, given="sign", meant="") == [f"{item.pk}-{given.pk}-1"]
    assert names(world, given="person", meant="car") == []
    assert names(world, given="rain", meant="fog", about="weather") == [f"{item.pk}-{given.pk}-item"]
    assert Annotation.objects.count() == 2


def test_the_number_of_questions_does_not_grow_with_the_page(world: Any, imported: Any, django_assert_num_queries: Any) -> None:
    from workflows.wall.models import WallOrder
    from workflows.wall.showing import cards

    def page(order: str) -> None:
        cards(world.project, shown(world, label="car", order=order).spots)

    for more in (1, 2):
        imported([sized("car", 9) for _ in range(more)])
        WallOrder.objects.all().delete()
        page("newest"), page("smallest")  # what the process remembers, and the order itself
        with django_assert_num_queries(9):
            page("newest")
        with django_assert_num_queries(8):
            page("smallest")
