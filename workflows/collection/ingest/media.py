"""One uploaded file into what an item is made of: a stored picture, or a text."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from annotate.items.adding import NewItem
from annotate.kernel.errors import Invalid, TooLarge
from annotate.media.probe import probe_text
from annotate.media.services import probe_and_store_picture
from workflows.collection.ingest.archives import Member, Refused
from workflows.collection.ingest.names import ending
from workflows.collection.ingest.walking import seekable


@dataclass(frozen=True)
class Taken:
    """What became of a file: an item to add, with its blob when it has one."""

    item: NewItem
    place: str


def take(member: Member, *, media: str, organisation_id: int) -> Taken | Refused:
    """Probe and store the file; a refusal says why it is not an item of such a project."""
    try:
        with seekable(member) as content:
            if media == "text":
                if ending(member.path) not in (".txt", ".text"):
                    raise Invalid("texts come as .txt files or in a manifest", code="wrong_media")
                _facts, text = probe_text(content)
                item = NewItem(key=member.path, text=text, sha256=hashlib.sha256(text.encode()).digest())
                return Taken(item, member.place)
            blob = probe_and_store_picture(content, organisation_id=organisation_id)
    except (Invalid, TooLarge) as error:
        return Refused(member.place, error.code, error.detail)
    captured = blob.facts.get("captured_at")
    item = NewItem(
        key=member.path,
        blob_id=blob.pk,
        sha256=bytes(blob.sha256),
        width=blob.width,
        height=blob.height,
        captured_at=dt.datetime.fromisoformat(captured) if isinstance(captured, str) else None,
    )
    return Taken(item, member.place)
