"""The item page where one speaks about it: comments written and settled, an approval withdrawn, nothing typed lost."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.reviews.models import Approval, Comment
from annotate.reviews.services import comment

pytestmark = pytest.mark.django_db


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return str(response.content.decode())


def test_a_comment_pinned_to_an_object_comes_back_with_its_label(desk: Any) -> None:
    page, place = desk.world.page(desk.world.reviewer), f"/items/{desk.item.pk}"
    thing = desk.seen.content["objects"][0]
    assert f'<option value="{thing["id"]}">1 · {thing["label"]}</option>' in body(page.get(place))
    done = page.post(f"{place}/comments?revision=1", {"text": "Is this <one> or two?", "object": thing["id"]})
    assert done.status_code == 302 and done["Location"] == f"{place}?revision=1#comments"
    found = body(page.get(place))
    assert "Is this &lt;one&gt; or two?" in found and f'data-about="{thing["id"]}"' in found and "1 open" in found
    assert str(Comment.objects.get().object) == thing["id"]


def test_a_comment_may_be_about_the_whole_item(desk: Any) -> None:
    page = desk.world.page(desk.world.manager)
    page.post(f"/items/{desk.item.pk}/comments", {"text": "Night, not day", "object": ""})
    assert Comment.objects.get().object is None and "Night, not day" in body(page.get(f"/items/{desk.item.pk}"))


@pytest.mark.parametrize("given", [{"text": " "}, {"text": "two cars", "object": "00000000-0000-7000-8000-000000000000"}, {"text": "x" * 4001}])
def test_a_comment_that_is_refused_stays_in_its_form(desk: Any, given: dict[str, str]) -> None:
    found = body(desk.world.page(desk.world.reviewer).post(f"/items/{desk.item.pk}/comments", given))
    assert 'role="alert"' in found and given["text"] in found and not Comment.objects.exists()


def test_a_settled_comment_stays_to_be_read(desk: Any) -> None:
    world = desk.world
    said = comment(desk.item, "Left edge is off", by=world.actor(world.reviewer))
    page = world.page(world.manager)
    assert f'action="/comments/{said.pk}/resolve"' in body(page.get(f"/items/{desk.item.pk}"))
    done = page.post(f"/comments/{said.pk}/resolve")
    assert done.status_code == 302 and done["Location"] == f"/items/{desk.item.pk}#comments"
    found = body(page.get(f"/items/{desk.item.pk}"))
    assert "Left edge is off" in found and "Settled" in found and "/resolve" not in found


def test_annotators_speak_about_their_own_answer_and_meet_only_what_is_said_about_it(desk: Any) -> None:
    world = desk.world
    comment(desk.item, "Look at the corner", by=world.actor(world.reviewer))
    page = world.page(world.annotator)
    assert "Look at the corner" in body(page.get(f"/items/{desk.item.pk}"))
    assert page.post(f"/items/{desk.item.pk}/comments", {"text": "Mended"}).status_code == 302
    assert world.page(world.annotator2).post(f"/items/{desk.item.pk}/comments", {"text": "Me too"}).status_code == 404


def test_viewers_read_comments_and_are_offered_no_form(desk: Any) -> None:
    world = desk.world
    comment(desk.item, "Left edge is off", by=world.actor(world.reviewer))
    page = world.page(world.viewer)
    found = body(page.get(f"/items/{desk.item.pk}"))
    assert "Left edge is off" in found and "/comments" not in found and "/resolve" not in found
    body(page.post(f"/items/{desk.item.pk}/comments", {"text": ""}), 403)


def test_a_manager_withdraws_an_approval_with_a_reason(desk: Any) -> None:
    desk.judge("accept")
    page, place = desk.world.page(desk.world.manager), f"/items/{desk.item.pk}"
    assert f'action="{place}/withdraw"' in body(page.get(place))
    assert 'id="withdraw" open' in body(page.post(f"{place}/withdraw", {"reason": " "}))
    found = body(page.post(f"{place}/withdraw", {"reason": "The plate is legible"}, follow=True))
    assert "versions from now on leave it out" in found and "The plate is legible" in found and f"{place}/withdraw" not in found
    assert desk.state() == "withdrawn" and not Approval.objects.filter(ended_at=None).exists()


def test_a_withdrawal_that_came_second_says_how_it_stands(desk: Any) -> None:
    page, place = desk.world.page(desk.world.manager), f"/items/{desk.item.pk}"
    assert f"{place}/withdraw" not in body(page.get(place))
    assert "not approved any more" in body(page.post(f"{place}/withdraw", {"reason": "late"}, follow=True))


def test_reviewers_withdraw_nothing(desk: Any) -> None:
    desk.judge("accept")
    page, place = desk.world.page(desk.world.reviewer), f"/items/{desk.item.pk}"
    assert f"{place}/withdraw" not in body(page.get(place))
    body(page.post(f"{place}/withdraw", {"reason": "no"}), 403)
    assert desk.state() == "approved"
