"""A small project whose rules find what they are told to: for laws, for races, and for processes that are killed."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper

from annotate.items.models import Batch, Item
from annotate.items.services import NewItem, add_items, create_batch
from annotate.jobs.models import Job
from annotate.jobs.services import execute
from annotate.people.actor import Actor
from annotate.queues.models import Hold, Task
from annotate.search.compile import compile_query
from workflows.cleaning import applying, running
from workflows.cleaning.models import CheckRun, Finding, Gate, Rule

N = 6
NAMES = ("a", "b", "c")


def q(items: frozenset[int]) -> str:
    return f"meta.n in ({', '.join(map(str, sorted(items)))})"


def jobs() -> None:
    for job in Job.objects.filter(state="queued").order_by("id"):
        execute(job.pk)


class Bench:
    """A project with items 0 … n-1 in a gated batch, and rules that find the ones they are told to."""

    def __init__(self, world: Any, n: int = N) -> None:
        self.by, self.project = Actor.of(world.owner), world.project
        self.batch = create_batch(world.project, "dirt", by=self.by)
        self.n = count()
        self.items: list[int] = []
        asked = [ExpressionWrapper(compile_query(f'flagged("{name}")', self.project.pk), BooleanField()) for name in NAMES]
        self.flags = Item.objects.filter(project=self.project).values_list("pk", *asked).query.sql_with_params()  # told once, asked often
        self.come(n)

    def come(self, n: int) -> None:
        numbers = [next(self.n) for _ in range(n)]
        added = add_items(self.batch, [NewItem(key=f"{at}", uri=f"s3://b/{at}", width=9, height=9, meta={"n": at}) for at in numbers], by=self.by)
        self.items += [added.accepted[f"{at}"] for at in numbers]

    def set_rules(self, rules: dict[str, tuple[str, frozenset[int]]]) -> None:
        Rule.objects.filter(project=self.project).exclude(name__in=rules).delete()
        rows = [Rule(project=self.project, name=name, kind="condition", parameters={"q": q(items)}, action=action) for name, (action, items) in rules.items()]
        Rule.objects.bulk_create(rows, update_conflicts=True, unique_fields=["project", "name"], update_fields=["parameters", "action"])

    def check(self) -> CheckRun:
        run = running.start(self.project, batch=self.batch, by=self.by)
        jobs()
        return self.fresh(run)

    def fresh(self, run: CheckRun) -> CheckRun:
        return CheckRun.objects.select_related("project", "batch", "rule_set").get(pk=run.pk)

    def apply(self, run: CheckRun) -> CheckRun:
        return applying.apply(self.fresh(run), by=self.by)

    def undo(self, run: CheckRun) -> CheckRun:
        return applying.undo(self.fresh(run), by=self.by)

    def seen(self) -> dict[str, Any]:
        """All that anybody outside can see of holds, flags, tasks, gate and findings (but for their states)."""
        gate = Gate.objects.filter(batch=self.batch).first()
        return {
            "held": sorted(Hold.objects.filter(ended_at=None).values_list("item_id", "cause", "reason")),
            "flagged": {name: sorted(items) for name, items in self.flagged().items()},
            "tasks": sorted(Task.objects.exclude(state="void").values_list("queue__q", "item_id", "n", "state", "held", "person")),
            "gate": (gate.state, gate.share, gate.run_id, Batch.objects.get(pk=self.batch.pk).gated) if gate else None,
            "findings": sorted(Finding.objects.values_list("run", "rule", "item_id", "score", "subject")),
            "items": sorted(Item.objects.values_list("pk", "state")),
        }

    def sent(self) -> set[tuple[str, int]]:
        """(query of a rule's own queue, item) of what applied runs send there."""
        rows = Finding.objects.filter(state="applied").select_related("run__rule_set")
        acts = {(row.run_id, rule["id"]): rule["action"] for row in rows for rule in row.run.rule_set.document}
        return {(f'flagged("{row.name}")', row.item_id) for row in rows if row.item_id and acts[row.run_id, row.rule] == "queue"}

    def flagged(self) -> dict[str, set[int]]:
        """Rule → what the query language finds by its flag."""
        with connection.cursor() as cursor:
            cursor.execute(*self.flags)
            rows = cursor.fetchall()
        return {name: {row[0] for row in rows if row[place]} for place, name in enumerate(NAMES, start=1)}
