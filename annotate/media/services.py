"""Taking bytes in: hashed as they stream, stored once per organisation, with the facts that probing found.

A blob's row and its bytes are kept together by an advisory lock: storing holds it shared, purging (after an erasure)
alone, so that bytes cannot be deleted under a row that is just being made.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from annotate.media import store
from annotate.media.facts import Facts, Refused
from annotate.media.models import Blob
from annotate.media.sniffing import sniff

_NAMESPACE = 5_107_001  # of advisory locks that guard stored bytes


def _lock(organisation_id: int, *, alone: bool) -> None:
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_NAMESPACE, organisation_id % 2**31])


def store_file(file: Any, *, organisation_id: int, facts: Facts | None = None) -> Blob:
    """The blob of this content, stored if it is new. Without `facts` the type is told from the first bytes alone."""
    with store.rewindable(file) as (content, digest, size), transaction.atomic():
        _lock(organisation_id, alone=False)
        known = Blob.objects.filter(organisation_id=organisation_id, sha256=digest).first()
        path = store.blob_path(organisation_id, digest.hex())
        if known is None or not store.exists(path):
            content.seek(0)
            store.put(path, content)
        if known is None:
            content.seek(0)
            kind = facts.type if facts else sniff(content.read(64)) or "application/octet-stream"
            Blob.objects.bulk_create(
                [
                    Blob(
                        organisation_id=organisation_id,
                        sha256=digest,
                        size=size,
                        type=kind,
                        width=facts.width if facts else None,
                        height=facts.height if facts else None,
                        facts=facts.document() if facts else {},
                    )
                ],
                ignore_conflicts=True,
            )
            known = Blob.objects.get(organisation_id=organisation_id, sha256=digest)
        if facts and not known.facts.get("format"):
            _learn(known, facts)
        return known


def _learn(blob: Blob, facts: Facts) -> None:
    blob.type, blob.width, blob.height = facts.type, facts.width, facts.height
    blob.facts = blob.facts | facts.document()
    blob.save(update_fields=["type", "width", "height", "facts"])


def verify(blob: Blob) -> None:
    """Decode every byte of a stored picture and keep its facts; raises `Refused` when it is none, FileNotFoundError when it is gone."""
    from annotate.media.probe import probe  # with the decoder, which idle processes do without

    with store.local(store.blob_path(blob.organisation_id, blob.hex)) as file:
        _learn(blob, probe(file))


def _probed(file: Any, organisation_id: int, look: Any) -> Blob:
    with store.rewindable(file) as (content, digest, _size):
        known = Blob.objects.filter(organisation_id=organisation_id, sha256=digest).first()
        facts = None if known is not None and known.facts.get("format") else look(content)
        content.seek(0)
        return store_file(content, organisation_id=organisation_id, facts=facts)


def probe_and_store_picture(file: Any, *, organisation_id: int) -> Blob:
    """The blob of a picture whose every byte was decoded; raises `Refused` and stores nothing when it is not one.

    Content that this organisation has probed before is not decoded again.
    """
    from annotate.media.probe import probe  # with the decoder, which idle processes do without

    blob = _probed(file, organisation_id, probe)
    if not blob.type.startswith("image/"):
        raise Refused("not_a_picture", "this is not a picture")
    return blob


def probe_and_store_text(file: Any, *, organisation_id: int) -> tuple[Blob, str]:
    """The blob of a UTF-8 text and the text itself; raises `Refused` when it is not one."""
    from annotate.media.probe import probe_text  # with the decoder, which idle processes do without

    with store.rewindable(file) as (content, _digest, _size):
        facts, text = probe_text(content)
        content.seek(0)
        return store_file(content, organisation_id=organisation_id, facts=facts), text


def purge(organisation_id: int, sha256: bytes) -> bool:
    """Delete bytes and renditions that no blob row speaks for; True when they are gone (also when they already were)."""
    with transaction.atomic():
        _lock(organisation_id, alone=True)
        if Blob.objects.filter(organisation_id=organisation_id, sha256=sha256).exists():
            return False
        from annotate.media.renditions import NAMES

        folder = store.rendition_folder(organisation_id, sha256.hex())
        for name in {*NAMES, *store.listed(folder)}:  # crops have names of their own
            store.remove(f"{folder}/{name}")
        store.remove(store.blob_path(organisation_id, sha256.hex()))
    return True
