"""What the API refuses before any room is asked: wrong methods, bodies that are too long, statements that take too long."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.test import Client, RequestFactory

from annotate.kernel.http import Busy, TooSlow, translate
from workflows.server.settings import database

pytestmark = pytest.mark.django_db


def test_an_idempotency_key_on_a_route_without_post_is_a_wrong_method(world):
    answer = world.api(world.manager).post("/me", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert Client().post("/api/v1/jobs", headers={"Idempotency-Key": "k"}).status_code == 401


def test_a_json_body_over_the_cap_is_too_large(world):
    long = {"name": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
    answer = world.api(world.manager).post("/projects", long)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "16 MB" in answer.json()["detail"]


def test_too_many_fields_are_too_large(world):
    answer = world.page(world.manager).post("/language", {f"f{n}": "x" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)})
    assert answer.status_code == 413


def test_a_foreign_host_is_refused_without_a_traceback_in_the_log(caplog):
    for path in ("/sign-in", "/api/v1/me"):
        assert Client(headers={"Host": "evil.example"}).get(path).status_code == 400
    assert "Traceback" not in caplog.text


def test_a_form_without_its_token_is_refused_in_the_look_of_the_product():
    answer = Client(enforce_csrf_checks=True).post("/sign-in", {"name": "a", "password": "b"})
    assert answer.status_code == 403
    assert "tokens.css" in answer.content.decode()
    assert "load the page again" in answer.content.decode()


def _place() -> dict[str, str]:
    """Where this test's database is, for a second connection."""
    params = connection.get_connection_params()
    return {key: params[key] for key in ("dbname", "user", "host", "port", "password") if params.get(key)}


def _given_up(statement: str, setting: str) -> OperationalError:
    with pytest.raises(OperationalError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {setting} = '50ms'")
        cursor.execute(statement)
    return caught.value


def test_a_search_that_is_given_up_asks_for_a_simpler_query():
    error = _given_up("SELECT pg_sleep(5)", "statement_timeout")
    found = translate(error, RequestFactory().get("/p/1/items", {"q": "label = car"}))
    assert isinstance(found, TooSlow)
    assert (found.status, found.code) == (400, "too_slow")
    assert "simpler" in found.detail


def test_any_other_statement_that_is_given_up_may_be_tried_again():
    error = _given_up("SELECT pg_sleep(5)", "statement_timeout")
    found = translate(error, RequestFactory().post("/leases/1/submit"))
    assert (found.status, found.code) == (503, "too_slow")


def test_a_lock_that_is_not_given_in_time_means_busy():
    with psycopg.connect(**_place()) as other:
        other.execute("SELECT pg_advisory_xact_lock(77)")
        error = _given_up("SELECT pg_advisory_xact_lock(77)", "lock_timeout")
    assert isinstance(translate(error), Busy)


def _setting(monkeypatch, name: str, **environment: str) -> str:
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    made = database("postgresql:///x?application_name=sluice&options=-c%20work_mem%3D5MB")["OPTIONS"]
    made.pop("pool", None)
    with psycopg.connect(**_place(), options=made.get("options", "")) as opened:
        found = opened.execute(f"SHOW {name}").fetchone()
    assert found is not None
    return str(found[0])


def test_web_connections_give_statements_and_locks_up_and_others_do_not(monkeypatch):
    monkeypatch.delenv("SLUICE_USE_POOL", raising=False)
    assert _setting(monkeypatch, "statement_timeout") == "0"
    assert _setting(monkeypatch, "statement_timeout", SLUICE_USE_POOL="1") == "15s"
    assert _setting(monkeypatch, "lock_timeout") == "10s"
    assert _setting(monkeypatch, "work_mem") == "5MB"
    assert _setting(monkeypatch, "statement_timeout", SLUICE_STATEMENT_SECONDS="0") == "0"
