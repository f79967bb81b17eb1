"""The facts of a stored picture."""

from __future__ import annotations

from PIL import Image, ImageOps

from annotate.media import store
from annotate.media.models import Blob
from annotate.media.probe import FORMATS, orientation_of
from workflows.cleaning.measures import picture
from workflows.cleaning.measures.picture import PictureFacts


def look_at(blob: Blob) -> PictureFacts:
    """Measured from its bytes; `fault` says why they cannot be."""
    orientation = int(blob.facts.get("orientation") or 0)
    try:
        with store.local(store.blob_path(blob.organisation_id, blob.hex)) as file:
            file.seek(0)
            with Image.open(file, formats=FORMATS) as opened:
                opened.draft(None, (picture.EDGE, picture.EDGE))
                opened.load()
                upright = ImageOps.exif_transpose(opened) if orientation_of(opened) != 1 else opened
                return picture.measure(upright, orientation)
    except FileNotFoundError:
        return picture.unreadable("missing_bytes")
    except Exception:  # noqa: BLE001  decoders raise what they like
        return picture.unreadable("broken")
