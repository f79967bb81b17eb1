"""What is shown is upright, small enough and free of metadata; the full picture keeps its pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from annotate.media import flattening, store
from annotate.media.flattening import flat
from annotate.media.models import Blob
from annotate.media.probe import Refused
from annotate.media.renditions import remake, rendition
from annotate.media.services import probe_and_store_picture
from annotate.media.stripping import strip_jpeg, strip_png, strip_webp


def _stored(world: Any, content: bytes) -> Blob:
    return probe_and_store_picture(io.BytesIO(content), organisation_id=world.organisation.pk)


def _served(blob: Blob, size: str) -> tuple[bytes, str, Image.Image]:
    path, kind = rendition(blob, size)
    with default_storage.open(path) as file:
        content = bytes(file.read())
    return content, kind, Image.open(io.BytesIO(content))


def _gradient(width: int, height: int, mode: str = "RGB") -> Image.Image:
    across = np.linspace(0, 255, width, dtype=np.uint8)[None, :].repeat(height, 0)
    down = np.linspace(0, 255, height, dtype=np.uint8)[:, None].repeat(width, 1)
    return Image.fromarray(np.dstack([across, down, across // 2])).convert(mode)


def _save(picture: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def _exif(orientation: int = 1, place: bool = True) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET-CAMERA"
    if place:
        exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)}
    return exif


def test_sizes_are_bounded_by_their_longest_side(world: Any) -> None:
    blob = _stored(world, _save(_gradient(2400, 1200), "JPEG"))
    assert _served(blob, "thumb")[2].size == (256, 128)
    assert _served(blob, "display")[2].size == (1600, 800)
    assert _served(blob, "full")[2].size == (2400, 1200)
    assert blob.facts["renditions"] == {"thumb": "thumb.jpg", "display": "display.jpg", "full": "."}


def test_a_small_picture_is_not_blown_up(world: Any) -> None:
    content = _save(_gradient(40, 30), "PNG")
    blob = _stored(world, content)
    assert _served(blob, "thumb")[2].size == (40, 30)
    assert _served(blob, "display")[0] == _served(blob, "full")[0]
    assert np.array_equal(np.asarray(_served(blob, "display")[2]), np.asarray(_gradient(40, 30)))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_served_upright(world: Any, format: str, orientation: int) -> None:
    wanted = _gradient(120, 80)
    inverse = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
               5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
               8: Image.Transpose.ROTATE_270}[orientation]  # fmt: skip
    stored = wanted.transpose(inverse) if inverse is not None else wanted
    options = {"quality": 95} if format in ("JPEG", "WEBP") else {}
    blob = _stored(world, _save(stored, format, exif=_exif(orientation, format != "TIFF"), **options))
    assert (blob.width, blob.height) == (120, 80)
    for size in ("thumb", "display", "full"):
        content, _kind, served = _served(blob, size)
        assert served.size == (120, 80)
        off = np.abs(np.asarray(served.convert("RGB"), dtype=int) - np.asarray(wanted, dtype=int)).mean()
        assert off < 6, (size, off)
        assert served.getexif().get(0x0112, 1) == 1
        assert b"SECRET-CAMERA" not in content


def test_real_orientations_show_one_scene(world: Any, data: Callable[[str], Path]) -> None:
    first = None
    for path in sorted(data("exif_orientation").glob("*.jpg")):
        small = np.asarray(_served(_stored(world, path.read_bytes()), "thumb")[2].convert("L"), dtype=int)
        first = small if first is None else first
        assert np.abs(small - first).mean() < 12, path.name


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_metadata_goes_and_pixels_stay(world: Any, format: str) -> None:
    picture = _gradient(90, 60)
    options: dict[str, Any] = {"exif": _exif(), "icc_profile": b"colour-profile-kept"}
    if format == "PNG":
        info = PngInfo()
        info.add_text("Comment", "SECRET-CAMERA words")
        options["pnginfo"] = info
    if format == "JPEG":
        options["comment"] = b"SECRET-CAMERA words"
    if format == "WEBP":
        options |= {"lossless": True, "xmp": b"SECRET-CAMERA words"}
    content = _save(picture, format, **options) + b"<script>after the end</script>"
    served, kind, shown = _served(_stored(world, content), "full")
    assert kind == f"image/{format.lower()}"
    assert b"SECRET-CAMERA" in content
    assert b"SECRET-CAMERA" not in served and b"<script>" not in served
    assert not shown.getexif()
    assert np.array_equal(np.asarray(shown), np.asarray(Image.open(io.BytesIO(content))))
    assert b"colour-profile-kept" in served or format == "PNG"  # PNG keeps it compressed
    assert shown.info.get("icc_profile") == b"colour-profile-kept"


def test_a_comment_does_not_come_back_when_a_picture_is_encoded_again(world: Any) -> None:
    turned = _save(_gradient(2000, 900), "JPEG", exif=_exif(6), comment=b"SECRET-CAMERA words", quality=90)
    blob = _stored(world, turned)
    for size in ("thumb", "display", "full"):
        assert b"SECRET-CAMERA" not in _served(blob, size)[0], size


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA", "CMYK", "1", "I;16", "F"])
def test_a_picture_converted_in_bands_is_the_same_as_at_once(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    plain = _gradient(61, 47, "L" if mode in ("I;16", "F") else "RGB")
    picture = Image.fromarray(np.asarray(plain).astype(np.uint16) * 200) if mode == "I;16" else plain.convert(mode)
    if mode == "P":
        picture.info["transparency"] = 3
    at_once = flat(picture)
    monkeypatch.setattr(flattening, "BAND", 61 * 5)
    in_bands = flat(picture)
    assert at_once.mode == in_bands.mode in ("RGB", "L")
    assert np.array_equal(np.asarray(at_once), np.asarray(in_bands))


def test_stripping_twice_changes_nothing() -> None:
    jpeg = strip_jpeg(_save(_gradient(50, 50), "JPEG", exif=_exif(), progressive=True))
    assert strip_jpeg(jpeg) == jpeg
    png = strip_png(_save(_gradient(50, 50), "PNG", exif=_exif()))
    assert strip_png(png) == png
    webp = strip_webp(_save(_gradient(50, 50), "WEBP", exif=_exif()))
    assert strip_webp(webp) == webp


def test_real_files_strip_without_loss(data: Callable[[str], Path]) -> None:
    checked = 0
    for path in sorted((data("bad_images_pillow") / "files").glob("*.jp*g")):
        try:
            content = path.read_bytes()
            before = np.asarray(Image.open(io.BytesIO(content)))
            after = np.asarray(Image.open(io.BytesIO(strip_jpeg(content))))
        except (OSError, ValueError, SyntaxError):
            continue
        assert np.array_equal(before, after), path.name
        checked += 1
    assert checked > 5


@pytest.mark.parametrize(("mode", "format"), [("1", "PNG"), ("I;16", "TIFF"), ("F", "TIFF"), ("CMYK", "JPEG"), ("RGBA", "WEBP"),
                                              ("LA", "PNG"), ("P", "GIF"), ("RGB", "BMP")])  # fmt: skip
def test_every_mode_can_be_shown(world: Any, mode: str, format: str) -> None:
    blob = _stored(world, _save(Image.new(mode, (30, 20)), format))
    for size in ("thumb", "display", "full"):
        _content, kind, shown = _served(blob, size)
        assert shown.size == (30, 20)
        assert kind in ("image/jpeg", "image/png", "image/webp", "image/bmp")


def test_transparent_parts_lie_on_white(world: Any) -> None:
    blob = _stored(world, _save(Image.new("RGBA", (30, 20), (255, 0, 0, 0)), "PNG"))
    assert min(_served(blob, "thumb")[2].getpixel((5, 5))) > 250


def test_an_animation_is_shown_as_its_first_frame(world: Any) -> None:
    frames = [Image.new("L", (20, 10), shade) for shade in (10, 240)]
    blob = _stored(world, _save(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True))
    shown = _served(blob, "full")[2]
    assert getattr(shown, "n_frames", 1) == 1
    assert shown.convert("L").getpixel((3, 3)) < 30


def test_every_probed_picture_can_be_shown(world: Any, data: Callable[[str], Path]) -> None:
    for path in sorted((data("bad_images_pillow") / "files").iterdir()):
        try:
            blob = _stored(world, path.read_bytes())
        except Refused:
            continue
        for size in ("thumb", "display", "full"):
            shown = _served(blob, size)[2]
            if size == "full":
                assert shown.size == (blob.width, blob.height), path.name
                assert ImageOps.exif_transpose(shown).size == shown.size, path.name


def test_a_lost_rendition_is_made_again(world: Any) -> None:
    blob = _stored(world, _save(_gradient(400, 300), "JPEG"))
    path, _kind = rendition(blob, "thumb")
    store.remove(path)
    assert remake(blob, "thumb")[0] == path
    assert store.exists(path)
