"""Lists of items through the API: filters and sorts over 50,000 and over 1,000,000 items, first pages and pages far down."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from urllib.parse import urlencode

from tests.bench.serving import Place, place
from tests.server.running import ROOT, clean_environment

SIZES = (50_000, 1_000_000)
PAGES, DOWN = 24, 24  # pages timed of 50 items; pages of 500 that lie above the deep ones
QUERIES = (
    "",
    "state = labelled",  # half of all
    "state = returned",  # one of 200
    "count(car) >= 2",  # half
    "count(car) >= 9",  # one of 100
    "meta.weather = rain",  # a tenth
    "meta.weather = hail",  # one of 1,000
    'batch = "batch 7"',  # one of 100
    'key contains "77"',  # one of 30
    'key startswith "take-0001"',
    "label = sign",  # a third
    "state = labelled and count(car) >= 2 and meta.weather = rain",
)
SORTS = ("newest", "oldest", "key", "group")
# Written by the database alone: a million lines of a manifest would take a minute more and give the same rows.
FILL = """
from django.db import connection, transaction
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("SELECT set_config('session_replication_role', 'replica', true)")
    cursor.execute("INSERT INTO annotate_batch (project_id, name, source, plan, state, created_at) SELECT %s, 'batch ' || n, '', '{}', 'open', now() FROM generate_series(0, 99) n", [PROJECT])
    cursor.execute('''
        INSERT INTO annotate_item (project_id, batch_id, key, uri, width, height, group_key, frame, meta, state, created_at)
        SELECT %(project)s, (SELECT min(id) FROM annotate_batch WHERE project_id = %(project)s) + n %% 100,
               'take-' || lpad((n / 20)::text, 6, '0') || '/' || lpad((n %% 20)::text, 4, '0') || '.jpg', 's3://bench/' || n || '.jpg', 1280, 720,
               'take-' || lpad((n / 20)::text, 6, '0'), n %% 20,
               jsonb_build_object('weather', CASE WHEN n %% 1000 = 7 THEN 'hail' WHEN n %% 10 = 4 THEN 'rain' ELSE 'sun' END, 'speed', n %% 120),
               CASE WHEN n %% 200 = 5 THEN 'returned' WHEN n %% 2 = 0 THEN 'labelled' ELSE 'new' END, now()
        FROM generate_series(0, %(items)s - 1) n''', {"project": PROJECT, "items": ITEMS})
    cursor.execute('''
        INSERT INTO annotate_labelcount (project_id, label, n, item_id)
        SELECT project_id, 'car', CASE WHEN id %% 100 = 9 THEN 9 ELSE 1 + id %% 2 END, id FROM annotate_item WHERE project_id = %s''', [PROJECT])
    cursor.execute('''
        INSERT INTO annotate_currentannotation (item_id, project_id, annotation_id, objects_index, item_attributes)
        SELECT id, project_id, id, CASE WHEN id %% 3 = 0 THEN '[{"a":{},"k":"box","l":"car"},{"a":{},"k":"box","l":"sign"}]'::jsonb
               ELSE '[{"a":{},"k":"box","l":"car"}]'::jsonb END, '{}' FROM annotate_item WHERE project_id = %s''', [PROJECT])
with connection.cursor() as cursor:
    for table in ("item", "labelcount", "currentannotation"):
        cursor.execute(f"VACUUM ANALYZE annotate_{table}")
"""


def measure() -> dict[str, object]:
    with place() as here:
        figures: dict[str, object] = {}
        for items in SIZES:
            project = here.project(f"list {items}")["id"]
            fill = FILL.replace("PROJECT", str(project)).replace("ITEMS", str(items))
            subprocess.run([sys.executable, "manage.py", "shell", "-v", "0", "-c", fill], cwd=ROOT, env=clean_environment(SLUICE_DATA=str(here.up.data)), check=True)
            figures |= _lists(here, project, items)
    return figures


def _lists(here: Place, project: int, items: int) -> dict[str, object]:
    figures: dict[str, object] = {}
    first_all: list[float] = []
    deep_all: list[float] = []
    for q in QUERIES:
        row = {}
        for sort in SORTS:
            first, deep = _pages(here, project, q, sort)
            first_all += first
            deep_all += deep
            row[sort] = [_at(first, 0.95), _at(deep, 0.95)]
        figures[f"{items:,} items, {q or 'all'}: p95 ms first, deep"] = row
    for name, times in (("first", first_all), ("deep", deep_all)):
        figures[f"{items:,} items, {name} pages of all these: p50, p95, most"] = [_at(times, 0.5), _at(times, 0.95), round(max(times), 1)]
    return figures


def _pages(here: Place, project: int, q: str, sort: str) -> tuple[list[float], list[float]]:
    """Milliseconds of the first page, asked for again and again, and of pages far down (the last one where there are too few)."""
    first = [_page(here, project, q, sort, None, 50)[0] for _ in range(6)][1:]
    cursor, deep = None, []
    for _ in range(DOWN):
        following = _page(here, project, q, sort, cursor, 500)[1]
        if following is None:
            break
        cursor = following
    for _ in range(PAGES):
        took, following = _page(here, project, q, sort, cursor, 50)
        deep.append(took)
        if following is None:
            break
        cursor = following
    return first, deep


def _page(here: Place, project: int, q: str, sort: str, cursor: str | None, limit: int) -> tuple[float, str | None]:
    asked = {"q": q, "sort": sort, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
    began = time.perf_counter()
    found = here.owner.call("GET", f"/projects/{project}/items?{urlencode(asked)}")
    return (time.perf_counter() - began) * 1000, found["next"]


def _at(times: list[float], share: float) -> float:
    return round(sorted(times)[min(len(times) - 1, int(share * len(times)))], 1) if times else statistics.nan
