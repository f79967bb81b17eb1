"""Looks see each picture once, upright and large enough, while its thumbnail is made; they cannot spoil it."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image

from annotate.items.jobs import enqueue_renditions
from annotate.kernel.registry import Registry
from annotate.media import looking, store
from annotate.media.models import Blob
from annotate.media.services import probe_and_store_picture, store_file
from annotate.people.models import Organisation


@dataclass
class Eye:
    """A look that remembers, and does what a test asks."""

    seen: dict[int, Image.Image] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    act: Callable[[Blob], object] = lambda _blob: None

    def wants(self, blob_ids: Sequence[int]) -> Collection[int]:
        return {blob for blob in blob_ids if blob not in self.seen and blob not in self.faults}

    def see(self, blob: Blob, picture: Image.Image) -> None:
        self.act(blob)
        self.seen[blob.pk] = picture.copy()

    def fault(self, blob: Blob, code: str) -> None:
        self.faults[blob.pk] = code


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry[looking.Look]:
    """An empty registry in place of the product's."""
    empty: Registry[looking.Look] = Registry("looks")
    monkeypatch.setattr(looking, "looks", empty)
    return empty


@pytest.fixture
def eye(registry: Registry[looking.Look]) -> Iterator[Eye]:
    one = Eye()
    registry.add("eye", looking.Look(one.wants, one.see, one.fault))
    return one


@pytest.fixture
def run(world: Any, run_jobs: Callable[[], int]) -> Callable[..., Any]:
    """Runs the job on these blobs; returns it when it has ended."""

    def go(*blobs: Blob) -> Any:
        (job,) = enqueue_renditions([blob.pk for blob in blobs], organisation_id=world.organisation.pk)
        run_jobs()
        job.refresh_from_db()
        assert job.state == "done", job.error
        return job

    return go


def _stored(world: Any, content: bytes) -> Blob:
    return probe_and_store_picture(io.BytesIO(content), organisation_id=world.organisation.pk)


def _bytes(picture: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def _ramp(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.linspace(0, 255, width, dtype=np.uint8)[None].repeat(height, 0))


def _thumb(blob: Blob) -> Image.Image:
    blob.refresh_from_db()
    folder = store.rendition_folder(blob.organisation_id, blob.hex)
    with default_storage.open(f"{folder}/{blob.facts['renditions']['thumb']}") as file:
        shown = Image.open(io.BytesIO(file.read()))
        shown.load()
        return shown


@pytest.mark.parametrize(("size", "format", "seen"), [
    ((1280, 720), "JPEG", (640, 360)), ((1280, 720), "PNG", (640, 360)), ((5000, 900), "PNG", (556, 100)), ((1000, 700), "JPEG", (1000, 700)),
    ((1000, 700), "PNG", (1000, 700)), ((300, 200), "PNG", (300, 200)), ((3000, 2000), "WEBP", (600, 400)),
])  # fmt: skip
def test_a_picture_is_shown_reduced_but_not_below_512(world: Any, eye: Eye, run: Any, size: Any, format: str, seen: Any) -> None:
    blob = _stored(world, _bytes(_ramp(*size).convert("RGB"), format))
    assert run(blob).result == {"made": 1, "failed": 0}
    assert eye.seen[blob.pk].size == seen
    assert _thumb(blob).size == (min(256, size[0]), min(round(size[1] * 256 / size[0]), size[1]))
    assert list(blob.facts["renditions"]) == ["thumb"]  # the display size is made when it is first asked for


def test_it_is_shown_upright_and_without_transparency(world: Any, eye: Eye, run: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = _stored(world, _bytes(_ramp(600, 400), exif=exif))
    clear = _stored(world, _bytes(Image.new("RGBA", (20, 10), (0, 0, 0, 0)), "PNG"))
    deep = _stored(world, _bytes(Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30)), "PNG"))
    run(turned, clear, deep)
    assert eye.seen[turned.pk].size == (400, 600)
    assert eye.seen[turned.pk].getpixel((200, 10)) < 20 < 230 < eye.seen[turned.pk].getpixel((200, 590))
    assert eye.seen[clear.pk].getpixel((5, 5)) == (255, 255, 255)
    assert eye.seen[deep.pk].mode == "L" and eye.seen[deep.pk].getextrema() == (0, 255)


def test_what_was_seen_is_not_shown_again_but_what_was_not_is_even_with_a_thumbnail(world: Any, eye: Eye, run: Any) -> None:
    blobs = [_stored(world, _bytes(_ramp(300 + n, 200))) for n in range(3)]
    run(*blobs)
    first = eye.seen[blobs[0].pk]
    assert run(*blobs).result == {"made": 0, "failed": 0}
    assert eye.seen[blobs[0].pk] is first
    del eye.seen[blobs[1].pk]
    made = _thumb(blobs[1]).tobytes()
    assert run(*blobs).result == {"made": 1, "failed": 0}
    assert blobs[1].pk in eye.seen and _thumb(blobs[1]).tobytes() == made


def test_a_look_that_fails_is_reported_and_costs_neither_thumbnail_nor_other_looks(
    world: Any, eye: Eye, run: Any, registry: Registry[looking.Look]
) -> None:
    def spoil(blob: Blob) -> None:
        Organisation.objects.create(name="half written")
        Blob.objects.create(organisation_id=blob.organisation_id, sha256=bytes(blob.sha256), size=0)  # the database refuses

    eye.act = spoil
    other = Eye()
    registry.add("other", looking.Look(other.wants, other.see, other.fault))
    blob = _stored(world, _bytes(_ramp(300, 200)))
    job = run(blob)
    assert job.result == {"made": 1, "failed": 0} and _thumb(blob).size == (256, 171)
    assert blob.pk not in eye.seen and blob.pk in other.seen
    line = job.report_lines.get()
    assert (line.place, line.code) == (blob.hex, "look_failed") and line.detail.startswith("eye: ")
    assert not Organisation.objects.filter(name="half written").exists()


def test_a_look_that_cannot_tell_what_it_wants_costs_no_thumbnail(world: Any, registry: Registry[looking.Look], run: Any) -> None:
    def fail(_blob_ids: Sequence[int]) -> Collection[int]:
        raise RuntimeError("out of order")

    registry.add("eye", looking.Look(fail, Eye().see, Eye().fault))
    blob = _stored(world, _bytes(_ramp(300, 200)))
    assert run(blob).result == {"made": 1, "failed": 0} and _thumb(blob).size == (256, 171)


def test_bytes_that_are_no_picture_are_told_with_their_code(world: Any, eye: Eye, run: Any) -> None:
    whole = _bytes(_ramp(300, 200))
    bad = {b"<html>": "not_a_picture", b"%PDF-1.7": "unsupported_format", whole[: len(whole) // 2]: "truncated", b"\x89PNG\r\n\x1a\n": "broken"}
    blobs = [store_file(io.BytesIO(content), organisation_id=world.organisation.pk) for content in bad]
    good = _stored(world, whole)
    job = run(*blobs, good)
    assert job.result == {"made": 1, "failed": 4}
    assert [eye.faults[blob.pk] for blob in blobs] == list(bad.values()) and list(eye.seen) == [good.pk]
    assert run(*blobs, good).result == {"made": 0, "failed": 2}  # those that say to be pictures are tried again, and told no more
    assert len(eye.faults) == 4


def test_what_was_stored_without_decoding_is_verified_first(world: Any, eye: Eye, run: Any) -> None:
    blob = store_file(io.BytesIO(_bytes(_ramp(300, 200), "PNG")), organisation_id=world.organisation.pk)
    assert blob.facts == {}
    run(blob)
    blob.refresh_from_db()
    assert (blob.facts["format"], blob.width) == ("PNG", 300) and len(blob.facts["pixels"]) == 16


def test_bytes_that_are_gone_are_no_fault_of_the_picture(world: Any, eye: Eye, run: Any) -> None:
    blob = _stored(world, _bytes(_ramp(300, 200)))
    store.remove(store.blob_path(blob.organisation_id, blob.hex))
    job = run(blob)
    assert job.result == {"made": 0, "failed": 1} and job.report_lines.get().code == "missing_bytes"
    assert not eye.faults and not eye.seen


def test_a_full_disk_is_no_fault_of_the_picture(world: Any, eye: Eye, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: str, _file: Any) -> None:
        raise OSError(28, "No space left on device")

    blob = _stored(world, _bytes(_ramp(300, 200)))
    monkeypatch.setattr(store, "put", full)
    assert run(blob).result == {"made": 0, "failed": 1}
    assert not eye.faults


def test_texts_are_not_looked_at(world: Any, eye: Eye, run: Any) -> None:
    from annotate.media.services import probe_and_store_text

    blob, _text = probe_and_store_text(io.BytesIO(b"words"), organisation_id=world.organisation.pk)
    assert run(blob).result == {"made": 0, "failed": 0} and not eye.faults
