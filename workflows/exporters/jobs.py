"""The export job. It begins anew after a kill: nothing of an attempt counts before its last transaction."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.services import Cancelled, Work, handler
from annotate.jobs.words import KINDS
from annotate.kernel.errors import SluiceError
from workflows.exporters import erasure, making  # noqa: F401  erasure registers what it forgets
from workflows.exporters.services import MAKE

KINDS[MAKE] = gettext_lazy("Export")

@handler(MAKE)
def make_export(work: Work) -> dict[str, Any]:
    export_id = int(work.arguments["export"])
    try:
        making.make(export_id, work)
    except (Cancelled, SluiceError):  # ends for good; anything else is tried again
        making.fail(export_id)
        raise
    return {"export": export_id}
