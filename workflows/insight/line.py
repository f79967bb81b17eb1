"""The line of a project in figures: how many items stand at each stage, what queues hold, and what is blocked by what.

Everything is asked by SQL from item states, tasks and leases; nothing is stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from annotate.jobs.models import Job
from annotate.jobs.states import LIVE
from annotate.projects.models import Project
from workflows.releases.models import Version

FULL = 48  # height of a pool in its drawing


@dataclass
class Stage:
    """One pool. `gate` is what lets items out: open, part or shut; `why` says what holds them."""

    name: str
    word: str
    href: str
    count: int
    oldest: dt.datetime | None = None
    out: int | None = None
    hands: int | None = None
    gate: str = "open"
    why: str = ""
    level: int = FULL

    @property
    def top(self) -> int:
        return FULL - self.level


@dataclass
class QueueRow:
    id: int
    name: str
    stage: str
    state: str
    open: int
    returned: int
    oldest: dt.datetime | None
    working: int
    today: int
    week: int


@dataclass
class Block:
    kind: str
    icon: str
    words: str
    href: str
    action: str


@dataclass
class Line:
    stages: list[Stage]
    queues: list[QueueRow]
    blocks: list[Block]
    jobs: list[Job]
    total: int
    latest: Version | None = None
    lead: str = ""
    releases: int = 0


def lead_words(version: Version | None) -> str:
    """The median time from collection to release of what was new in the version, such as "5 h" or "12 d"; "" where nobody knows."""
    seconds = ((version.facts if version else {}).get("lead") or {}).get("seconds")
    if seconds is None:
        return ""
    hours = seconds / 3600
    return _("%(n)s h") % {"n": f"{hours:.0f}" if hours >= 1 else "< 1"} if hours < 48 else _("%(n)s d") % {"n": f"{hours / 24:.0f}"}


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def item_counts(project_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Project → item state → how many."""
    out: dict[int, dict[str, int]] = {pk: {} for pk in project_ids}
    sql = "SELECT project_id, state, count(*) FROM annotate_item WHERE project_id = ANY(%s) GROUP BY 1, 2"
    for project_id, state, count in _rows(sql, [list(project_ids)]):
        out[project_id][state] = count
    return out


_TO_LABEL = """
SELECT q.project_id, i.state, count(DISTINCT t.item_id)
FROM annotate_queue q
JOIN annotate_task t ON t.queue_id = q.id AND t.state = 'open' AND NOT t.gold
JOIN annotate_item i ON i.id = t.item_id
WHERE q.project_id = ANY(%s) AND q.stage = 'annotate'
GROUP BY 1, 2
"""
_FRESH = """
SELECT i.project_id, count(*)
FROM annotate_approval a JOIN annotate_item i ON i.id = a.item_id
LEFT JOIN (SELECT d.project_id, max(v.frozen_at) AS at FROM workflows_version v JOIN workflows_dataset d ON d.id = v.dataset_id
           WHERE v.state = 'frozen' GROUP BY 1) last ON last.project_id = i.project_id
WHERE i.project_id = ANY(%s) AND a.ended_at IS NULL AND i.state = 'approved' AND (last.at IS NULL OR a.created_at > last.at)
GROUP BY 1
"""


_RELEASED = """
SELECT DISTINCT ON (d.project_id) d.project_id, coalesce((v.counts ->> 'items')::int, 0)
FROM workflows_version v JOIN workflows_dataset d ON d.id = v.dataset_id
WHERE d.project_id = ANY(%s) AND v.state = 'frozen' ORDER BY d.project_id, v.frozen_at DESC
"""


def pools(project_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Project → stage → items there: collect, label, review, release, approved, all.

    `release` is what is approved beyond the newest version: more items than it holds, or approvals since it was frozen.
    """
    states = item_counts(project_ids)
    waiting: dict[int, dict[str, int]] = {pk: {} for pk in project_ids}
    for project_id, state, count in _rows(_TO_LABEL, [list(project_ids)]):
        waiting[project_id][state] = count
    fresh = dict(_rows(_FRESH, [list(project_ids)]))
    released = dict(_rows(_RELEASED, [list(project_ids)]))
    out = {}
    for pk in project_ids:
        have, tasks = states[pk], waiting[pk]
        unlabelled = have.get("new", 0) + have.get("withdrawn", 0)
        asked = tasks.get("new", 0) + tasks.get("withdrawn", 0)
        out[pk] = {
            "collect": max(0, unlabelled - asked),
            "label": asked + tasks.get("labelled", 0) + have.get("returned", 0),
            "review": max(0, have.get("labelled", 0) - tasks.get("labelled", 0)),
            "release": max(fresh.get(pk, 0), have.get("approved", 0) - released.get(pk, 0)),
            "approved": have.get("approved", 0),
            "all": sum(have.values()) - have.get("erased", 0),
        }
    return out


_QUEUES = """
SELECT q.id, q.name, q.stage, q.state,
       count(t.id) FILTER (WHERE t.state = 'open'), count(t.id) FILTER (WHERE t.state = 'returned'),
       min(t.created_at) FILTER (WHERE t.state IN ('open', 'returned')),
       (SELECT count(*) FROM annotate_lease l WHERE l.queue_id = q.id AND l.ended_at IS NULL AND l.slot = 0
               AND l.expires_at > clock_timestamp()),
       count(t.id) FILTER (WHERE t.answered_at >= date_trunc('day', now())),
       count(t.id) FILTER (WHERE t.answered_at >= now() - interval '7 days')
FROM annotate_queue q LEFT JOIN annotate_task t ON t.queue_id = q.id AND NOT t.gold
WHERE q.project_id = %s
GROUP BY q.id ORDER BY q.stage, -q.priority, q.name
"""


def queues(project: Project) -> list[QueueRow]:
    return [QueueRow(*row) for row in _rows(_QUEUES, [project.pk])]


def latest_version(project: Project) -> Version | None:
    frozen = Version.objects.filter(dataset__project=project, state="frozen").select_related("dataset")
    return frozen.order_by("-frozen_at", "-id").first()


def line(project: Project, *, judges: bool = True) -> Line:
    """Everything that the line's page shows; who does not `judge` is led to the items in review, not to the inbox."""
    pool = pools([project.pk])[project.pk]
    rows = queues(project)
    newest = latest_version(project)
    jobs = list(Job.objects.filter(project=project, state__in=LIVE).order_by("-id")[:5])
    stages = _stages(project, pool, rows, newest)
    if not judges:
        stages[2].href = f"/p/{project.pk}/items?q=stage+%3D+review"
    month = timezone.now() - dt.timedelta(days=30)
    releases = Version.objects.filter(dataset__project=project, number__isnull=False, frozen_at__gte=month).count()
    return Line(stages, rows, _blocks(project, pool, rows, newest), jobs, pool["all"], newest, lead_words(newest), releases)


def _stages(project: Project, pool: dict[str, int], rows: list[QueueRow], newest: Version | None) -> list[Stage]:
    base = f"/p/{project.pk}"
    label = [row for row in rows if row.stage == "annotate"]
    review = [row for row in rows if row.stage == "review"]
    oldest = {name: min((row.oldest for row in some if row.oldest), default=None) for name, some in (("label", label), ("review", review))}
    stages = [
        Stage("collect", _("Collect"), f"{base}/batches", pool["collect"]),
        Stage("label", pgettext("stage", "Label"), f"{base}/queues", pool["label"], oldest["label"],
              sum(row.week for row in label), sum(row.working for row in label)),
        Stage("review", _("Review"), f"{base}/reviews", pool["review"], oldest["review"],
              sum(row.week for row in review), sum(row.working for row in review)),
        Stage("release", _("Release"), f"{base}/items?q=state+%3D+approved", pool["release"]),
        Stage("version", _("Version"), f"{base}/versions", int((newest.counts or {}).get("items", 0)) if newest else 0),
    ]  # fmt: skip
    fullest = max((stage.count for stage in stages), default=0)
    for stage in stages:
        stage.level = 0 if not stage.count else 3 + round((FULL - 8) * stage.count / fullest)
    _gates(stages, label, review, newest)
    return stages


def _gates(stages: list[Stage], label: list[QueueRow], review: list[QueueRow], newest: Version | None) -> None:
    collect, to_label, to_review, release, last = stages
    if not label:
        collect.gate, collect.why = _gate(label, collect.count)
    to_label.gate, to_label.why = _gate(label, to_label.count)
    to_review.gate, to_review.why = _gate(review, to_review.count)
    if release.count and newest:
        release.gate, release.why = "part", _("next version")
    elif release.count:
        release.gate, release.why = "shut", _("no version yet")
    last.gate = ""


def _gate(after: list[QueueRow], waiting: int) -> tuple[str, str]:
    """The gate that these queues work: shut when none is open, half open when some are paused."""
    if not after:
        return ("shut", _("no queue")) if waiting else ("part", _("no queue"))
    paused = sum(row.state != "open" for row in after)
    if paused == len(after):
        return "shut", _("paused")
    return ("part", _("%(n)d paused") % {"n": paused}) if paused else ("open", "")


def _blocks(project: Project, pool: dict[str, int], rows: list[QueueRow], newest: Version | None) -> list[Block]:
    base, out = f"/p/{project.pk}", []
    stages = {row.stage for row in rows if row.state != "closed"}
    if pool["collect"] and "annotate" not in stages:
        n = pool["collect"]
        words = ngettext("%(n)d item is collected, and no queue asks for its labels.", "%(n)d items are collected, and no queue asks for their labels.", n)
        out.append(Block("warn", "queue", words % {"n": n}, f"{base}/queues", _("Make a queue")))
    if pool["review"] and "review" not in stages:
        n = pool["review"]
        words = ngettext("%(n)d item is labelled, and no queue takes it to review.", "%(n)d items are labelled, and no queue takes them to review.", n)
        out.append(Block("warn", "review", words % {"n": n}, f"{base}/queues", _("Make a queue")))
    for row in rows:
        if row.state == "paused" and row.open + row.returned:
            n = row.open + row.returned
            words = ngettext("%(queue)s is paused; %(n)d item waits there.", "%(queue)s is paused; %(n)d items wait there.", n)
            out.append(Block("warn", "pause", words % {"queue": row.name, "n": n}, f"/queues/{row.id}", _("Open the queue")))
        elif row.returned and row.stage == "annotate":
            words = ngettext("%(n)d returned item waits for its annotator in %(queue)s.", "%(n)d returned items wait for their annotators in %(queue)s.", row.returned)
            out.append(Block("info", "back", words % {"queue": row.name, "n": row.returned}, f"/queues/{row.id}", _("Open the queue")))
    if pool["release"]:
        n = pool["release"]
        words = ngettext("%(n)d approved item is not in the newest version.", "%(n)d approved items are not in the newest version.", n)
        out.append(Block("info", "tag", words % {"n": n}, f"{base}/versions", _("Cut a version")))
    failed = Job.objects.filter(project=project, state="failed").order_by("-id").first()
    if failed and not Job.objects.filter(project=project, kind=failed.kind, state="done", id__gt=failed.pk).exists():
        words = _("Background work failed: %(why)s") % {"why": failed.error.splitlines()[0][:200] if failed.error else failed.kind}
        out.insert(0, Block("bad", "bad", words, f"/jobs/{failed.pk}", _("See why")))
    return sorted(out, key=lambda block: ("bad", "warn", "info").index(block.kind))
