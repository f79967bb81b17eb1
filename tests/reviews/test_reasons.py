"""Why work comes back: keys of the project beside words, kept with the verdict, said to its author, counted."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from annotate.activity.models import Activity
from annotate.kernel.errors import Denied, Invalid
from annotate.projects import return_reasons
from annotate.queues.claim import next_task
from annotate.reviews import inbox
from annotate.reviews.models import Review
from annotate.workbench.bundle import bundle

pytestmark = pytest.mark.django_db


def test_a_key_alone_is_reason_enough_and_stands_with_the_verdict(desk: Any) -> None:
    desk.judge("return", reason_key="wrong_label")
    made = Review.objects.get()
    assert (made.verdict, made.reason_key, made.reason) == ("return", "wrong_label", "")
    assert Activity.objects.get(verb="review.return").data["reason_key"] == "wrong_label"


def test_its_author_reads_key_and_words(desk: Any) -> None:
    done = desk.judge("return", reason_key="missed_object", reason="two cars at the left")
    lease = next_task(desk.annotate, desk.world.actor(desk.world.annotator))
    back = bundle(lease)["returned"]
    assert (back["review"], back["reason_key"], back["reason"]) == (done.review_id, "missed_object", "two cars at the left")
    assert "missing objects: two cars at the left" in desk.world.page(desk.world.manager).get(f"/p/{desk.world.project.pk}/reviews").content.decode()


@pytest.mark.parametrize(
    ("given", "field"),
    [({"reason_key": "no_such"}, "reason_key"), ({"reason_key": "other"}, "reason"), ({}, "reason"), ({"reason": "  "}, "reason")],
)
def test_a_return_that_says_nothing_is_refused_by_name(desk: Any, given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.judge("return", **given)
    assert set(refused.value.fields) == {field}
    assert not Review.objects.exists()


def test_only_a_return_has_one(desk: Any) -> None:
    api, path = desk.world.api(desk.world.reviewer), f"/leases/{desk.lease.pk}/review"
    refused = api.post(path, {"verdict": "accept", "reason_key": "wrong_label"})
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"reason_key"})
    assert api.post(path, {"verdict": "return", "reason_key": "wrong_label"}).status_code == 201


def test_the_database_keeps_no_return_without_why(desk: Any) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(item=desk.item, annotation=desk.seen, person=desk.world.reviewer, verdict="return")


def test_a_project_has_its_own_in_the_readers_words(desk: Any) -> None:
    world = desk.world
    api = world.api(world.manager)
    own = [{"key": "glare", "words": "reflections were marked"}, {"key": "wrong_label"}]
    assert api.patch(f"/projects/{world.project.pk}", {"return_reasons": own}).json()["return_reasons"] == [
        {"key": "glare", "words": "reflections were marked"},
        {"key": "wrong_label", "words": "wrong label"},
    ]
    desk.judge("return", reason_key="glare")
    world.project.refresh_from_db()
    assert inbox.reasons(world.project) == [("glare", "reflections were marked", 1)]
    api.patch(f"/projects/{world.project.pk}", {"return_reasons": []})
    world.project.refresh_from_db()
    assert return_reasons.of(world.project) == return_reasons.usual()
    assert return_reasons.words(world.project, "glare") == "glare"
    with translation.override("zh-hans"):
        assert return_reasons.words(world.project, "wrong_label") == "标签错误"


@pytest.mark.parametrize(
    ("own", "field"),
    [
        ([{"key": "Two Words"}], "return_reasons[0].key"),
        ([{"key": "a"}, {"key": "a"}], "return_reasons[1].key"),
        ([{"key": f"k{n}"} for n in range(21)], "return_reasons"),
    ],
)
def test_lists_that_cannot_be_kept_are_named_and_change_nothing(world: Any, own: list[Any], field: str) -> None:
    refused = world.api(world.manager).patch(f"/projects/{world.project.pk}", {"return_reasons": own})
    assert refused.status_code == 400 and field in refused.json()["fields"]
    world.project.refresh_from_db()
    assert world.project.return_reasons == []


def test_settings_edit_them_as_lines_and_words_alone_get_a_key(world: Any) -> None:
    page, path = world.page(world.manager), f"/p/{world.project.pk}/settings/return-reasons"
    assert page.post(path, {"returns": "wrong_label\nToo dark!\n反光\nglare = 反光了"}).status_code == 302
    world.project.refresh_from_db()
    assert return_reasons.of(world.project) == [
        {"key": "wrong_label", "words": "wrong label"},
        {"key": "too_dark", "words": "Too dark!"},
        {"key": "reason_1", "words": "反光"},
        {"key": "glare", "words": "反光了"},
    ]
    assert return_reasons.from_text(return_reasons.as_text(world.project)) == [
        {"key": "wrong_label", "words": "wrong label"}, *return_reasons.of(world.project)[1:]
    ]  # fmt: skip
    refused = page.post(path, {"returns": "Bad Key = words"})
    assert refused.status_code == 200 and b"Bad Key = words" in refused.content
    with pytest.raises(Denied):
        return_reasons.change(world.project, [], by=world.actor(world.reviewer))


def test_the_reviews_page_counts_them_and_shows_those_of_one(desk: Any) -> None:
    world = desk.world
    desk.judge("return", reason_key="badly_placed", reason="too loose")
    page = world.page(world.reviewer)
    shown = page.get(f"/p/{world.project.pk}/reviews?reason=badly_placed").content.decode()
    assert "badly placed <b>1</b>" in shown and "badly placed: too loose" in shown
