"""What people are told of their answers to items whose truth is known, in queues that say so: how right, and kinds of errors, never the truth.

An answer that its author was told about stays as it is, or they would mend it until it is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from annotate.kernel.errors import Conflict
from annotate.kernel.registry import Registry
from annotate.queues.models import Queue

# "scored": ids of tasks → {"score": 0 to 1, "errors": some of missing, extra, wrong_label, attribute, answer} of the gold among them whose
# answer is measured; all others are left out.
feedback: Registry[Callable[[Sequence[int]], dict[int, dict[str, Any]]]] = Registry("feedback on gold")


def told(queue: Queue, task_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By task, of a queue that tells; {} of one that does not."""
    return feedback.get("scored")(task_ids) if queue.gold_feedback and task_ids and "scored" in feedback else {}


def require_untold(queue: Queue, task_id: int) -> None:
    """`Conflict` told, once its author knows how right the answer was."""
    if told(queue, [task_id]):
        raise Conflict(_("You were told how right this answer is: it stays as it is."), code="told")
