"""MAJOR.MINOR.PATCH of a version, as Croissant means it: what somebody who trained on the one before must expect of this one.

PATCH: the same rows. MINOR: rows were added, and nothing else. MAJOR: rows were changed, removed or moved between splits. The first is 1.0.0.
"""

from __future__ import annotations

from collections.abc import Sequence

from workflows.releases import reading, windows
from workflows.releases.models import Version


def bounds(version: Version) -> list[windows.Bound]:
    """The version's shards with their last keys, for `windows`; `Conflict` when it is not frozen."""
    reading.shard_ids(version)
    return list(version.version_shards.order_by("ordinal").values_list("shard_id", "last_key"))


def of(version: Version) -> str:
    """What was recorded; of versions from before that was, their number says it."""
    return str(version.facts.get("meaning") or f"{version.number}.0.0")


def follow(parent: Version | None, new: Sequence[windows.Bound]) -> str:
    """What comes after `parent` with these shards; reads no more leaves than it takes to know."""
    if parent is None:
        return "1.0.0"
    major, minor, patch = (int(part) for part in of(parent).split("."))
    added = False
    for old_shards, new_shards in windows.windows(bounds(parent), new):
        old, come = windows.apart(old_shards, new_shards)
        if old:
            return f"{major + 1}.0.0"
        added = added or bool(come)
    return f"{major}.{minor + 1}.0" if added else f"{major}.{minor}.{patch + 1}"
