"""What queries may ask of the line: whether an item is asked of anybody yet. A batch's own queue takes up what is not."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotate.queues.models import Task
from annotate.search import columns
from annotate.search.fields import Field, declare

TO_LABEL = ("new", "withdrawn")


def unasked() -> Q:
    """Items that are to be labelled and that no queue has, or had until somebody took them out."""
    tasks = Task.objects.filter(queue__stage="annotate", gold=False)
    live, void = columns.there(tasks.exclude(queue__state="closed"), item="pk"), columns.there(tasks.filter(state="void"), item="pk")
    return Q(state__in=TO_LABEL) & ~live & ~void


declare(
    Field("unasked", "flag", _("Whether the item is to be labelled and no queue asks anybody for it."), "unasked", lambda c, p: columns.flag(c, unasked())),
)
