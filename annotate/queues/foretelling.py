"""What the settings of a queue would ask of people, told while they are typed.

How many items get how many answers, how many tasks come when the queue fills, and whether there are people enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from annotate.kernel.errors import SluiceError
from annotate.projects.models import Project
from annotate.queues.fill import missing
from annotate.queues.forms import QueueForm
from annotate.queues.models import Assignment, Pause, Queue
from annotate.queues.overlapping import asked
from annotate.queues.queries import able
from annotate.queues.requiring import unqualified

_USUAL = {"overlap": 1, "overlap_percent": 100, "overlap_seed": 0, "gold_percent": 0}


@dataclass(frozen=True)
class Foretold:
    """`wrong`: the query is not one (yet). `several` of `items` that match get `overlap` answers, the others one, `answers` in
    all; `coming`: tasks that are not in the queue yet and come when it fills; `bar` and `most` as typed.

    `people` may work here by their role, administrators too, or are `named`; `barred` of those who might have are paused or lack a qualification."""

    wrong: bool = False
    stage: str = "annotate"
    made: bool = False
    gold: bool = False
    items: int = 0
    several: int = 0
    overlap: int = 1
    answers: int = 0
    coming: int = 0
    bar: float | None = None
    most: int | None = None
    named: bool = False
    people: int = 0
    barred: int = 0

    @property
    def needs(self) -> int:
        """So many people it takes to finish one item."""
        further = self.most if self.overlap > 1 and self.bar is not None and self.most is not None else 0
        return max(self.overlap, further)

    @property
    def short(self) -> bool:
        return self.people < self.needs

    @property
    def others(self) -> int:
        return self.items - self.several


def foretell(project: Project, typed: Any, queue: Queue | None = None) -> Foretold:
    """By the form as it is `typed` so far, for a new queue or one that is there; fields that are wrong count as their usual."""
    form = QueueForm(typed, project=project, queue=queue)
    form.is_valid()
    said: dict[str, Any] = form.cleaned_data
    stage = queue.stage if queue is not None else said.get("stage") or "annotate"
    settings = {name: usual if said.get(name) is None or stage != "annotate" else said[name] for name, usual in _USUAL.items()}
    thought = Queue(pk=queue.pk if queue is not None else None, project=project, stage=stage, q=said.get("q", ""), **settings)
    try:
        found, coming = asked(thought), missing(thought)
    except SluiceError:
        return Foretold(wrong=True)
    overlap = settings["overlap"] if settings["overlap_percent"] else 1
    named = set(said.get("members") or ())
    people, barred = _people(project, stage, named, queue)
    return Foretold(
        stage=stage,
        made=queue is not None,
        gold=settings["gold_percent"] >= 100,
        items=sum(found.values()),
        several=found.get(overlap, 0) if overlap > 1 else 0,
        overlap=overlap,
        answers=sum(number * items for number, items in found.items()),
        coming=coming,
        bar=said.get("agreement_bar"),
        most=said.get("overlap_most"),
        named=bool(named),
        people=people,
        barred=barred,
    )


def _people(project: Project, stage: str, named: set[int], queue: Queue | None) -> tuple[int, int]:
    """Who may work here now, and how many others might if they were let."""
    might = set(able(project, stage=stage))
    if named:
        might &= named
    paused = Pause.objects.filter(project=project, person_id__in=might)
    barred = set(paused.filter(queue=None).values_list("person_id", flat=True))
    if queue is not None:
        barred |= set(paused.filter(queue=queue).values_list("person_id", flat=True))
        barred |= set(Assignment.objects.filter(queue=queue, person_id__in=might, paused=True).values_list("person_id", flat=True))
        barred |= unqualified(queue.pk, sorted(might))
    return len(might - barred), len(barred)
