"""Rows for `bench checks`: items whose facts exist, written by the database alone. What is dirty is a known share of them."""

from __future__ import annotations

import subprocess
import sys

from tests.bench.serving import Place
from tests.server.running import ROOT, clean_environment

# Pictures: 2 % dark, 0.2 % bright, 3 % blurred, 0.5 % poor in information, 0.1 % unreadable, 1 % exact copies, 2 % near ones, frames in groups of 20.
# Labels: 4 boxes each, a box of 200 outside, one of 2,000 without area, one of 500 twice; people's seconds spread by factors.
_HEAD = """
from django.db import connection, transaction
import numpy as np
from workflows.cleaning.measures import objects, picture, text
N, PROJECT, ORGANISATION = ITEMS_, PROJECT_, ORGANISATION_
def run(statement, **values):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('session_replication_role', 'replica', true), set_config('statement_timeout', '0', true), setseed(0.5)")
        cursor.execute(statement, {"n": N, "project": PROJECT, "organisation": ORGANISATION, **values})
        return cursor.fetchall() if cursor.description else []
def batch(name):
    return run("INSERT INTO annotate_batch (project_id, name, source, plan, state, created_at) VALUES (%(project)s, %(name)s, '', '{}', 'open', now()) RETURNING id", name=name)[0][0]
def analyse(*tables):
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("CHECKPOINT")  # what was written in a minute here comes in days elsewhere, and is on the disk by then
"""
PICTURES = _HEAD + """
with transaction.atomic():
    some = batch("pictures")
    first = run("SELECT nextval(pg_get_serial_sequence('annotate_blob', 'id'))")[0][0]
    run('''INSERT INTO annotate_blob (organisation_id, sha256, size, type, width, height, facts, created_at)
        SELECT %(organisation)s, sha256(convert_to(%(project)s || ' picture ' || n, 'UTF8')), 250000, 'image/jpeg', 1280, 720,
               jsonb_build_object('format', 'JPEG', 'mode', 'RGB', 'frames', 1, 'orientation', 0, 'pixels', lpad(to_hex(hashint8extended(n, 7)), 16, '0')), now()
        FROM generate_series(1, %(n)s) n''')
    run('''INSERT INTO workflows_picturefacts (blob_id, version, fault, bright_p5, bright_p99, information, blur, contrast, colour, orientation, phash)
        SELECT id, %(version)s, CASE WHEN k %% 1000 = 3 THEN 'broken' ELSE '' END,
               CASE WHEN k %% 500 = 9 THEN 0.97 ELSE random() * 0.5 END, CASE WHEN k %% 50 = 7 THEN random() * 0.31 ELSE 0.4 + random() * 0.6 END,
               CASE WHEN k %% 200 = 11 THEN random() * 0.3 ELSE 0.5 + random() * 0.4 END, CASE WHEN k %% 100 IN (13, 14, 15) THEN random() * 0.28 ELSE 0.4 + random() * 0.6 END,
               0.3 + random() * 0.7, 0.1 + random() * 0.9, CASE WHEN k %% 100 = 40 THEN 6 ELSE 0 END,
               hashint8extended(CASE WHEN k %% 50 = 21 THEN k - 1 ELSE k END, 1) # (CASE WHEN k %% 50 = 21 THEN 5 ELSE 0 END)
        FROM (SELECT id, id - %(first)s AS k FROM annotate_blob WHERE id > %(first)s) b''', first=first, version=picture.VERSION)
    run('''INSERT INTO annotate_item (project_id, batch_id, key, blob_id, sha256, width, height, group_key, frame, meta, state, created_at)
        SELECT %(project)s, %(batch)s, 'take-' || lpad((n / 20)::text, 6, '0') || '/' || lpad((n %% 20)::text, 4, '0') || CASE WHEN n %% 1000 = 17 THEN '.png' ELSE '.jpg' END,
               b.id, b.sha256, 1280, CASE WHEN n %% 1000 = 500 THEN 300 ELSE 720 END, 'take-' || lpad((n / 20)::text, 6, '0'), n %% 20,
               jsonb_build_object('weather', CASE WHEN n %% 10 = 4 THEN 'rain' ELSE 'sun' END, 'split', CASE WHEN n / 20 %% 10 = 0 THEN 'val' ELSE 'train' END),
               'labelled', now()
        FROM generate_series(1, %(n)s) n JOIN annotate_blob b ON b.id = %(first)s + n - CASE WHEN n %% 100 = 60 THEN 1 ELSE 0 END ORDER BY n''', batch=some, first=first)
    schema = run("SELECT max(id) FROM annotate_schemaversion WHERE project_id = %(project)s")[0][0]
    people = run("SELECT array_agg(id ORDER BY id) FROM annotate_person")[0][0]
    document = '{"item":{},"objects":[' + ",".join('{"box":[%d,%d,%d,40],"id":"00000000-0000-4000-8000-00000000000%d","kind":"box","label":"%s"}' % (10 + 90 * k, 20 + 70 * k, 60 + k, k, ("car", "car", "person", "sign")[k]) for k in range(4)) + ']}'
    run('''INSERT INTO annotate_annotation (item_id, number, person_id, schema_version_id, source, document, digest, seconds, created_at)
        SELECT i.id, 1, (%(people)s::bigint[])[1 + (hashint8extended(i.id, 3) & 7)], %(schema)s, 'person', %(document)s, sha256(int8send(i.id)), exp(2 + random() + random() + random()), now()
        FROM annotate_item i WHERE i.project_id = %(project)s ORDER BY i.id''', people=people, schema=schema, document=document)
    run('''INSERT INTO annotate_currentannotation (item_id, project_id, annotation_id, objects_index, item_attributes)
        SELECT item_id, %(project)s, id, '[{"a":{},"k":"box","l":"car"},{"a":{},"k":"box","l":"car"},{"a":{},"k":"box","l":"person"},{"a":{},"k":"box","l":"sign"}]', '{}'
        FROM annotate_annotation WHERE item_id IN (SELECT id FROM annotate_item WHERE project_id = %(project)s)''')
    run('''INSERT INTO annotate_labelcount (project_id, label, n, item_id) SELECT project_id, l, CASE l WHEN 'car' THEN 2 ELSE 1 END, id
        FROM annotate_item, unnest(ARRAY['car', 'person', 'sign']) l WHERE project_id = %(project)s''')
    random = np.random.default_rng(1)
    ids = [row[0] for row in run("SELECT annotation_id FROM annotate_currentannotation WHERE project_id = %(project)s ORDER BY item_id")]
    with connection.connection.cursor() as cursor, cursor.copy("COPY workflows_labelfacts (annotation_id, version, schema_version_id, objects_count, answer, records) FROM STDIN (FORMAT binary)") as stream:
        stream.set_types(["int8", "int2", "int8", "int4", "int8", "bytea"])
        for begin in range(0, N, 10_000):
            piece = ids[begin:begin + 10_000]
            rows = np.zeros((len(piece), 4), objects.RECORD)
            rows["label"] = [objects.label_digest(name) for name in ("car", "car", "person", "sign")]
            rows["w"], rows["h"] = np.exp(random.normal(4, 0.4, rows.shape)), np.exp(random.normal(4, 0.4, rows.shape))
            flat = random.random(rows.shape) < 0.0005
            rows["w"][flat] = 0
            rows["area"] = rows["w"] * rows["h"]
            rows["share"] = rows["area"] / (1280 * 720)
            rows["outside"] = np.where(random.random(rows.shape) < 0.005, 9, 0)
            rows["same"], rows["other"], rows["twin"], rows["rival"] = 0, random.random(rows.shape) * 0.5, -1, -1
            twice = random.random(len(piece)) < 0.002
            rows["same"][twice, :2], rows["twin"][twice, 0], rows["twin"][twice, 1] = 0.9, 1, 0
            rows["points"], rows["strays"], rows["misquoted"] = -1, -1, -1
            for own, answer, row in zip(piece, random.integers(1, 2**62, len(piece)).tolist(), rows, strict=True):
                stream.write_row((own, objects.VERSION, schema, 4, answer, row.tobytes()))
analyse("annotate_blob", "workflows_picturefacts", "annotate_item", "annotate_annotation", "annotate_currentannotation", "annotate_labelcount", "workflows_labelfacts")
"""
# Texts of some 70 characters: 1 % exact copies, 2 % near ones, 1 % with personal data, a tenth in a language that nobody wants.
TEXTS = _HEAD + """
with transaction.atomic():
    some = batch("texts")
    run('''INSERT INTO annotate_item (project_id, batch_id, key, text, sha256, group_key, meta, state, created_at)
        SELECT %(project)s, %(batch)s, 'text-' || lpad(n::text, 7, '0'), t, sha256(convert_to(t, 'UTF8')), '', '{}', 'new', now()
        FROM (SELECT n, 'Where is the card that I ordered in shop %(project)s ' || k || ' weeks ago? It is not here yet.' AS t FROM (SELECT n, CASE WHEN n %% 100 = 60 THEN n - 1 ELSE n END AS k FROM generate_series(1, %(n)s) n) m) w ORDER BY n''', batch=some)
    random = np.random.default_rng(2)
    digests = [row[0] for row in run("SELECT DISTINCT sha256 FROM annotate_item WHERE project_id = %(project)s")]
    with connection.connection.cursor() as cursor, cursor.copy('''COPY workflows_textfacts (organisation_id, sha256, version, characters, words, mean_word, symbols, repeated, language, language_score,
            personal, broken, normal, bands) FROM STDIN (FORMAT binary)''') as stream:
        stream.set_types(["int8", "bytea", "int2", "int4", "int4", "float4", "float4", "float4", "varchar", "float4", "int2", "int4", "int8", "bytea"])
        for begin in range(0, len(digests), 10_000):
            piece = digests[begin:begin + 10_000]
            bands = random.integers(1, 2**63, (len(piece), 14), dtype=np.uint64)
            near = np.flatnonzero(random.random(len(piece)) < 0.02)
            bands[near, :8] = bands[(near + 1) % len(piece), :8]
            for digest, characters, share, normal, row in zip(piece, random.integers(5, 300, len(piece)).tolist(), random.random(len(piece)).tolist(), random.integers(1, 2**62, len(piece)).tolist(), bands, strict=True):
                stream.write_row((ORGANISATION, digest, text.VERSION, characters, characters // 5, 3 + 4 * share, 0.26 * share, 0.1 * share, "de" if share < 0.1 else "en", 0.5 + 0.5 * share,
                    1 if share > 0.99 else 0, 1 if share < 0.002 else 0, normal, row.astype("<u8").tobytes()))
analyse("annotate_item", "workflows_textfacts")
"""


def fill(here: Place, rows: str, project: int, items: int) -> None:
    """Run `PICTURES` or `TEXTS` for a project that has no items yet."""
    organisation = here.owner.call("GET", f"/projects/{project}")["organisation"]
    shell(here, rows.replace("PROJECT_", str(project)).replace("ITEMS_", str(items)).replace("ORGANISATION_", str(organisation)))


def shell(here: Place, code: str) -> str:
    """What `code` prints in a process of its own beside the server."""
    environment = clean_environment(SLUICE_DATA=str(here.up.data))
    done = subprocess.run([sys.executable, "manage.py", "shell", "-v", "0", "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout
