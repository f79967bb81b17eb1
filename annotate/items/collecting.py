"""Who collects for a batch: named with a target each, and how far they are. Leavers go out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.batches import Quota
from annotate.items.browsing import compiled
from annotate.items.models import Batch, Collector, Item
from annotate.items.queries import collected_by
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project, ProjectMember
from annotate.projects.policies import may_manage
from annotate.projects.services import leavers

MOST = 10**9


@dataclass(frozen=True)
class Portion:
    """A batch for one collector. `mine` of their items have come, `target` is theirs (None: none was set); `total` and
    `planned` are the whole batch's; `quotas`: those of the plan, each with how many of its items are the person's."""

    batch: Batch
    mine: int
    target: int | None
    total: int
    planned: int | None
    quotas: list[tuple[Quota, int]]

    @property
    def short(self) -> int:
        return max(0, (self.target or 0) - self.mine)


@transaction.atomic
def set_collectors(batch: Batch, people: Mapping[Person, int | None], *, by: Actor) -> None:
    """Name all who collect for the batch, each with a target or none; nobody opens it to every collector of the project.
    `Invalid` names people without the role, and targets that are no number."""
    require(may_manage(by, batch.project))
    able = set(collectors_of(batch.project).values_list("pk", flat=True))
    wrong: dict[str, str] = {}
    for person, target in people.items():
        if person.pk not in able:
            wrong[f"collectors.{person.pk}"] = _("%(name)s is no collector of the project") % {"name": person.name}
        elif target is not None and not 1 <= target <= MOST:
            wrong[f"collectors.{person.pk}"] = f"1 to {MOST}"
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    Collector.objects.filter(batch=batch).exclude(person__in=people).delete()
    rows = [Collector(batch=batch, person=person, target=target) for person, target in people.items()]
    Collector.objects.bulk_create(rows, update_conflicts=True, unique_fields=["batch", "person"], update_fields=["target"])
    data = {"people": {str(person.pk): target for person, target in people.items()}}
    record(by, "batch.collectors", batch, organisation=batch.project.organisation_id, project=batch.project, data=data)


def collectors_of(project: Project) -> QuerySet[Person]:
    """Active people who hold the role in the project, by name."""
    held = ProjectMember.objects.filter(project=project, role="collector").values("person_id")
    return Person.objects.filter(pk__in=held, is_active=True).order_by("name")


def standing(batch: Batch) -> list[tuple[Collector, int]]:
    """Who is named for the batch by name, with how many items of theirs have come."""
    rows = list(Collector.objects.filter(batch=batch).select_related("person").order_by("person__name"))
    came = Item.objects.filter(batch=batch).exclude(state="erased").order_by().values_list("created_by_id").annotate(n=Count("pk"))
    found = dict(came)
    return [(row, found.get(row.person_id, 0)) for row in rows]


def portions(actor: Actor, project: Project) -> list[Portion]:
    """The open batches of the project that the actor is to collect for, the newest first; for a collector."""
    rows = Batch.objects.filter(collected_by(actor.person_id), project=project, state="open").order_by("-id")
    targets = dict(Collector.objects.filter(person_id=actor.person_id, batch__project=project).values_list("batch_id", "target"))
    mine = Count("pk", filter=Q(created_by_id=actor.person_id))
    batches = list(rows)
    came = Item.objects.filter(batch__in=batches).exclude(state="erased").order_by().values("batch_id").annotate(n=Count("pk"), mine=mine)
    found = {row["batch_id"]: (row["mine"], row["n"]) for row in came}
    out = []
    for batch in batches:
        own, total = found.get(batch.pk, (0, 0))
        out.append(Portion(batch, own, targets.get(batch.pk), total, batch.plan.get("target"), _quotas(actor, batch)))
    return out


def _quotas(actor: Actor, batch: Batch) -> list[tuple[Quota, int]]:
    out = []
    rows = Item.objects.filter(batch=batch).exclude(state="erased")
    for asked in batch.plan.get("quotas", []):
        name, target = asked.get("name") or asked["q"], asked["at_least"]
        try:
            counted = rows.filter(compiled(asked["q"], batch.project_id)).aggregate(
                n=Count("pk", distinct=True), mine=Count("pk", distinct=True, filter=Q(created_by_id=actor.person_id))
            )
        except Invalid as error:
            out.append((Quota(name, asked["q"], None, target, str(error.detail)), 0))
        else:
            out.append((Quota(name, asked["q"], counted["n"], target), counted["mine"]))
    return out


def leave_project(project_id: int, person_id: int) -> None:
    """A leaver collects for no batch of the project any more; one that named them alone is open to all its collectors then."""
    Collector.objects.filter(batch__project_id=project_id, person_id=person_id).delete()


leavers.add("collectors", leave_project)
