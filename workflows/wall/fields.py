"""What queries may ask of the wall: whether an act there was about an item. A queue that the wall fills asks it."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotate.search import columns
from annotate.search.fields import Condition, Field, declare
from workflows.wall.models import WallItem


def _walled(condition: Condition, project_id: int) -> Q:
    rows = WallItem.objects.filter(columns.plain("act_id", condition), act__project=project_id)
    return columns.there(rows, item="pk")


declare(Field("wall", "whole", _("The id of an act on the label wall that was about the item."), "wall = 12", _walled))
