"""Facts of pictures: taken while their thumbnail is made, or of stored bytes for those that nobody has looked at yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from django.db import connection

from annotate.media import services
from annotate.media.facts import Refused
from annotate.media.looking import Look, looks
from annotate.media.models import Blob

if TYPE_CHECKING:
    from PIL import Image

# numpy and the decoder are imported where they are used: an idle process does without.
_WANTED = """
SELECT b.id FROM annotate_blob b WHERE b.id = ANY(%s::bigint[])
  AND NOT EXISTS (SELECT 1 FROM workflows_picturefacts p WHERE p.blob_id = b.id AND p.version = %s)
"""


def _wants(blob_ids: Sequence[int]) -> Collection[int]:
    from workflows.cleaning.measures import picture

    with connection.cursor() as cursor:
        cursor.execute(_WANTED, [list(blob_ids), picture.VERSION])
        return [row[0] for row in cursor.fetchall()]


def _see(blob: Blob, seen: Image.Image) -> None:
    from workflows.cleaning import facts
    from workflows.cleaning.measures import picture

    facts.keep_pictures({blob.pk: picture.measure(seen, _orientation(blob))})


def _fault(blob: Blob, code: str) -> None:
    from workflows.cleaning import facts
    from workflows.cleaning.measures import picture

    facts.keep_pictures({blob.pk: picture.unreadable(code)})


def look(blob: Blob) -> None:
    """Measure a stored picture and keep its facts; of one that cannot be read, why."""
    from annotate.media.renditions import make

    try:
        if "pixels" not in blob.facts:  # stored without having been decoded
            services.verify(blob)
        make(blob, (), lambda seen: _see(blob, seen))
    except Refused as error:
        _fault(blob, error.code)
    except OSError:
        _fault(blob, "missing_bytes")


def _orientation(blob: Blob) -> int:
    return int(blob.facts.get("orientation") or 0)


looks.add("facts", Look(_wants, _see, _fault))
