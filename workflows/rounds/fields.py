"""What queries may ask of rounds: whether an item is in the sample of one. A round's own queue asks it."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotate.queues.apart import apart
from annotate.search import columns
from annotate.search.fields import Condition, Field, declare
from workflows.rounds.models import RoundItem


def _sampled(condition: Condition, project_id: int) -> Q:
    rows = RoundItem.objects.filter(columns.plain("round_id", condition), sampled=True, round__batch__project=project_id)
    return columns.there(rows, item="pk")


declare(Field("round", "whole", _("The id of a review round in whose sample the item was."), "round = 12", _sampled))
# Until a round is over its items are judged for it, in its own queue, or for nobody.
apart.add(
    "rounds",
    "EXISTS (SELECT 1 FROM workflows_rounditem x JOIN workflows_round y ON y.id = x.round_id"
    " WHERE x.item_id = i.id AND x.live AND (NOT x.sampled OR y.queue_id IS DISTINCT FROM {queue}))",
)
