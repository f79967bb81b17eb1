"""Blobs of one organisation; another's bytes are never found, whatever digest is named."""

from __future__ import annotations

from collections.abc import Iterable

from annotate.media.models import Blob


def by_sha256(organisation_id: int, digests: Iterable[bytes]) -> dict[bytes, Blob]:
    """The organisation's blobs with these sha256, by digest."""
    rows = Blob.objects.filter(organisation_id=organisation_id, sha256__in=list(digests))
    return {bytes(blob.sha256): blob for blob in rows}
