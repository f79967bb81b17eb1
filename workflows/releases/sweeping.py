"""Files of shards that no row speaks for: written by a cut that was killed before it could say so. They go after a day."""

from __future__ import annotations

import datetime as dt

from django.core.files.storage import default_storage
from django.utils import timezone

from annotate.media import store
from annotate.people.models import Organisation
from workflows.releases.models import Shard

AFTER = dt.timedelta(days=1)


def sweep(now: dt.datetime | None = None) -> int:
    """Delete them; how many. A cut under way has its rows long before a day is over."""
    end = (now or timezone.now()) - AFTER
    gone = 0
    for organisation_id in Organisation.objects.values_list("pk", flat=True):
        for folder in _listed(f"{organisation_id}/shards")[0]:
            paths = [f"{organisation_id}/shards/{folder}/{name}" for name in _listed(f"{organisation_id}/shards/{folder}")[1]]
            known = set(Shard.objects.filter(stored__in=paths).values_list("stored", flat=True))
            for path in paths:
                if path not in known and default_storage.get_modified_time(path) < end:
                    store.remove(path)
                    gone += 1
    return gone


def _listed(path: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(path)
    except FileNotFoundError:
        return [], []
