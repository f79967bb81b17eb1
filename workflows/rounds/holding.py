"""A verdict on which a round was decided stands: the items that nobody looked at were approved, or sent back, because of it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotate.reviews.models import Review
from annotate.reviews.undoing import holders
from workflows.rounds.models import RoundItem
from workflows.rounds.states import DECIDED


@holders.register("rounds")
def decided(review: Review) -> str:
    """Asked with the tasks locked, as a decision locks them: either it is taken back in time, or not at all."""
    held = RoundItem.objects.filter(item=review.item_id, review=review, round__state__in=DECIDED).select_related("round").first()
    if held is None:
        return ""
    return _("review round %(n)s was decided on this verdict") % {"n": held.round.number}
