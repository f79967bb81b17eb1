"""What the gates of batches and slices say now: the rule, each of its parts with the figure behind it, and whether a manager opened it.

A batch without a gate of its own has the project's; a slice has its own or none. Only reads, so it can be asked within a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from annotate.items.models import Item
from annotate.projects.models import Project
from annotate.search.compile import compile_query
from annotate.search.errors import QueryError
from annotate.search.tree import Node
from workflows.gating.expression import read
from workflows.gating.logic import NOT_ENOUGH, PASS, Figure, Outcome, Part, comparisons, judge
from workflows.gating.measuring import ALL, Asked, Scope, figures
from workflows.gating.models import GateOpening, ReleaseGate
from workflows.releases.models import Slice

OPENED = "opened"


@dataclass(frozen=True)
class Judged:
    """`of` says whose rule it is: batch, project or slice. `said`: pass, fail or not_enough, by the figures; `opening`: a manager's word
    that lets it pass all the same, where there is one that still holds."""

    gate: ReleaseGate
    of: str
    outcome: Outcome
    opening: GateOpening | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return self.outcome.state

    @property
    def state(self) -> str:
        return OPENED if self.opening is not None and self.said != PASS else self.said

    @property
    def lets_through(self) -> bool:
        return self.state in (PASS, OPENED)

    @property
    def waits(self) -> bool:
        """Whether it is the cut alone that can tell: what is behind it is too much to look at now."""
        return self.state == NOT_ENOUGH and any(part.figure.why == "large" for part in self.outcome.blamed)

    @property
    def why(self) -> str:
        """What failed, each part with its figure."""
        return "; ".join(told(part) for part in self.outcome.blamed)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        opening = self.opening
        return {
            **self.about,
            "of": self.of,
            "expression": self.gate.expression,
            "state": self.state,
            "said": self.said,
            "parts": [present_part(part) for part in self.outcome.parts],
            "failed": [part.text for part in self.outcome.blamed],
            "why": self.why,
            "opened": opening and {"by": opening.opened_by_id, "reason": opening.reason, "at": opening.opened_at.isoformat()},
        }


def present_part(part: Part) -> dict[str, Any]:
    figure = part.figure
    about = {"text": part.text, "column": part.column, "state": part.state, "measure": part.name, "label": part.argument, "end": part.end or None}
    return {**about, "value": figure.value, "low": figure.low, "high": figure.high, "of": figure.of, "why": figure.why}


def told(part: Part) -> str:
    """ "agreement >= 0.8: 0.62 (0.55 – 0.69) on 120", "gold_accuracy >= 0.95: not enough, on 4"; in a job always in English."""
    figure = part.figure
    if part.state == NOT_ENOUGH:
        return _("%(part)s: not enough, on %(n)d") % {"part": part.text, "n": figure.of}
    between = f" ({figure.low:.3g} – {figure.high:.3g})" if figure.low is not None and figure.high is not None and figure.low != figure.high else ""
    return _("%(part)s: %(value)s on %(n)d") % {"part": part.text, "value": f"{figure.value:.4g}{between}", "n": figure.of}


def of_batches(project: Project, batches: Mapping[int, str], *, at_once: bool = True) -> dict[int, Judged]:
    """By batch: what its gate says; `batches` are ids with names. Those without a gate, of their own or by the project, are left out."""
    rows = {row.batch_id: row for row in ReleaseGate.objects.filter(project=project, slice=None)}
    gates = {pk: gate for pk in batches if (gate := rows.get(pk) or rows.get(None)) is not None}
    if not gates:
        return {}
    nodes = {gate.expression: _node(gate.expression) for gate in gates.values()}
    by_rule: dict[str, list[int]] = {}
    for pk, gate in gates.items():
        by_rule.setdefault(gate.expression, []).append(pk)
    openings = _openings(GateOpening.objects.filter(batch__in=list(gates), ended_at=None).select_related("opened_by"))
    found: dict[int, Judged] = {}
    for expression, some in by_rule.items():
        measured = _measured(Scope(project, batches=some, at_once=at_once), nodes[expression])
        for pk in some:
            about = {"batch": pk, "slice": None, "name": batches[pk]}
            outcome = _outcome(nodes[expression], measured[pk])
            opening = openings.get(pk)
            holds = opening if opening is not None and opening.expression == expression else None
            found[pk] = Judged(gates[pk], "batch" if gates[pk].batch_id else "project", outcome, holds, about)
    return found


def of_slices(project: Project, slices: Sequence[Slice], *, at_once: bool = True) -> dict[int, Judged]:
    """By slice, of those that have a gate."""
    found: dict[int, Judged] = {}
    gates = {row.slice_id: row for row in ReleaseGate.objects.filter(project=project, slice__in=list(slices))}
    for one in slices:
        gate = gates.get(one.pk)
        if gate is None:
            continue
        about = {"batch": None, "slice": one.pk, "name": one.name}
        items, node = items_of(one), _node(gate.expression)
        measured = {ALL: dict.fromkeys(_asked(node), Figure())} if items is None else _measured(Scope(project, items=items, at_once=at_once), node)
        opening = GateOpening.objects.filter(slice=one, ended_at=None, expression=gate.expression).select_related("opened_by").first()
        if opening is not None and items is not None and newest(items) > opening.last_item:
            opening = None
        found[one.pk] = Judged(gate, "slice", _outcome(node, measured[ALL]), opening, about)
    return found


def items_of(one: Slice) -> Any:
    """The items of a slice, None when its query cannot be asked any more."""
    try:
        return Item.objects.filter(compile_query(one.q, one.project_id), project=one.project_id)
    except QueryError:
        return None


def newest(items: Any) -> int:
    """The id of the item that came last."""
    return items.order_by().aggregate(last=Max("pk"))["last"] or 0


def _openings(rows: Iterable[GateOpening]) -> dict[int, GateOpening]:
    """Those after which no item came."""
    by_batch = {row.batch_id: row for row in rows if row.batch_id is not None}
    last = dict(Item.objects.filter(batch__in=list(by_batch)).order_by().values("batch").annotate(last=Max("pk")).values_list("batch", "last"))
    return {pk: row for pk, row in by_batch.items() if (last.get(pk) or 0) <= row.last_item}


def _node(expression: str) -> Node:
    return read(expression)  # it was read when it was set; a label that has gone since is asked for and not found


def _asked(node: Node) -> list[Asked]:
    return [(one.name.text.lower(), one.name.argument.text if one.name.argument is not None else None) for one in comparisons(node)]


def _measured(scope: Scope, node: Node) -> dict[int, dict[Asked, Figure]]:
    return figures(scope, _asked(node))


def _outcome(node: Node, known: Mapping[Asked, Figure]) -> Outcome:
    return judge(node, lambda name, label: known[name, label])
