"""What open people pages cost: 20 of them ask again every ten seconds, first while nothing happens, then while 8 people work."""

from __future__ import annotations

import http.client
import re
import threading
import time
from urllib.parse import urlencode

from tests.bench.measuring import Client, cpu
from tests.bench.pairs import ANSWER
from tests.bench.serving import manifest, place

PAGES, EVERY, SECONDS = 20, 10.0, 40.0
PACE = 2.0  # seconds between two answers of one person
PASSWORD = "long-enough-for-a-bench"


class Tab:
    """A browser's tab: one kept-alive connection, signed in, that shows a page and asks for its living part."""

    def __init__(self, port: int, path: str, person: str = "owner") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.path, self.tag = path, ""
        form = self.ask("GET", "/sign-in")[1]
        token = (re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form) or [""])[1]
        self.ask("POST", "/sign-in", urlencode({"csrfmiddlewaretoken": token, "name": person, "password": PASSWORD}))
        status, body = self.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
        self.tag = (re.search(r'If-None-Match": &quot;(\w+)', body) or ["", ""])[1]

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, str]:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers}
        if body is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{self.connection.port}/"}
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:  # it was idle for too long: as a browser does
            self.connection.close()
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        self.tag = (answer.headers.get("ETag") or self.tag).strip('"')
        return answer.status, answer.read().decode(errors="replace")

    def again(self) -> int:
        return self.ask("GET", self.path, **{"HX-Request": "true", "If-None-Match": self.tag})[0]


def _watch(tab: Tab, first: float, until: float, seen: list[int]) -> None:
    time.sleep(first)
    while time.monotonic() < until:
        began = time.monotonic()
        seen.append(tab.again())
        time.sleep(max(0.0, EVERY - (time.monotonic() - began)))


def _work(port: int, token: str, queue: int, until: float, first: float) -> None:
    client = Client(port, token)
    bundle = client.call("POST", f"/queues/{queue}/next")
    time.sleep(first)
    while bundle is not None and time.monotonic() < until:
        bundle = client.call("POST", f"/leases/{bundle['lease']['id']}/submit?next=1", ANSWER)["next"]
        time.sleep(PACE)


def _share(pid: int, threads: list[threading.Thread]) -> float:
    """Percent of one core that the server and its database take while the threads run, or for as long when there are none."""
    before, began = cpu(pid), time.monotonic()
    for one in threads:
        one.start()
    time.sleep(max(0.0, SECONDS - (time.monotonic() - began)))
    share = (cpu(pid) - before) / (time.monotonic() - began) * 100
    for one in threads:
        one.join()
    return round(share, 2)


def measure() -> dict[str, object]:
    with place() as here:
        project = here.project("watched")
        here.manifest(here.batch(project, "work"), manifest(6_000, objects=0))
        queue = here.owner.call("POST", f"/projects/{project['id']}/queues", {"name": "boxes", "stage": "annotate"})["id"]
        here.owner.call("POST", f"/queues/{queue}/fill")
        worker = Client(here.up.port, here.tokens[0])
        bundle = worker.call("POST", f"/queues/{queue}/next")
        for _time in range(1_000):
            bundle = worker.call("POST", f"/leases/{bundle['lease']['id']}/submit?next=1", ANSWER)["next"]
        tabs = [Tab(here.up.port, f"/p/{project['id']}/{'people' if n % 2 else 'progress'}") for n in range(PAGES)]
        time.sleep(5)

        def watchers(seen: list[int]) -> list[threading.Thread]:
            until = time.monotonic() + SECONDS
            return [threading.Thread(target=_watch, args=(tab, n * EVERY / PAGES, until, seen)) for n, tab in enumerate(tabs)]

        def workers() -> list[threading.Thread]:
            until = time.monotonic() + SECONDS
            return [
                threading.Thread(target=_work, args=(here.up.port, token, queue, until, n * PACE / 8)) for n, token in enumerate(here.tokens)
            ]

        quiet, busy = [], []  # type: ignore[var-annotated]
        idle = _share(here.pid, [])
        watched = _share(here.pid, watchers(quiet))
        at_work = _share(here.pid, workers())
        both = _share(here.pid, [*workers(), *watchers(busy)])
    return {
        "pages": PAGES,
        "percent of a core, idle": idle,
        "with the pages open": watched,
        "304 of the answers": f"{quiet.count(304)} of {len(quiet)}",
        "8 people at work, no page": at_work,
        "the same with the pages open": both,
        "304 of the answers then": f"{busy.count(304)} of {len(busy)}",
    }
