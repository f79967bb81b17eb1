"""Signed links: whoever holds one reads that file for its time, as long as who asked for it still may."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from annotate.items.models import Item
from annotate.items.services import erase
from annotate.people.models import Token
from annotate.people.services import revoke_token
from annotate.projects.models import ProjectMember
from tests.conftest import Api
from tests.exporters.test_api import body
from workflows.exporters import links

Freeze = Callable[..., Any]


def link_of(api: Any, made: Any, path: str = "items.jsonl", seconds: int = 600) -> str:
    files = api.get(f"/exports/{made.pk}?signed={seconds}").json()["files"]
    url = str(next(file["signed_url"] for file in files if file["path"] == path))
    assert url.startswith("http://testserver/signed/") and url.endswith(f"/{path}")
    return url.removeprefix("http://testserver")


def test_a_link_is_read_by_anybody_whole_in_parts_and_not_twice(world: Any, freeze: Freeze, exported: Freeze) -> None:
    made = exported(freeze(3), format="jsonl")
    link, anybody = link_of(world.api(world.viewer), made), Client()
    whole = anybody.get(link)
    content = body(whole)
    assert whole.status_code == 200 and content == body(world.api(world.viewer).get(f"/exports/{made.pk}/files/items.jsonl"))
    part = anybody.get(link, headers={"Range": "bytes=5-9"})
    assert part.status_code == 206 and body(part) == content[5:10]
    assert anybody.get(link, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    head = anybody.head(link)
    assert head.status_code == 200 and int(head["Content-Length"]) == len(content) and not head.content
    assert "signed_url" not in world.api(world.viewer).get(f"/exports/{made.pk}").json()["files"][0]
    for wrong in (link.replace("items.jsonl", "sluice-manifest.ndjson"), link[:-14] + "x/items.jsonl", "/signed/1.1.1.1.1.9999999999~x/items.jsonl"):
        assert anybody.get(wrong).status_code in (404, 410), wrong
    assert anybody.post(link).status_code in (403, 405)


@pytest.mark.parametrize("seconds", ["0", "-1", "x", "604801", "1e3", ""])
def test_a_time_that_is_none_is_refused(world: Any, freeze: Freeze, exported: Freeze, seconds: str) -> None:
    made = exported(freeze(1), format="jsonl")
    assert world.api(world.viewer).get(f"/exports/{made.pk}?signed={seconds}").status_code == 400


def test_a_link_dies_with_its_time_its_token_the_persons_place_and_the_file(
    world: Any, freeze: Freeze, exported: Freeze, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, anybody = exported(freeze(3), format="jsonl"), Client()
    bound = Api(world.token(world.viewer, "export", dataset_id=made.version.dataset_id))
    token = Token.objects.latest("pk")
    by_token, by_viewer, by_manager = (link_of(api, made) for api in (bound, world.api(world.viewer), world.api(world.manager)))
    assert {anybody.get(link).status_code for link in (by_token, by_viewer, by_manager)} == {200}
    with monkeypatch.context() as later:
        later.setattr(links.time, "time", lambda: time.monotonic() + 10**10)
        assert anybody.get(by_manager).status_code == 410
    revoke_token(token, by=world.actor(world.viewer))
    assert anybody.get(by_token).status_code == 404 and anybody.get(by_viewer).status_code == 200
    ProjectMember.objects.filter(project=world.project, person=world.viewer).delete()
    assert anybody.get(by_viewer).status_code == 404 and anybody.get(by_manager).status_code == 200
    erase(Item.objects.filter(project=world.project).first(), reason="asked for", by=world.actor(world.owner))
    assert anybody.get(by_manager).status_code == 410
    run_jobs()
    assert anybody.get(by_manager).status_code == 410
    world.manager.is_active = False
    fresh = link_of(world.api(world.manager), made)
    assert anybody.get(fresh).status_code == 200
    world.manager.save()
    assert anybody.get(fresh).status_code == 404
