"""Keeping what was measured: a row per content and version of its measure. Written again, it is the same row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from workflows.cleaning.measures import picture, text
from workflows.cleaning.models import LabelFacts, PictureFacts, TextFacts

_SIGN = 1 << 63


def signed(bits: int) -> int:
    """64 bits as the database's bigint holds them."""
    return bits - (1 << 64) if bits >= _SIGN else bits


def keep_pictures(found: Mapping[int, picture.PictureFacts]) -> None:
    """Facts by blob id; of blobs that have gone meanwhile they are dropped."""
    rows = [
        PictureFacts(blob_id=blob, version=picture.VERSION, **asdict(facts) | {"phash": signed(facts.phash)})
        for blob, facts in sorted(found.items())
    ]
    _upsert(PictureFacts, rows, ["blob"])


def keep_texts(organisation_id: int, found: Mapping[bytes, text.TextFacts]) -> None:
    """Facts by the sha256 of the text."""
    rows = []
    for digest, facts in sorted(found.items()):
        values = asdict(facts)
        bands = b"".join(band.to_bytes(8, "little") for band in values.pop("bands"))
        values |= {"normal": signed(facts.normal), "bands": bands}
        rows.append(TextFacts(organisation_id=organisation_id, sha256=digest, version=text.VERSION, **values))
    _upsert(TextFacts, rows, ["organisation", "sha256"])


def keep_labels(rows: Iterable[LabelFacts]) -> None:
    _upsert(LabelFacts, sorted(rows, key=lambda row: row.annotation_id), ["annotation"])


def _upsert(model: Any, rows: Sequence[Any], once: list[str]) -> None:
    """The newest measure of each; in the order of their keys, so that two writers never wait for each other crosswise."""
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key and field.name not in once]
    model.objects.bulk_create(rows, update_conflicts=True, update_fields=fields, unique_fields=once, batch_size=500)
