"""The items of a consensus run, looked at some thousand at a time: what is ready goes on to be decided, the rest is noted with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from annotate.annotations.schemas import Parsed
from annotate.items.models import Item
from annotate.kernel.deadlocks import carried_through
from annotate.search.compile import compile_query
from workflows.quality import members
from workflows.quality.heard import Heard
from workflows.quality.models import ConsensusRun
from workflows.quality.overlapped import Overlapped, look, texts

PIECE = 5000  # items that are looked at together
CHUNK = 2000  # items that are decided, and written, together


class Looking:
    """`seen`: how many of the items have been looked at; `answers`: how many answers these have."""

    def __init__(self, run: ConsensusRun, items: Sequence[int]) -> None:
        self.run, self.items = run, items
        self.seen = self.answers = 0

    def heard(self, schema: Parsed) -> Iterator[list[Heard]]:
        """What people said of what is ready, piece by piece, as far as it matches the run's query. Whatever else matches it is left, with why."""
        wanted = self._wanted()
        for start in range(0, len(self.items), PIECE):
            found = list(look(self.items[start : start + PIECE]))
            asked = [one for one in found if not one.approved and (wanted is None or one.item in wanted)]
            left = [members.Member(one.item, one.why) for one in asked if one.why]
            if left:
                carried_through(lambda left=left: members.write(self.run, left))  # type: ignore[misc]
            ready = [one for one in asked if not one.why]
            for at in range(0, len(ready), CHUNK):
                yield _said(ready[at : at + CHUNK], schema, self.run.project_id)
            self.seen = min(start + PIECE, len(self.items))
            self.answers += sum(len(one.answers) for one in found)

    def _wanted(self) -> set[int] | None:
        if not self.run.q.strip():
            return None
        query = compile_query(self.run.q, self.run.project_id)
        return set(Item.objects.filter(query, project=self.run.project_id).order_by().values_list("pk", flat=True))


def _said(some: Sequence[Overlapped], schema: Parsed, project_id: int) -> list[Heard]:
    said = texts(some, schema, project_id)
    return [Heard(one.item, one.answers, one.people, said[one.item], one.width, one.height, one.text) for one in some]
