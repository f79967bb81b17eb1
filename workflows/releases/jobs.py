"""Background work of releases: cutting a version, and removing files that an erasure replaced."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.running import TRIES
from annotate.jobs.services import Cancelled, Superseded, Work, handler
from annotate.jobs.words import KINDS
from annotate.jobs.work import Interrupted
from annotate.kernel.errors import Invalid, SluiceError
from annotate.kernel.registry import ticks
from annotate.media import store
from workflows.releases.cutting import build
from workflows.releases.freezing import PlacesMoved, fail, freeze
from workflows.releases.models import Shard, Version
from workflows.releases.services import CUT
from workflows.releases.sweeping import sweep
from workflows.releases.tombstones import PURGE

KINDS[CUT] = gettext_lazy("Cut of a version")
KINDS[PURGE] = gettext_lazy("Removing erased rows")


@handler(CUT)
def cut(work: Work) -> dict[str, Any]:
    """{"version": id}. Done already by an attempt that died before it could say so: the same answer again."""
    version = Version.objects.select_related("dataset__project").filter(pk=work.arguments["version"]).first()
    if version is None:
        raise Invalid("the dataset of this version has gone")
    if version.state == "failed":
        raise Invalid("this cut has failed: ask for another version")
    if version.number is None:
        try:
            _whole(version, work)
        except (Superseded, Interrupted):
            raise
        except (Cancelled, SluiceError):
            fail(version.pk, by=work.by)
            raise
        except Exception:
            if work.attempt >= TRIES:
                fail(version.pk, by=work.by)
            raise
    return {"version": version.pk}


def _whole(version: Version, work: Work) -> None:
    for last in (False, False, False, False, True):
        try:
            freeze(version, build(version, work), by=work.by)
        except PlacesMoved:
            if last:
                raise
        else:
            return


@handler(PURGE)
def purge(work: Work) -> dict[str, Any]:
    """Delete files that shards had before an erasure; one that a shard has (again) stays."""
    paths = [str(path) for path in work.arguments["paths"]]
    kept = set(Shard.objects.filter(stored__in=paths).values_list("stored", flat=True))
    for path in paths:
        if path not in kept:
            store.remove(path)
    return {"files": len(paths) - len(kept)}


ticks.add("sweep shards", (86_400.0, sweep))
