"""Rows for `bench quality`: items with three answers each, written by the database alone. People differ as people do: boxes are some
pixels off, 4 % of labels another, 3 % of things missed by one, 2 % seen by one only."""

from __future__ import annotations

PEOPLE = 3
_HEAD = """
from django.db import connection, transaction
import numpy as np
PROJECT, QUEUE = PROJECT_, QUEUE_
LABELS = ("car", "person", "sign")
random = np.random.default_rng(SEED_)
def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('session_replication_role', 'replica', true), set_config('statement_timeout', '0', true)")
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
def answers(items, number):
    '''Annotations of the items, three each, numbered from `number` on, by people in turn.'''
    schema = run("SELECT max(id) FROM annotate_schemaversion WHERE project_id = %s", PROJECT)[0][0]
    people = [row[0] for row in run("SELECT id FROM annotate_person WHERE name LIKE 'annotator%%' ORDER BY id")]
    with connection.connection.cursor() as cursor, cursor.copy("COPY annotate_annotation (item_id, number, person_id, schema_version_id, source, document, digest, seconds, created_at) FROM STDIN") as stream:
        for at in range(0, len(items), 5000):
            lines = []
            for item in items[at:at + 5000]:
                things = [(LABELS[label], *place) for label, place in zip(random.integers(0, 3, 3).tolist(), ([20 + 410 * k, 30 + 210 * k, 90 + 9 * k, 70] for k in range(2 + item % 2)))]
                for person in range(3):
                    objects = []
                    for k, (label, x, y, w, h) in enumerate(things):
                        luck = random.random()
                        if luck < 0.03:
                            continue
                        dx, dy = random.integers(0, 9, 2).tolist()
                        objects.append('{"box":[%d,%d,%d,%d],"id":"%08x-%04d-4000-8000-%012d","kind":"box","label":"%s"}' % (x + dx, y + dy, w, h, item, k, person, LABELS[(LABELS.index(label) + 1) % 3] if luck > 0.96 else label))
                    if random.random() < 0.02:
                        objects.append('{"box":[900,20,50,50],"id":"%08x-0009-4000-8000-%012d","kind":"box","label":"sign"}' % (item, person))
                    lines.append(f"{item}\\t{number + person}\\t{people[(item + person) % len(people)]}\\t{schema}\\tperson\\t" + '{"item":{},"objects":[' + ",".join(objects) + f"]}}\\t\\\\\\\\x{item:056x}{number + person:08x}\\t{5 + 9 * random.random():.1f}\\tnow\\n")
            stream.write("".join(lines))
"""
FILL = (
    _HEAD
    + """
N = ITEMS_
with transaction.atomic():
    batches = [row[0] for row in run("INSERT INTO annotate_batch (project_id, name, source, plan, state, created_at) SELECT %s, 'batch ' || n, '', '{}', 'open', now() FROM generate_series(1, 10) n RETURNING id", PROJECT)]
    items = [row[0] for row in run('''INSERT INTO annotate_item (project_id, batch_id, key, uri, width, height, group_key, meta, state, created_at)
        SELECT %s, %s + n %% 10, 'q-' || lpad(n::text, 7, '0'), 's3://bench/' || n || '.jpg', 1280, 720, '', '{}', 'labelled', now() FROM generate_series(1, %s) n RETURNING id''', PROJECT, batches[0], N)]
    answers(items, 1)
    run('''INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, person_id, annotation_id, created_at, answered_at)
        SELECT %s, a.item_id, 1, a.number, 'answered', a.item_id, a.person_id, a.id, now(), now() - a.item_id %% 60 * interval '1 day'
        FROM annotate_annotation a JOIN annotate_item i ON i.id = a.item_id WHERE i.project_id = %s ORDER BY a.id''', QUEUE, PROJECT)
    # What the last answer shows, as its submit would have left it.
    run('''INSERT INTO annotate_currentannotation (item_id, project_id, annotation_id, objects_index, item_attributes)
        SELECT a.item_id, %s, a.id, coalesce((SELECT jsonb_agg(jsonb_build_object('a', jsonb_build_object(), 'k', 'box', 'l', s.l) ORDER BY s.n)
            FROM (SELECT o ->> 'label' AS l, min(n) AS n FROM jsonb_array_elements(a.document::jsonb -> 'objects') WITH ORDINALITY x(o, n) GROUP BY 1) s), '[]'), '{}'
        FROM annotate_annotation a JOIN annotate_item i ON i.id = a.item_id WHERE i.project_id = %s AND a.number = 3''', PROJECT, PROJECT)
    run('''INSERT INTO annotate_labelcount (item_id, project_id, label, n)
        SELECT a.item_id, %s, o ->> 'label', count(*) FROM annotate_annotation a JOIN annotate_item i ON i.id = a.item_id, jsonb_array_elements(a.document::jsonb -> 'objects') o
        WHERE i.project_id = %s AND a.number = 3 GROUP BY 1, 3''', PROJECT, PROJECT)
with connection.cursor() as cursor:
    for table in ("item", "annotation", "task", "currentannotation", "labelcount"):
        cursor.execute(f"VACUUM ANALYZE annotate_{table}")
"""
)
# One item of a hundred is answered anew by all three: it is no longer approved.
CHANGE = (
    _HEAD
    + """
with transaction.atomic():
    items = [row[0] for row in run("SELECT id FROM annotate_item WHERE project_id = %s AND id %% 100 = 7 ORDER BY id", PROJECT)]
    run("UPDATE annotate_approval SET ended_at = now() WHERE ended_at IS NULL AND item_id = ANY(%s)", items)
    run("UPDATE annotate_item SET state = 'labelled' WHERE id = ANY(%s)", items)
    answers(items, 11)
    run('''UPDATE annotate_task t SET annotation_id = a.id, answered_at = now() FROM annotate_annotation a
        WHERE a.item_id = t.item_id AND a.number = t.n + 10 AND t.item_id = ANY(%s)''', items)
"""
)
