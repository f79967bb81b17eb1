"""Plans that were made while the tables were empty, as they are on the first day: they must stay good as the tables grow."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from annotate.kernel import driver, sql
from annotate.queues import claim, leases, picking
from annotate.queues.claim import admitted, next_task
from annotate.queues.fill import fill
from annotate.queues.models import Task
from annotate.queues.submit import submit
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db
LEASES, CLAIMS = 4000, 400
FEW = 400  # blocks; a plan that reads what waits, or all leases, looks at thousands


def blocks(statement: str, values: dict[str, Any]) -> int:
    """Blocks that a statement looks at under the plan that its connection has for it."""
    ask = driver._Ask(connection.connection, statement, values)
    said = ", ".join("NULL" if text is None else "'" + bytes(text).decode().replace("'", "''") + "'" for text in ask.texts)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {ask.name.decode()}({said})")
        plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_plans_of_the_first_day_stay_good_as_leases_and_claims_add_up(world: Any, clip: Any, queue_of: Any, planner: Any) -> None:
    planner(-1, 0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("DEALLOCATE ALL")
    driver._prepared.pop(connection.connection, None)
    clip(6)
    queue, anna, ben = queue_of(), world.actor(world.annotator), world.actor(world.annotator2)
    lease = next_task(queue, anna)  # picks from all that waits, and plans it
    assert lease is not None
    submit(lease.pk, anna, a_document())
    lease = next_task(queue, anna)  # picks from the group
    assert lease is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO annotate_lease (task_id, queue_id, item_id, person_id, round, slot, schema_version_id, created_at, expires_at, ended_at, ended_by)"
            " SELECT l.task_id, l.queue_id, l.item_id, CASE WHEN n %% 2 = 0 THEN %s ELSE %s END, 1, 0, l.schema_version_id, now(), now(), now(), 'skip'"
            " FROM annotate_lease l, generate_series(1, %s) n WHERE l.id = %s",
            [anna.person_id, ben.person_id, LEASES, lease.pk],
        )
        cursor.execute(
            "INSERT INTO annotate_groupclaim (queue_id, group_key, person_id, expires_at) SELECT %s, 'take ' || n, %s, now() + interval '1 hour' FROM generate_series(1, %s) n",
            [queue.pk, ben.person_id, CLAIMS],
        )
    context = admitted(queue.pk, anna)
    values = {"queue": queue.pk, "person": anna.person_id} | context.leasing(1) | {"group": context.group, "project": context.project_id}
    assert blocks(claim.CONTEXT, values) < FEW
    assert blocks(leases._LOCK_WITH_ITEM, {"lease": lease.pk}) < FEW
    assert blocks(picking.in_group("annotate", ahead=True), values) < FEW
    assert sql.row("SELECT count(*) FROM annotate_lease WHERE person_id = %(person)s::bigint AND slot = 1 AND ended_at IS NULL", values) == (1,)
    assert blocks(picking.statement("annotate", wait=False), values) < FEW


def test_plans_of_a_new_queue_read_what_they_pick_and_not_all_that_waits(world: Any, clip: Any, queue_of: Any, planner: Any) -> None:
    planner(-1, 0)
    clip(6)
    queue, anna = queue_of(), world.actor(world.annotator)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("DEALLOCATE ALL")
        cursor.execute(
            "INSERT INTO annotate_item (project_id, batch_id, key, width, height, group_key, frame, state, meta, created_at)"
            " SELECT project_id, batch_id, 'more/' || n, 64, 48, 'take ' || n / 20, n %% 20, 'new', '{}', now()"
            " FROM annotate_item i, generate_series(1, %s) n WHERE i.id = (SELECT min(id) FROM annotate_item)",
            [LEASES],
        )
    fill(queue.pk)
    driver._prepared.pop(connection.connection, None)
    assert next_task(queue, anna) is not None
    context = admitted(queue.pk, anna)
    values = {"queue": queue.pk, "person": anna.person_id} | context.leasing(1) | {"group": context.group, "project": context.project_id}
    for ahead in (False, True):
        assert blocks(picking.in_group("annotate", ahead=ahead), values) < FEW
    assert blocks(picking.statement("annotate", wait=False), values | {"slot": 1}) < FEW
    waiting = Task.objects.filter(queue=queue, state="open", person=None).order_by("-rank", "-id")[0]
    for by in ("task", "item"):
        assert blocks(picking.one("annotate", by=by), values | {"task": waiting.pk, "item": waiting.item_id}) < FEW
