"""Whatever is sent to the API, the answer is a problem in the one shape of errors, never a failure of the server."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from django.db import transaction

from tests.contracts.bodies import BODIES
from tests.contracts.conftest import Line
from tests.contracts.routes import API, calls, routes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
NESTED = b'{"annotation": ' + b"[" * 3000 + b"]" * 3000 + b"}"
JUNK: dict[str, bytes] = {
    "not JSON": b"{not json",
    "nothing": b"",
    "bytes": b"\xff\xfe\x00\x01",
    "a list": b"[1, 2]",
    "a text": b'"text"',
    "null": b"null",
    "a number": b"7",
    "NaN": b'{"seconds": NaN, "name": NaN}',
    "infinity": b'{"seconds": 1e999}',
    "a huge number": b'{"revision": 1' + b"0" * 400 + b', "person": 99999999999999999999999999}',
    "deep": DEEP,
    "nested": NESTED,
    "unknown fields": b'{"surprise": 1, "__proto__": {}}',
    "the same key twice": b'{"name": "a", "name": "b"}',
    "NUL": b'{"name": "a\\u0000b", "text": "\\u0000", "reason": "\\u0000"}',
    "half a pair": b'{"name": "\\ud800", "text": "\\udfff", "reason": "\\ud800"}',
}
VALUES: list[Any] = [
    None, True, -1, 0, 2**31, 2**63, 2**64, -(2**63) - 1, 1.5, 1e308, "", " ", "x" * 20_000, "a\x00b", "\u202e", "2026-13-45", [], [[]],
    [None], {}, {"a": {"b": []}}, [{"id": 2**63}],
]  # fmt: skip
QUERIES = [
    "surprise=1", "cursor=x", "cursor=", "cursor=%00", "cursor=" + "A" * 3000, "limit=0", "limit=501", "limit=-1", "limit=x", "limit=1e3",
    "limit=%D9%A3", "count=x", "q=%28%28%28", "q=" + "not+" * 2000 + "a", "q=%00", "q=key+%3D", "sort=surprise", "sort=-%00", "limit=1&limit=2",
    "project=x", "project=99999999999999999999", "person=99999999999999999999", "size=huge", "from=x", "from=99999999999999999999&to=1",
    "since=x", "since=99999999999999999999", "split=%00", "format=%00", "slot=9", "next=2", "type=rar", "stats=x", "%FF=%FE", "state=%00",
]  # fmt: skip
BIG = ("9223372036854775807", "9223372036854775808", "999999999999999999", "99999999999999999999999999", "0", "-1", "1.0", "%00", "..%2f", "%E0%A4%A")
# Addresses that take bytes: junk is received and reported by the job, so 202 is an answer too.
WRITING = ("POST", "PUT", "PATCH", "DELETE")


class Sending:
    """As the owner, or the annotator for what a lease is for; every call is undone. The answer: whether anybody read the body."""

    def __init__(self, line: Line) -> None:
        self.line, self.wrong, self.sent = line, set(), 0
        self.owner, self.annotator = line.world.api(line.world.owner), line.world.api(line.world.annotator)

    def __call__(self, method: str, address: str, body: bytes | None, kind: str, what: str) -> bool:
        api = self.annotator if re.search(r"/(leases|tasks)/", address) else self.owner
        more = {} if body is None else {"data": body, "content_type": kind}
        self.sent += 1
        point = transaction.savepoint()
        try:
            response = api.client.generic(method, address, **more)
            if response.streaming:
                b"".join(response.streaming_content)
        except Exception as error:  # noqa: BLE001  the test's client raises what a server would answer 500 to
            self.wrong.add(f"{method} {address[:90]} ({what}): {type(error).__name__}: {str(error)[:100]}")
            return True
        else:
            self._judge(response, f"{method} {address[:90]} ({what})")
            return bool(response.wsgi_request._read_started) or response.status_code == 415
        finally:
            transaction.savepoint_rollback(point)

    def _judge(self, response: Any, where: str) -> None:
        if response.status_code >= 500:
            self.wrong.add(f"{where}: {response.status_code}")
        elif response.status_code >= 400:
            if response.headers.get("Content-Type") != "application/problem+json":
                self.wrong.add(f"{where}: {response.status_code} as {response.headers.get('Content-Type')}")
                return
            problem = orjson.loads(response.content)
            if not {"type", "title", "status", "detail", "code"} <= set(problem) or problem["status"] != response.status_code:
                self.wrong.add(f"{where}: not a whole problem")
            if b"Traceback" in response.content or b"annotate_" in response.content:
                self.wrong.add(f"{where}: tells of the inside: {response.content[:200]!r}")


@pytest.fixture
def send(line: Line) -> Any:
    sending = Sending(line)
    yield sending
    assert sending.sent > 50
    assert not sending.wrong, "\n" + "\n".join(sorted(sending.wrong))


def api_calls(line: Line, *methods: str) -> list[tuple[str, str, str]]:
    """(method, pattern, address) of every call whose parameters have something to stand for."""
    views = {route.path: route.view for route in routes() if route.api}
    out = []
    for method, path in calls():
        if path in views and method in methods and set(re.findall(r"\{(\w+)\}", path)) <= set(line.ids):
            out.append((method, path.removeprefix(API), re.sub(r"\{(\w+)\}", lambda found: str(line.ids[found[1]]), path)))
    return out


KINDS = ("text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=x", "application/x-ndjson", "text/csv", ";;")


def test_junk_bodies_are_refused(line: Line, send: Any) -> None:
    """A body that nobody reads is the same call again whatever is in it: such a call gets one body, and some of the kinds in turn."""
    (first, unread), *others = JUNK.items()
    read = 0
    for number, (method, _pattern, address) in enumerate(api_calls(line, *WRITING)):
        reads = send(method, address, unread, "application/json", first)
        for what, body in others if reads else ():
            send(method, address, body, "application/json", what)
        for kind in KINDS if reads else KINDS[number % 4 :: 4]:
            send(method, address, b"\x00\xff{]", kind, kind)
        read += reads
    assert read > 60


def test_a_wrong_value_in_any_field_is_refused_or_taken_but_never_breaks(line: Line, send: Any) -> None:
    for method, pattern, address in api_calls(line, *WRITING):
        make = BODIES.get(f"{method} {pattern}")
        for name in make(line) if make else ():
            for value in VALUES:
                try:
                    body = orjson.dumps({**make(line), name: value})  # type: ignore[misc]
                except TypeError:
                    body = orjson.dumps({**make(line), name: "@"}).replace(b'"@"', str(value).encode().replace(b"'", b'"'))  # type: ignore[misc]
                send(method, address, body, "application/json", f"{name}={str(value)[:30]!r}")


def test_no_query_parameter_breaks_a_call(line: Line, send: Any) -> None:
    for number, (method, _pattern, address) in enumerate(api_calls(line, "GET", *WRITING)):
        for query in QUERIES if method == "GET" else QUERIES[number % 4 :: 4]:  # what is written is told by bodies: some of each suffice
            send(method, f"{address}?{query}", None, "", "query")


def test_ids_that_cannot_be_are_not_there(line: Line, send: Any) -> None:
    for method, path in calls():
        if path.startswith(API) and "{" in path:
            for number in BIG:
                send(method, re.sub(r"\{\w+\}", number, path), None, "", "id")


HEADERS = (
    ("Idempotency-Key", "x" * 300), ("Idempotency-Key", "é"), ("Range", "bytes=9-1"), ("Range", "lines=1"),
    ("If-None-Match", '"'), ("Accept", "image/png"), ("Accept-Language", "zz;q=9"), ("Authorization", "Bearer slc_\x7f"),
)  # fmt: skip


def test_unusual_headers_break_nothing(line: Line, send: Any) -> None:
    """Headers are read in few places for all calls: each call gets three of them, in turn."""
    client = send.owner.client
    for number, (method, _pattern, address) in enumerate(api_calls(line, "GET", "POST")):
        for name, value in (HEADERS[(number + step) % len(HEADERS)] for step in (0, 3, 6)):
            before = dict(client.defaults)
            client.defaults[f"HTTP_{name.upper().replace('-', '_')}"] = value
            send(method, address, b"{}" if method == "POST" else None, "application/json", f"{name}: {value[:20]}")
            client.defaults = before
