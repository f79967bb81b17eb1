"""What an erasure does to exports: their files go at once, in the erasure's transaction, and are made again without the item.

Every export of the project that was asked for since the item came in is remade, whichever versions hold the item: looking
into all shards inside the erasure would take longer than writing a few files anew. Pictures stay where they are.
"""

from __future__ import annotations

from functools import partial

from django.db import transaction

from annotate.items.erasure import erasures
from annotate.items.models import Item
from annotate.items.related import rows
from annotate.media import store
from workflows.exporters.queries import path_digest
from workflows.exporters.services import start
from workflows.releases.models import Export, ExportFile
from workflows.releases.states import EXPORT
from workflows.releases.tombstones import lock_project


def forget(item: Item, act_id: int) -> None:
    """Only what was approved once can be in a version. The lock makes exports that are about to be ready wait and look again."""
    lock_project(item.project_id)
    if not rows("Approval").filter(item=item).exists():
        return
    found = Export.objects.select_for_update(of=("self",)).select_related("version__dataset__project")
    for export in found.filter(
        version__dataset__project_id=item.project_id, created_at__gte=item.created_at, state__in=("making", "ready")
    ).order_by("pk"):
        _forget(export, item)


def _forget(export: Export, item: Item) -> None:
    erased = list(export.report.get("erased", ()))
    if export.media == "include":
        paths = ExportFile.objects.filter(export=export, item=item.pk).order_by("path").values_list("path", flat=True)
        erased.extend(path_digest(path) for path in paths)
    export.report |= {"asked": int(export.report.get("asked", 0)) + 1, "erased": erased}
    if export.state == "making":  # its job sees `asked` and begins anew
        export.save(update_fields=["report"])
        return
    export.state = EXPORT.after(export.state, "remake")
    export.save(update_fields=["report", "state"])
    base = f"{export.version.dataset.project.organisation_id}/exports/{export.pk}/"
    stored = list(ExportFile.objects.filter(export=export, stored__startswith=base).values_list("stored", flat=True))
    ExportFile.objects.filter(export=export).delete()
    start(export, by=None)
    transaction.on_commit(partial(_remove, stored))


def _remove(stored: list[str]) -> None:
    for each in stored:
        store.remove(each)


erasures.add("exports", forget)
