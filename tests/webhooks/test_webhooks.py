"""News of a project: told once per act at least, signed, tried again, and stopped when nobody is there."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import Api
from tests.exporters.conftest import exported, freeze  # noqa: F401
from tests.webhooks.conftest import Listening
from workflows.webhooks import following, pruning, sending
from workflows.webhooks.models import Delivery, Webhook

Jobs = Callable[[], int]
ALL = ["tag.moved", "export.ready", "version.frozen", "version.withdrawn"]


@pytest.fixture
def hook(world: Any, listening: Listening) -> dict[str, Any]:
    made = world.api(world.manager).post(f"/projects/{world.project.pk}/webhooks", {"url": listening.url, "events": ALL})
    assert made.status_code == 201, made.content
    answer: dict[str, Any] = made.json()
    return answer


def tell(run_jobs: Jobs) -> None:
    following.look()
    run_jobs()


@pytest.mark.django_db(transaction=True)
def test_what_happens_arrives_signed_and_each_once(world: Any, hook: dict[str, Any], listening: Listening, freeze: Any, exported: Any, run_jobs: Jobs) -> None:  # noqa: F811
    from workflows.releases.services import create_tag

    version = freeze(1)
    made = exported(version, format="jsonl")
    create_tag(version.dataset, "production", version=version, by=world.actor(world.manager))
    tell(run_jobs)
    tell(run_jobs)
    told = [json.loads(body) for _headers, body in listening.got]
    assert [one["type"] for one in told] == ["version.frozen", "export.ready", "tag.moved"]
    assert told[0]["data"] == {"project": world.project.pk, "version": version.pk, "dataset": version.dataset_id, "number": 1, "items": 1}
    assert told[1]["data"]["export"] == made.pk and told[1]["data"]["version"] == version.pk
    assert told[2]["data"]["tag"] == "production" and told[2]["data"]["version"] == version.pk
    for headers, body in listening.got:
        secret = base64.b64decode(hook["secret"].removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    listed = world.api(world.manager).get(f"/webhooks/{hook['id']}/deliveries").json()["results"]
    assert {(row["state"], row["status"], row["attempts"]) for row in listed} == {("delivered", 200, 1)}
    assert "secret" not in json.dumps(world.api(world.manager).get(f"/webhooks/{hook['id']}").json())


@pytest.mark.django_db(transaction=True)
def test_only_news_that_was_asked_for_and_that_came_later(world: Any, listening: Listening, freeze: Any, exported: Any, run_jobs: Jobs) -> None:  # noqa: F811
    version, api = freeze(1), world.api(world.manager)
    exported(version, format="jsonl")
    api.post(f"/projects/{world.project.pk}/webhooks", {"url": listening.url, "events": ["version.withdrawn"]})
    api.post(f"/versions/{version.pk}/exports", {"format": "coco"})
    run_jobs()
    api.post(f"/versions/{version.pk}/withdraw", {"reason": "wrong"})
    tell(run_jobs)
    assert [json.loads(body)["type"] for _headers, body in listening.got] == ["version.withdrawn"]
    assert "wrong" not in listening.got[0][1].decode()


def test_what_fails_is_tried_again_later_and_given_up_in_the_end(world: Any, hook: dict[str, Any], listening: Listening, run_jobs: Jobs) -> None:
    listening.answers = [500]
    api = world.api(world.manager)
    assert api.post(f"/webhooks/{hook['id']}/test").status_code == 201
    run_jobs()
    one = Delivery.objects.get()
    assert (one.state, one.attempts, one.status) == ("waiting", 1, 500) and one.next_at > timezone.now()
    tell(run_jobs)
    assert len(listening.got) == 1
    for _try in range(len(sending.WAITS)):
        Delivery.objects.update(next_at=timezone.now())
        tell(run_jobs)
    one.refresh_from_db()
    assert one.state == "failed" and one.attempts == len(sending.WAITS) == len(listening.got)
    listening.answers = [204]
    assert api.post(f"/deliveries/{one.pk}/retry").json()["state"] == "waiting"
    run_jobs()
    one.refresh_from_db()
    assert one.state == "delivered" and Webhook.objects.get().failing_since is None
    assert {headers["webhook-id"] for headers, _body in listening.got} == {f"msg_{one.pk}"}


def test_a_sender_that_died_in_the_middle_is_followed_by_another(world: Any, hook: dict[str, Any], listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    world.api(world.manager).post(f"/webhooks/{hook['id']}/test")
    one = Delivery.objects.get()

    class Killed(BaseException):
        pass

    def die(*_given: Any, **_named: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(sending, "_settle", die)
        with pytest.raises(Killed):
            sending.send(one.pk)
    assert len(listening.got) == 1 and not sending.send(one.pk)  # it waits for its time
    Delivery.objects.update(next_at=timezone.now())
    assert sending.send(one.pk) and len(listening.got) == 2
    assert not sending.send(one.pk)


def test_long_failure_stops_it_and_a_manager_lets_it_go_on(world: Any, hook: dict[str, Any], listening: Listening, run_jobs: Jobs) -> None:
    listening.answers = [503]
    api = world.api(world.manager)
    Webhook.objects.update(failing_since=timezone.now() - dt.timedelta(days=4))
    api.post(f"/webhooks/{hook['id']}/test")
    run_jobs()
    stopped = api.get(f"/webhooks/{hook['id']}").json()
    assert stopped["active"] is False and stopped["stopped_why"] == "answered 503"
    assert api.post(f"/webhooks/{hook['id']}/test").status_code == 409
    listening.answers = [200]
    assert api.patch(f"/webhooks/{hook['id']}", {"active": True}).json()["failing_since"] is None
    Delivery.objects.update(next_at=timezone.now())
    tell(run_jobs)
    assert Delivery.objects.get().state == "delivered"


def test_an_address_that_became_private_is_not_reached(world: Any, hook: dict[str, Any], listening: Listening, settings: Any, run_jobs: Jobs) -> None:
    world.api(world.manager).post(f"/webhooks/{hook['id']}/test")
    settings.WEBHOOK_PRIVATE = False
    run_jobs()
    one = Delivery.objects.get()
    assert one.state == "failed" and "port" in one.error and not listening.got


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://127.0.0.1/x", "events": ALL}, "url"),
        ({"url": "https://ci.example:22/", "events": ALL}, "url"),
        ({"url": "ftp://ci.example", "events": ALL}, "url"),
        ({"url": "https://ci.example", "events": []}, "events"),
        ({"url": "https://ci.example", "events": ["item.erased"]}, "events"),
        ({"url": "https://ci.example"}, "events"),
        ({"url": "https://ci.example", "events": ALL, "nonce": "x"}, "nonce"),
    ],
)
def test_what_cannot_be_told_is_refused(world: Any, body: dict[str, Any], field: str) -> None:
    answer = world.api(world.manager).post(f"/projects/{world.project.pk}/webhooks", body)
    assert answer.status_code == 400 and field in answer.json()["fields"], answer.content
    assert not Webhook.objects.exists()


def test_managers_only_and_no_token_bound_to_a_dataset(world: Any, hook: dict[str, Any], freeze: Any) -> None:  # noqa: F811
    version = freeze(1)
    bound = Api(world.token(world.manager, dataset_id=version.dataset_id))
    for api, status in ((world.api(world.viewer), 404), (world.api(world.outsider), 404), (bound, 403)):
        for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/test")):
            assert api.call(method, f"/webhooks/{hook['id']}{path}", {} if method in ("PATCH", "POST") else None).status_code == status, (method, path)
    assert Webhook.objects.filter(active=True).count() == 1


def test_the_page_makes_one_shows_its_secret_once_tests_and_ends_it(world: Any, listening: Listening, run_jobs: Jobs) -> None:
    page, address = world.page(world.manager), f"/p/{world.project.pk}/webhooks"
    assert "No webhooks yet" in page.get(address).content.decode()
    refused = page.post(address, {"url": "gopher://x", "events": "tag.moved"})
    assert refused.status_code == 400 and "begins with https://" in refused.content.decode()
    made = page.post(address, {"url": listening.url, "events": ["tag.moved", "export.ready"]})
    assert "whsec_" in made.content.decode() and made["Cache-Control"] == "no-store"
    assert "whsec_" not in page.get(address).content.decode()
    one = Webhook.objects.get()
    assert one.events == ["tag.moved", "export.ready"]
    page.post(f"/webhooks/{one.pk}", {"act": "test"})
    run_jobs()
    assert len(listening.got) == 1 and "arrived" in page.get(address).content.decode()
    page.post(f"/webhooks/{one.pk}", {"act": "delete"})
    assert not Webhook.objects.exists()
    assert world.page(world.viewer).get(address).status_code == 403


def test_old_deliveries_go_but_for_the_newest_of_each_and_what_waits(world: Any, hook: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "NEWEST", 2)
    monkeypatch.setattr(pruning, "MOST", 5)
    webhook, now = Webhook.objects.get(), timezone.now()

    def told(state: str, days: int) -> int:
        ended = None if state == "waiting" else now - dt.timedelta(days=days)
        return Delivery.objects.create(webhook=webhook, event="tag.moved", payload="{}", state=state, next_at=now, ended_at=ended).pk

    waiting, _old = told("waiting", 400), [told("delivered", 40) for _each in range(3)]
    recent = [told("failed", 2) for _each in range(4)]
    assert pruning.prune() == 3 and set(Delivery.objects.values_list("pk", flat=True)) == {waiting, *recent}
    more = [told("delivered", 60) for _each in range(2)]
    assert pruning.prune() == 1 and set(Delivery.objects.values_list("pk", flat=True)) == {waiting, *recent[1:], *more}
    assert pruning.prune() == 0


def test_a_webhook_that_was_told_nothing_says_so(world: Any, hook: dict[str, Any], run_jobs: Jobs) -> None:
    page, address = world.page(world.manager), f"/p/{world.project.pk}/webhooks"
    assert "Nothing was sent yet." in page.get(address).content.decode()
    page.post(f"/webhooks/{hook['id']}", {"act": "test"})
    assert "Nothing was sent yet." not in page.get(address).content.decode()
