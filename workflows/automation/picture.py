"""The picture of a project's flow: its stages with how many items stand there, how long, and what keeps them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from annotate.items.gallery_pages import address
from annotate.items.models import Batch
from annotate.kernel.words import share
from annotate.projects.models import Project
from annotate.search.writing import quoted
from workflows.automation.models import Step, Switch
from workflows.automation.places import Here, standing
from workflows.automation.wording import KINDS, PLACES, why_words
from workflows.cleaning.models import Gate
from workflows.releases.models import Version
from workflows.rounds.models import Round
from workflows.rounds.states import LIVE

SHOWN = 3  # batches that are named at one stage
NAMED = 20  # batches that a link to items may name
# The stage that a step leads to.
LEADS = {"checks": "gate", "gate": "gate", "queue": "annotate", "round": "review", "version": "version"}


@dataclass(frozen=True)
class Note:
    """What keeps items at a stage. `kind`: of the look: bad, warn, info, idle."""

    kind: str
    words: str
    href: str = ""


@dataclass
class Stage:
    """`number` of a review, else 0. `steps`: what leads here, each by itself or by hand."""

    name: str
    number: int
    word: str
    href: str
    items: int = 0
    since: dt.datetime | None = None
    notes: list[Note] = field(default_factory=list)
    more: int = 0
    steps: list[tuple[str, bool]] = field(default_factory=list)

    def note(self, *notes: Note) -> None:
        for one in notes:
            if len(self.notes) < SHOWN:
                self.notes.append(one)
            else:
                self.more += 1


def picture(project: Project, document: Mapping[str, Any], switches: Sequence[Switch], *, opens: bool = True) -> list[Stage]:
    """The stages in their order. Items count once: their sum, without the version's, is all there are. Who does not `open` rounds is not
    led to them."""
    here, troubles = standing(project.pk), _troubles(project)
    reviews = max(1, len(document["review"]))
    at_round = _rounds_of(project)
    stages = {(name, number): Stage(name, number, word, "") for name, number, word in _named(document, reviews, here)}
    batches: dict[tuple[str, int], list[Here]] = defaultdict(list)
    for one in here:
        number = min(at_round.get(one.batch, 1), reviews) if one.place == "review" else 0
        stage = stages["gate" if one.place == "held" else one.place, number]
        stage.items += one.items
        stage.since = min(filter(None, (stage.since, one.since)), default=None)
        batches[one.place, number].append(one)
    _link(project, stages, batches, reviews)
    _gates(project, stages, batches)
    _labelling(project, stages, batches)
    _reviews(project, stages, at_round, reviews, opens)
    _version(project, stages, document)
    for step in troubles:
        stages[LEADS[step.kind], min(step.number, reviews) if step.kind == "round" else 0].note(_trouble(step))
    on = {switch.kind: switch.on for switch in switches}
    for kind, name in LEADS.items():
        for stage in stages.values():
            if stage.name == name:
                stage.steps.append((str(KINDS[kind]), on.get(kind, False)))
    return list(stages.values())


def _named(document: Mapping[str, Any], reviews: int, here: Sequence[Here]) -> list[tuple[str, int, str]]:
    rounds = [("review", n, str(PLACES["review"]) if reviews == 1 else _("Review %(n)s") % {"n": n}) for n in range(1, reviews + 1)]
    found = [("collect", 0, str(PLACES["collect"])), ("gate", 0, str(PLACES["gate"])), ("annotate", 0, str(PLACES["annotate"])), *rounds]
    if document.get("adjudicate") is not None or any(one.place == "adjudicate" for one in here):
        found.append(("adjudicate", 0, str(PLACES["adjudicate"])))
    return [*found, ("approved", 0, str(PLACES["approved"])), ("version", 0, str(PLACES["version"]))]


def _items(project: Project, q: str) -> str:
    return f"/p/{project.pk}/items" + address(q=q)


def _link(project: Project, stages: Mapping[tuple[str, int], Stage], batches: Mapping[tuple[str, int], list[Here]], reviews: int) -> None:
    names = dict(Batch.objects.filter(pk__in={one.batch for key in batches if key[0] == "review" for one in batches[key]}).values_list("pk", "name"))
    for (name, number), stage in stages.items():
        q = "place in (gate, held)" if name == "gate" else f"place = {name}"
        if name == "review" and reviews > 1 and 0 < len(batches[name, number]) <= NAMED:
            q += f" and batch in ({', '.join(quoted(names[one.batch]) for one in batches[name, number])})"
        stage.href = f"/p/{project.pk}/versions" if name == "version" else _items(project, q)


def _gates(project: Project, stages: Mapping[tuple[str, int], Stage], batches: Mapping[tuple[str, int], list[Here]]) -> None:
    stage = stages["gate", 0]
    if held := sum(one.items for one in batches["held", 0]):
        stage.note(Note("warn", _("In quarantine: %(n)s") % {"n": held}, _items(project, "place = held")))
    gated = [one.batch for one in batches["gate", 0]]
    for gate in Gate.objects.filter(batch__in=gated).exclude(state="open").select_related("batch").order_by("batch")[: SHOWN + 20]:
        values = {"batch": gate.batch.name, "share": share(gate.share or 0.0), "bar": share(gate.bar)}
        words = _("%(batch)s: shut, %(share)s in quarantine, at most %(bar)s") if gate.state == "shut" else _("%(batch)s: waits for its checks")
        stage.note(Note("bad" if gate.state == "shut" else "info", words % values, f"/batches/{gate.batch_id}#checks"))


def _labelling(project: Project, stages: Mapping[tuple[str, int], Stage], batches: Mapping[tuple[str, int], list[Here]]) -> None:
    if unasked := sum(one.unasked for one in batches["annotate", 0]):
        stages["annotate", 0].note(Note("warn", _("In no queue: %(n)s") % {"n": unasked}, _items(project, "place = annotate and unasked")))
    if collected := batches["collect", 0]:
        stages["collect", 0].note(Note("idle", _("Open batches: %(n)s") % {"n": len(collected)}, f"/p/{project.pk}/batches"))


def _rounds_of(project: Project) -> dict[int, int]:
    """Batch → the review that its answers wait for."""
    rows = Step.objects.filter(passage__batch__project=project, passage__ended_at=None, kind="round").exclude(state__in=("done", "skipped"))
    found: dict[int, int] = {}
    for batch, number in rows.order_by("-number").values_list("passage__batch", "number"):
        found[batch] = number
    return found


def _reviews(project: Project, stages: Mapping[tuple[str, int], Stage], at_round: Mapping[int, int], reviews: int, opens: bool) -> None:
    for made in Round.objects.filter(batch__project=project, state__in=LIVE).select_related("batch").order_by("pk")[: SHOWN + 20]:
        words = _("%(batch)s: round %(n)s under way") % {"batch": made.batch.name, "n": made.number}
        stages["review", min(at_round.get(made.batch_id, 1), reviews)].note(Note("info", words, f"/p/{project.pk}/rounds/{made.pk}" if opens else ""))
    first = stages["review", 1]
    if first.items and not first.notes:
        first.note(Note("idle", _("No round is under way"), f"/p/{project.pk}/reviews" if opens else ""))


def _version(project: Project, stages: Mapping[tuple[str, int], Stage], document: Mapping[str, Any]) -> None:
    stage, rows = stages["version", 0], Version.objects.filter(dataset__project=project)
    if (release := document.get("release")) is not None:
        rows = rows.filter(dataset=release["dataset"])
    newest = rows.filter(state="frozen").order_by("-frozen_at", "-id").first()
    if newest is not None:
        stage.items, stage.since = int(newest.counts.get("items", 0)), newest.frozen_at
        stage.href = f"/versions/{newest.pk}"
        stage.note(Note("idle", _("Newest: version %(n)s") % {"n": newest.number}, stage.href))


def _troubles(project: Project) -> list[Step]:
    """Steps that wait for a person's word, those that failed first."""
    rows = Step.objects.filter(passage__batch__project=project, passage__ended_at=None).exclude(reason="").select_related("passage__batch")
    return [step for step in rows.order_by("state", "pk") if step.state in ("failed", "stopped") or step.refused_at is not None][: SHOWN + 20]


def _trouble(step: Step) -> Note:
    words = why_words(step.reason, step.about)
    if step.refused_at is not None and step.state == "waiting":
        words = _("blocked by: %(why)s") % {"why": words}
    named = _("%(batch)s: %(why)s") % {"batch": step.passage.batch.name, "why": words}
    return Note("bad" if step.state == "failed" else "warn", named, f"/batches/{step.passage.batch_id}#way-steps")
