"""Every link, form and picture of every page leads to something that is there for whoever sees it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.urls import Resolver404, resolve

from tests.contracts.conftest import Line

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SEEN_BY = ("owner", "manager", "reviewer", "annotator", "collector", "viewer")
STARTS = ("/", "/account", "/help", "/p/{project}", "/new", "/people", "/jobs", "/activity", "/p/{project}/settings", "/api/v1/docs")
DEEPEST = 3


def paths(body: str, attribute: str) -> set[str]:
    found = (unescape(each) for each in re.findall(rf'\s{attribute}="([^"]+)"', body))
    return {each for each in found if each.startswith("/") and not each.startswith(("//", "/static/"))}


def there(address: str) -> bool:
    try:
        return resolve(address.partition("?")[0].partition("#")[0]).func.__name__ != "nothing_here"
    except Resolver404:
        return False


@pytest.mark.parametrize("who", SEEN_BY)
def test_links_lead_somewhere(line: Line, who: str) -> None:
    client: Any = line.world.page(line.people()[who])
    seen: set[str] = set()
    wrong: set[str] = set()
    front = [start.format(**line.ids) for start in STARTS]
    for depth in range(DEEPEST):
        following: set[str] = set()
        for address in sorted(front):
            plain = address.partition("#")[0]
            if plain in seen or plain.startswith("/api/"):
                continue
            seen.add(plain)
            response = client.get(plain)
            if response.status_code >= 400:
                if depth:
                    wrong.add(f"{plain}: {response.status_code}")
                continue
            if response.status_code != 200 or "text/html" not in response.headers.get("Content-Type", ""):
                continue
            body = response.content.decode()
            following |= paths(body, "href")
            for attribute in ("action", "src", "hx-get", "hx-post"):
                wrong |= {f"{each} ({attribute} on {plain})" for each in paths(body, attribute) if not there(each)}
            wrong |= {f"{each} (href on {plain})" for each in paths(body, "href") if not there(each)}
        front = sorted(following - seen)[:80]
    assert not wrong, "\n".join(sorted(wrong))
    assert len(seen) > 8
