"""What a webhook may be told, and the thin document that tells it: ids and names, never content."""

from __future__ import annotations

from typing import Any

import orjson

from annotate.activity.models import Activity

# event → the act of the record that it tells of.
EVENTS = {
    "tag.moved": "tag.set",
    "export.ready": "export.ready",
    "version.frozen": "version.freeze",
    "version.withdrawn": "version.withdraw",
}
BY_VERB = {verb: event for event, verb in EVENTS.items()}
TEST = "webhook.test"
_TOLD = ("dataset", "version", "number", "name", "format", "split", "media", "items")


def document(event: str, *, at: str, project: int, data: dict[str, Any]) -> str:
    """{"type", "timestamp", "data": {"project", …}} as text, the way that it is signed."""
    return orjson.dumps({"type": event, "timestamp": at, "data": {"project": project, **data}}).decode()


def of_activity(row: Activity) -> str:
    """The document of an act: its noun's id and the ids and names that were recorded with it."""
    noun = {"tag": "tag_id"}.get(row.noun, row.noun)
    data: dict[str, Any] = {noun: row.noun_id} | {name: row.data[name] for name in _TOLD if name in row.data}
    if row.noun == "tag":
        data["tag"] = data.pop("name", None)
    at = row.at.isoformat().replace("+00:00", "Z")
    return document(BY_VERB[row.verb], at=at, project=row.project_id or 0, data=data)
