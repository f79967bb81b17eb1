"""Figures that many open pages watch: asked of the database once for all of them, and only when something has happened.

A page asks again every ten seconds. The answer's ETag names what the figures depend on: the project's latest activity, its
leases, and the minute (relative times move on). Who has seen that gets 304 without a statement beyond who they are. Each
process keeps one snapshot a project. It asks for a new mark at most every `EVERY` seconds, and for new figures only when the
mark moved, and then not sooner than a hundred times what the last ones cost: watching takes less than a hundredth of a core,
however large the project is; its figures are then that much later.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone, translation

from annotate.projects.models import Project

EVERY = 5.0  # seconds
SHARE = 100  # of the time that figures took, until they are asked for again
KEPT = 200  # projects
PARTS = 50  # of one project: its sorts, pages, searches and languages
QUICK = 0.2  # seconds: figures that cost no more are made anew for each page that is opened

_MARK = """
SELECT (SELECT max(id) FROM annotate_activity WHERE project_id = %(project)s),
       (SELECT count(*) FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id
        WHERE q.project_id = %(project)s AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()),
       (SELECT max(l.id) FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id
        WHERE q.project_id = %(project)s AND l.ended_at IS NULL)
"""


@dataclass
class Snapshot:
    figures: Any = None
    mark: str = ""
    looked: float = float("-inf")  # when the mark was last asked for
    made: float = float("-inf")
    cost: float = 0.0
    parts: dict[str, bytes] = field(default_factory=dict)  # by ETag: the same for all who may see the figures
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept: dict[tuple[str, int], Snapshot] = {}


def mark_of(project: Project) -> str:
    """Changes whenever something of the project was written, claimed or given back, or a lease ran out."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"project": project.pk})
        row = cursor.fetchone()
    return "-".join(str(each) for each in row)


def watched(name: str, project: Project, make: Callable[[], Any], *, fresh: bool = False) -> tuple[Any, str]:
    """The figures called `name` and the mark that they stand for. `fresh`: made now, as for a page opened, unless they are dear."""
    if len(_kept) > KEPT:
        _kept.clear()
    kept = _kept.setdefault((name, project.pk), Snapshot())
    with kept.lock:
        now = time.monotonic()
        fresh = fresh and kept.cost < QUICK
        if not fresh and kept.figures is not None and (now - kept.looked < EVERY or now - kept.made < kept.cost * SHARE):
            return kept.figures, kept.mark
        mark, kept.looked = mark_of(project), now
        minute = f"{mark}.{int(time.time() // 60)}"
        if fresh or minute != kept.mark or kept.figures is None:
            kept.figures, kept.mark = make(), minute
            kept.parts.clear()
            kept.made = time.monotonic()
            kept.cost = kept.made - now
        return kept.figures, kept.mark


def part(name: str, project: Project, tag: str, render: Callable[[], bytes]) -> bytes:
    """The living part of a page as `render` made it the first time for this ETag. It must hold nothing of who asks."""
    parts = _kept.setdefault((name, project.pk), Snapshot()).parts
    found = parts.get(tag)
    if found is None:
        found = render()
        if len(parts) < PARTS:
            parts[tag] = found
    return found


def forget(project: Project) -> None:
    """What is asked next is made anew: something was just changed here."""
    for key in [key for key in _kept if key[1] == project.pk]:
        _kept.pop(key, None)


def etag(request: HttpRequest, mark: str) -> str:
    """Of this address, in this language, at this mark."""
    told = f"{request.get_full_path()}|{translation.get_language()}|{mark}"
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:24]}"'


def unchanged(request: HttpRequest, tag: str) -> HttpResponse | None:
    """304 for who has seen it."""
    seen = [each.strip().removeprefix("W/").strip('"') for each in request.headers.get("If-None-Match", "").split(",")]
    if tag.strip('"') not in seen:
        return None
    response = HttpResponseNotModified()
    response["ETag"] = tag
    return response


def clock() -> Any:
    """Now, as figures take it."""
    return timezone.now()
