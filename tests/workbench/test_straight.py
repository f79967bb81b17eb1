"""The short way of the hot routes: every answer as the long way gives it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from annotate.kernel import straight
from annotate.queues.services import create_queue

pytestmark = pytest.mark.django_db
LONG = [name for name in settings.MIDDLEWARE if name != "annotate.kernel.straight.Straight"]


@pytest.fixture
def token(world: Any) -> str:
    return f"Bearer {world.api(world.annotator).token}"


def both(path: str, body: Any = None, **headers: Any) -> tuple[Any, Any]:
    """The same call by the short way and by the long one: (status, headers, body) of each."""

    def call() -> Any:
        answer = Client(raise_request_exception=False).post(path, body, content_type="application/json", **headers)
        found = answer.json() if answer.content and "json" in answer["Content-Type"] else answer.content
        if isinstance(found, dict):
            found.pop("request_id", None)
        return answer.status_code, {**answer.headers, "X-Request-Id": "", "Content-Length": ""}, found

    short = call()
    with override_settings(MIDDLEWARE=LONG):
        return short, call()


def test_answers_and_errors_carry_the_same_headers_and_words(world: Any, make_items: Any, token: str) -> None:
    make_items(2)
    queue = create_queue(world.project, "label", stage="annotate", by=world.actor(world.owner))
    tried = (
        (f"/api/v1/queues/{queue.pk}/next", None, {}),
        (f"/api/v1/queues/{queue.pk}/next?slot=7", None, {}),
        (f"/api/v1/queues/{queue.pk}/next", "[]", {}),
        (f"/api/v1/queues/{queue.pk}/next", None, {"HTTP_AUTHORIZATION": "Bearer slc_none"}),
        (f"/api/v1/queues/{queue.pk}/next", None, {"HTTP_HOST": "elsewhere.example"}),
        ("/api/v1/queues/999999/next", None, {}),
        ("/api/v1/queues/999999/next", None, {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}),
        ("/api/v1/leases/999999/submit", '{"annotation": {}}', {}),
        ("/api/v1/leases/999999/submit", '{"annotation": ', {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}),
        ("/api/v1/leases/9999999999999999999/submit", "{}", {}),
        ("/api/v1/leases/1/submit/", "{}", {}),
        ("/api/v1/leases/<>/submit", "{}", {}),
    )
    for path, body, headers in tried:
        short, long = both(path, body, **{"HTTP_AUTHORIZATION": token, **headers})
        assert short == long, path


def test_what_nobody_foresaw_is_told_in_the_same_shape(world: Any, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("annotate.workbench.api.serve", fails)
    short, long = both("/api/v1/queues/1/next", HTTP_AUTHORIZATION=token)
    assert short == long and short[0] == 500 and short[2]["code"] == "unexpected"


def test_only_calls_by_token_go_the_short_way(world: Any, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    went: list[str] = []
    serve = straight.Straight.serve
    monkeypatch.setattr(straight.Straight, "serve", lambda self, request: went.append(request.path) or serve(self, request))
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.annotator)
    assert client.post("/api/v1/queues/1/next").status_code == 403  # without the form's token
    assert client.get("/api/v1/queues/1/next", HTTP_AUTHORIZATION=token).status_code == 405
    assert went == []
    client.post("/api/v1/queues/1/next", HTTP_AUTHORIZATION=token)
    assert went == ["/api/v1/queues/1/next"]
