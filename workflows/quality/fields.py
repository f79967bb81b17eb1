"""What queries may ask of the consensus: what became of an item in the last run that looked at it. An adjudication queue asks it."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotate.search import columns
from annotate.search.fields import Condition, Field, declare
from workflows.quality.models import ConsensusItem
from workflows.quality.states import DECIDED, LEFT

UNDONE = "undone"


def _consensus(condition: Condition, project_id: int) -> Q:
    values = set(condition.values)
    rows = ConsensusItem.objects.filter(last=True)
    found = Q(outcome__in=values - {DECIDED, UNDONE})
    if DECIDED in values:
        found |= Q(outcome=DECIDED) & ~Q(undone=UNDONE)
    if UNDONE in values:
        found |= Q(undone=UNDONE)
    return columns.there(rows.filter(found), item="pk")


declare(
    Field(
        "consensus", "choice", _("What the last consensus run made of the item: decided, or why it was left."), 'consensus in ("tie", "below_quorum")',
        _consensus, options=(DECIDED, *LEFT, UNDONE),
    )
)  # fmt: skip
