"""A version of a million items with five boxes each (SLUICE_BENCH_ITEMS for other numbers): frozen, exported as COCO, frozen again after a clustered
1 % has changed, compared. Rows are written by the database alone, as imports would have left them."""

from __future__ import annotations

import os
import time
from typing import Any

from tests.bench.checks_rows import shell
from tests.bench.evaluations import watched
from tests.bench.measuring import cpu
from tests.bench.serving import Place, place

ITEMS = int(os.environ.get("SLUICE_BENCH_ITEMS", "1000000"))
_DOCUMENT = """'{"item":{},"objects":[' || string_agg('{"box":[' || (10 + (n * 7 + k * 31) %% 900) || ',' || (20 + (n * 13 + k * 17) %% 500) || ',' || (40 + k * 5) || '.5,' || (30 + n %% 50)
    || '],"id":"' || lpad(to_hex(n), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(k), 12, '0') || '","kind":"box","label":"' || LABEL_ || '"}', ',' ORDER BY k) || ']}'"""
_HEAD = """
from django.db import connection, transaction
N, PROJECT = ITEMS_, PROJECT_
def run(statement, **values):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('session_replication_role', 'replica', true), set_config('statement_timeout', '0', true)")
        cursor.execute(statement, {"n": N, "project": PROJECT, **values})
        return cursor.fetchall() if cursor.description else []
schema = run("SELECT max(id) FROM annotate_schemaversion WHERE project_id = %(project)s")[0][0]
person = run("SELECT min(id) FROM annotate_person")[0][0]
batch = run("INSERT INTO annotate_batch (project_id, name, source, plan, state, created_at) VALUES (%(project)s, NAME_, '', '{}', 'open', now()) RETURNING id")[0][0]
"""
_ITEMS = """
run('''INSERT INTO annotate_item (project_id, batch_id, key, sha256, uri, width, height, group_key, frame, meta, state, created_at)
    SELECT %(project)s, %(batch)s, 'take-' || lpad((n / 20)::text, 6, '0') || '/' || lpad((n %% 20)::text, 4, '0') || 'SUFFIX_.jpg', sha256(int8send(n)), 's3://bench/' || n || '.jpg', 1280, 720,
           'take-' || lpad((n / 20)::text, 6, '0'), n %% 20, jsonb_build_object('weather', CASE WHEN n %% 10 = 4 THEN 'rain' ELSE 'sun' END), 'approved', now()
    FROM generate_series(FROM_, TO_) n ORDER BY n''', batch=batch)
"""
_ANNOTATIONS = """
run('''INSERT INTO annotate_annotation (item_id, number, person_id, schema_version_id, source, document, digest, created_at)
    SELECT id, REVISION_, %(person)s, %(schema)s, 'person', document, sha256(convert_to(document, 'UTF8')), now() FROM (
        SELECT i.id, (SELECT DOCUMENT_ FROM generate_series(0, 4) k) AS document
        FROM (SELECT id, substr(key, 6, 6)::int * 20 + frame AS n FROM annotate_item WHERE project_id = %(project)s AND WHERE_) i ORDER BY i.id OFFSET 0) d''', person=person, schema=schema)
run('''UPDATE annotate_approval SET ended_at = now() WHERE ended_at IS NULL AND item_id IN (SELECT id FROM annotate_item WHERE project_id = %(project)s AND WHERE_)''')
run('''INSERT INTO annotate_approval (item_id, annotation_id, cause, person_id, created_at, ended_reason)
    SELECT a.item_id, a.id, 'review', %(person)s, now(), '' FROM annotate_annotation a JOIN annotate_item i ON i.id = a.item_id
    WHERE i.project_id = %(project)s AND a.number = REVISION_ AND WHERE_ ORDER BY a.id''', person=person)
"""
_ANALYSE = """
with connection.cursor() as cursor:
    for table in ("annotate_item", "annotate_annotation", "annotate_approval"):
        cursor.execute(f"VACUUM ANALYZE {table}")
"""


def _script(project: int, name: str, *parts: str, items: int, **values: str) -> str:
    body = "\n".join(parts)
    code = _HEAD + body + _ANALYSE
    for key, value in values.items():
        code = code.replace(f"{key}_", value)
    return code.replace("PROJECT_", str(project)).replace("ITEMS_", str(items)).replace("NAME_", f"'{name}'")


def fill(here: Place, project: int, items: int = ITEMS) -> None:
    made = _DOCUMENT.replace("LABEL_", "(ARRAY['car', 'person', 'sign'])[1 + k %% 3]")
    code = _script(project, "all", _ITEMS, _ANNOTATIONS, items=items, FROM="0", TO=f"{items - 1}", SUFFIX="", DOCUMENT=made, REVISION="1", WHERE="true")
    shell(here, code)


def change(here: Place, project: int, items: int = ITEMS) -> None:
    """1 % in one run of keys: eight of ten relabelled, one in ten gone, one in ten new."""
    first, many = items // 2, max(20, items // 100)
    relabelled = _DOCUMENT.replace("LABEL_", "(ARRAY['person', 'car', 'sign'])[1 + k %% 3]")
    some = f"id IN (SELECT id FROM annotate_item WHERE project_id = %(project)s AND key >= 'take-{first // 20:06d}' ORDER BY key LIMIT {many * 8 // 10})"
    code = _script(project, "again", _ANNOTATIONS, items=items, DOCUMENT=relabelled, REVISION="2", WHERE="i." + some).replace("AND i.id IN", "AND id IN", 1)
    shell(here, code.replace("project_id = %(project)s AND i.id IN", "project_id = %(project)s AND id IN"))
    gone = f"""
run('''UPDATE annotate_approval SET ended_at = now() WHERE ended_at IS NULL AND item_id IN (SELECT id FROM annotate_item
    WHERE project_id = %(project)s AND key >= 'take-{(first + many * 8 // 10) // 20:06d}' ORDER BY key LIMIT {many // 10})''')
"""
    made = _DOCUMENT.replace("LABEL_", "'car'")
    new = "key LIKE '%%x.jpg'"
    code = _script(project, "new", gone, _ITEMS, _ANNOTATIONS, items=items, FROM=str(first), TO=str(first + many // 10 - 1), SUFFIX="x", DOCUMENT=made, REVISION="1", WHERE=new)
    shell(here, code)


def _job(here: Place, path: str, asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """(figures, what the job answered)."""
    before, began = cpu(here.pid, ended=True), time.monotonic()
    with watched(here, 0.25) as highest:
        job = here.owner.finished(here.owner.call("POST", path, asked))
        took, spent = time.monotonic() - began, cpu(here.pid, ended=True) - before
    assert job["state"] == "done", job
    return {"seconds": round(took, 2), "CPU seconds": round(spent, 2), "peak MB of the worker": round(max(highest))}, job["result"]


def measure() -> dict[str, object]:
    with place() as here:
        project = here.project("versions")["id"]
        began = time.monotonic()
        fill(here, project)
        found: dict[str, object] = {"rows written, seconds": round(time.monotonic() - began, 1)}
        dataset = here.owner.call("POST", f"/projects/{project}/datasets", {"name": "bench"})["id"]
        found[f"first freeze of {ITEMS} items"], cut = _job(here, f"/datasets/{dataset}/versions", {"by": "group"})
        exported, export = _job(here, f"/versions/{cut['version']}/exports", {"format": "coco", "media": "reference"})
        files = here.owner.call("GET", f"/exports/{export['export']}")["files"]
        found["COCO export of that version"] = exported | {"MB written": round(sum(file["size"] for file in files) / 2**20)}
        change(here, project)
        found["freeze after a clustered 1 %"], _cut = _job(here, f"/datasets/{dataset}/versions", {"by": "group"})
        times = []
        for _ in range(3):
            began = time.monotonic()
            told = here.owner.call("GET", f"/datasets/{dataset}/diff?from=1&to=2")
            times.append(round(time.monotonic() - began, 2))
        found["diff, seconds"] = times
        found["diff"] = told
    return found
