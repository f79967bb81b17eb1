"""What queries may ask of an item's reviews and approval."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotate.reviews.models import Approval, Review
from annotate.search import columns
from annotate.search.fields import Condition, Field, declare


def _reviewed_by(condition: Condition, project_id: int) -> Q:
    reviews = Review.objects.filter(columns.plain("person__name", condition), item__project_id=project_id)
    return columns.there(reviews, item="pk")


def _approved(condition: Condition, project_id: int) -> Q:
    return columns.flag(condition, columns.there(Approval.objects.filter(ended_at__isnull=True), item="pk"))


declare(
    Field("reviewed_by", "name", _("Who has reviewed the item."), 'reviewed_by = "ola"', _reviewed_by),
    Field("approved", "flag", _("Whether an approval of the item stands."), "not approved", _approved),
)
