"""A batch's plan against what has come in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from annotate.items.browsing import compiled, counts_by
from annotate.items.models import Batch
from annotate.items.queries import sees_all, visible
from annotate.items.stages import STAGE_OF
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor


@dataclass(frozen=True)
class Quota:
    """`now` is None when the quota's query is not valid (any more); `wrong` then says why."""

    name: str
    q: str
    now: int | None
    target: int | None
    wrong: str = ""

    @property
    def short(self) -> int:
        return max(0, (self.target or 0) - (self.now or 0))

    def document(self) -> dict[str, Any]:
        return {"q": self.q, "now": self.now, "at_least": self.target, "short": self.short, "error": self.wrong or None}


@dataclass(frozen=True)
class Reality:
    items: int
    states: dict[str, int]
    target: int | None = None
    quotas: list[Quota] = field(default_factory=list)

    @property
    def stages(self) -> dict[str, int]:
        """Items by stage, in the order of the line."""
        out = dict.fromkeys(("label", "review", "approved"), 0)
        for state, n in self.states.items():
            if STAGE_OF[state] in out:
                out[STAGE_OF[state]] += n
        return out

    @property
    def all_items(self) -> Quota:
        return Quota("", "", self.items, self.target)

    def document(self) -> dict[str, Any]:
        """As the API answers it."""
        quotas = [quota.document() for quota in self.quotas]
        return {"items": self.items, "states": self.states, "stages": self.stages, "quotas": quotas}


def reality(actor: Actor, batch: Batch) -> Reality:
    """What the batch holds, of what the actor may see; quotas only for those who see every item."""
    rows = visible(actor, batch.project).filter(batch=batch)
    states = counts_by(rows, "state")
    quotas = []
    if sees_all(actor, batch.project):
        for asked in batch.plan.get("quotas", []):
            name, target = asked.get("name") or asked["q"], asked["at_least"]
            try:
                now = rows.filter(compiled(asked["q"], batch.project_id)).count()
            except Invalid as error:
                quotas.append(Quota(name, asked["q"], None, target, error.detail))
            else:
                quotas.append(Quota(name, asked["q"], now, target))
    return Reality(sum(states.values()), states, batch.plan.get("target"), quotas)


def due(batch: Batch) -> dt.datetime | None:
    """When the batch should be complete, UTC."""
    text = batch.plan.get("due")
    if not text:
        return None
    at = dt.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)
