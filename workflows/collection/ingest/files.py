"""The loop behind uploaded pictures and texts: each file becomes an item, a duplicate, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from annotate.items.adding import add_items
from annotate.items.jobs import enqueue_renditions
from annotate.items.models import Upload
from annotate.people.actor import Actor
from workflows.collection.ingest.archives import Member, Refused
from workflows.collection.ingest.ledger import Ledger
from workflows.collection.ingest.media import Taken, take
from workflows.collection.ingest.numbering import as_frame
from workflows.collection.ingest.walking import count, walk

CHUNK = 100


def run(ledger: Ledger, upload: Upload, by: Actor) -> None:
    ledger.total = count(upload)
    for chunk in _taken(ledger, upload, islice(walk(upload), ledger.position, None)):
        _add(ledger, upload, chunk, by)


def _taken(ledger: Ledger, upload: Upload, entries: Iterator[Member | Refused]) -> Iterator[list[Taken | Refused]]:
    """Files probed and stored, before any transaction, in chunks."""
    project = upload.batch.project
    framed = upload.options.get("frames") == "folder"
    chunk: list[Taken | Refused] = []
    for entry in entries:
        if isinstance(entry, Member):
            taken = take(entry, media=project.media, organisation_id=project.organisation_id)
            if framed and isinstance(taken, Taken):
                taken = replace(taken, item=as_frame(taken.item, otherwise=upload.batch.name))
            chunk.append(taken)
        else:
            chunk.append(entry)
        ledger.work.progress(ledger.position + len(chunk), ledger.total)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _add(ledger: Ledger, upload: Upload, taken: list[Taken | Refused], by: Actor) -> None:
    project = upload.batch.project
    with ledger.chunk(len(taken)) as chunk:
        items = {}
        for one in taken:
            if isinstance(one, Refused):
                chunk.refused(one)
            elif one.item.key in items:
                chunk.count("duplicate")
            else:
                items[one.item.key] = one.item
        if not items:
            return
        added = add_items(upload.batch, items.values(), by=by)
        chunk.count("accepted", len(added.accepted))
        chunk.count("duplicate", len(items) - len(added.accepted))
        blobs = [items[key].blob_id for key in added.accepted]
        enqueue_renditions(
            [blob for blob in blobs if blob is not None],
            organisation_id=project.organisation_id,
            project_id=project.pk,
            by=by,
        )
