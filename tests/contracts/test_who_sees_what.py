"""Every address, asked by everyone: the status each gets stands in `who_sees_what.txt`, and nothing is left out of it.

A new route without a row fails here, and the failure prints the row as the server answers now: read it, and put it in the
table when it is right. What is not one's own is 404, never 403: an outsider cannot tell that it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.test import Client

from tests.conftest import Api
from tests.contracts.bodies import BODIES, FORMS, PICTURE, QUERIES
from tests.contracts.conftest import SECRET, Line
from tests.contracts.matrix import CALLERS, table, written
from tests.contracts.routes import API, calls, routes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SCOPES = ("read", "label", "review", "manage", "export")
# A parameter of a row that is not the route's own word: the same address about something else.
ALIASES = {"held_item": "item", "other_item": "item", "free_item": "item", "review_queue": "queue", "worker": "person", "gated": "batch"}


def _pattern(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: "{" + ALIASES.get(found[1], found[1]) + "}", path)


def _address(line: Line, path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: str(line.ids[found[1]]), path)


class Asking:
    """Sends a call as each caller, in a savepoint that is undone, so that every one meets the same state."""

    def __init__(self, line: Line) -> None:
        self.line = line
        people = line.people()
        self.cookies = {name: line.world.page(person).cookies["sluice_session"].value for name, person in people.items()}
        self.apis = {name: Api(line.world.token(person)) for name, person in people.items()}
        self.scoped = {scope: Api(line.world.token(line.world.owner, scope)) for scope in SCOPES}
        self.browser = Client()  # of whoever's turn it is: a client of one's own would load the middleware for each call
        self.views = {route.path: route.view for route in routes()}

    def row(self, method: str, path: str) -> dict[str, str]:
        """The status that each caller gets."""
        return {caller: status for caller, (status, _text) in self.answers(method, path).items()}

    def answers(self, method: str, path: str) -> dict[str, tuple[str, str]]:
        """What each caller gets: the status, and all that they read of it."""
        return {caller: self._undone(method, path, caller) for caller in CALLERS}

    def answer(self, method: str, path: str, caller: str) -> Iterator[tuple[str, Any]]:
        """(status, parsed body) when the call went well and answered JSON; undone afterwards."""
        point = transaction.savepoint()
        try:
            response = self._send(method, path, caller)
            if response.status_code < 300 and response.headers.get("Content-Type", "").startswith("application/json"):
                yield str(response.status_code), orjson.loads(response.content)
        finally:
            transaction.savepoint_rollback(point)

    def _undone(self, method: str, path: str, caller: str) -> tuple[str, str]:
        point = transaction.savepoint()
        try:
            response = self._send(method, path, caller)
            if response is None:
                return "-", ""
            content = b"".join(response.streaming_content) if response.streaming else response.content
            return str(response.status_code), content.decode(errors="replace") + str(dict(response.headers))
        finally:
            transaction.savepoint_rollback(point)

    def _send(self, method: str, path: str, caller: str) -> Any:
        short = _pattern(path).removeprefix(API)
        if self.views.get(_pattern(path)) is None:
            if caller == "scope":
                return None
            form = FORMS.get(f"{method} {short}", {})
            return getattr(self._browsing(caller), method.lower())(_address(self.line, path), form)
        if caller == "nobody":
            client = self._browsing(caller)
        elif caller == "scope":
            wanted = getattr(self.views[_pattern(path)], "scopes", {"GET": ()}).get(method, ("read",))
            client = next((self.scoped[scope].client for scope in reversed(SCOPES) if scope not in wanted), None) if wanted else None
            if client is None:
                return None
        else:
            client = self.apis[caller].client
        return self._call(client, method, _address(self.line, path) + QUERIES.get(f"{method} {short}", ""), f"{method} {short}")

    def _browsing(self, caller: str) -> Client:
        self.browser.cookies = SimpleCookie({"sluice_session": self.cookies[caller]} if caller in self.cookies else {})
        return self.browser

    def _call(self, client: Client, method: str, address: str, short: str) -> Any:
        if short.endswith(("/files", "/import")):
            file = BytesIO(PICTURE)
            file.name = "one.gif"
            return client.post(address, {"files": [file]})
        if short.endswith("/manifest"):
            return client.generic(method, address, b'{"key": "a.txt", "text": "a"}\n', content_type="application/x-ndjson")
        body = BODIES[short](self.line) if short in BODIES else None
        return client.generic(method, address, *([] if body is None else [orjson.dumps(body), "application/json"]))


def test_every_route_has_a_row_and_every_row_a_route(line: Line) -> None:
    there, known = set(table()), set(calls())
    missing = sorted(known - there, key=lambda call: (call[1], call[0]))
    asking = Asking(line)
    seen = [written(*call, asking.row(*call)) for call in missing if _askable(line, call)]
    rows = "\n".join([*seen, *(" ".join(call) for call in missing if not _askable(line, call))])
    assert not missing, f"say who may, in who_sees_what.txt (below: what they get now):\n{rows}"
    assert not [call for call in there if (call[0], _pattern(call[1])) not in known], "rows of addresses that are no more"


def _askable(line: Line, call: tuple[str, str]) -> bool:
    return set(re.findall(r"\{(\w+)\}", call[1])) <= set(line.ids)


@pytest.mark.parametrize("kind", ["api", "pages"])
def test_everyone_gets_what_the_table_says_and_an_annotator_nothing_of_others_work(line: Line, kind: str) -> None:
    """The latter in no page, answer, list, count or error: the items, answers, remarks and gold that are not theirs."""
    from annotate.items.models import Item

    asking, wrong, told = Asking(line), [], []
    hidden = dict(Item.objects.filter(pk__in=[line.ids["other_item"], line.ids["free_item"]]).values_list("key", "pk"))
    for (method, path), wanted in table().items():
        if path.startswith(API) != (kind == "api"):
            continue
        answers = asking.answers(method, path)
        found = {caller: status for caller, (status, _text) in answers.items()}
        if found != wanted:
            wrong.append(f"wanted {written(method, path, wanted)}\nfound  {written(method, path, found)}")
        if path in (f"{API}/docs", f"{API}/schema"):  # the names of fields are no secret
            continue
        # An item that is served next is theirs from then on.
        words = [SECRET, "gold_percent", *(() if path.endswith("/next") else hidden)]
        for caller in ("annotator", "idle", "collector"):
            told += [f"{method} {path} tells {caller} {word!r}" for word in words if word in answers[caller][1]]
    assert not wrong, "\n" + "\n".join(wrong)
    assert not told, "\n".join(told)


def test_an_outsider_never_learns_that_something_is_there() -> None:
    """By the table itself: whatever address names a thing of the organisation, an outsider gets 404 and never 403."""
    told = [
        call
        for call, row in table().items()
        if "{" in call[1] and "{secret}" not in call[1] and "{link}" not in call[1] and row["outsider"] != "404" and set(row.values()) != {"302", "-"}
    ]
    assert not told


def test_nobody_gets_401_or_the_sign_in_page() -> None:
    open_to_all = {"/healthz", "/readyz", "/metrics", "/sign-in", "/language", "/help", "/sign-out", "/client/sluice.py", f"{API}/docs", f"{API}/schema"}
    let_in = {
        call: row["nobody"]
        for call, row in table().items()
        if call[1] not in open_to_all and "{secret}" not in call[1] and "{link}" not in call[1] and row["nobody"] != ("401" if call[1].startswith(API) else "302")
    }
    assert not let_in
