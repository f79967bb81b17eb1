"""Pictures: what checking, a thumbnail and facts of a 1280 × 720 JPEG cost one core; and near duplicates among many perceptual hashes.

No server and no database: what an import and its job call for each picture, one after another in one process, files on a disk.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from tests.bench.measuring import median

PICTURES, ROUNDS, SIZE = 100, 5, (1280, 720)


def draw(n: int) -> bytes:
    """A JPEG like one from a street: sky and ground, a hundred things with edges, texture, and a sensor's noise; some 250 kB at quality 85."""
    rng = np.random.default_rng(n)
    width, height = SIZE
    picture = Image.fromarray(rng.integers(40, 220, (9, 16, 3), dtype=np.uint8)).resize(SIZE, Image.Resampling.BICUBIC)
    for _ in range(100):
        x, y, w, h = (int(rng.integers(low, high)) for low, high in ((0, width), (height // 4, height), (8, 160), (8, 160)))
        picture.paste(tuple(int(v) for v in rng.integers(0, 256, 3)), (x, y, x + w, y + h))
    texture = rng.normal(0, 10, (height // 2, width // 2, 1)).repeat(2, 0).repeat(2, 1)
    pixels = np.asarray(picture, dtype=np.float32) + texture + rng.normal(0, 3, (height, width, 1))
    out = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=85)
    return out.getvalue()


def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
        os.environ["SLUICE_DATA"] = folder
        import django
        from django.test.utils import override_settings

        django.setup()
        with override_settings(STORAGES={"default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}}):
            return _pictures() | _hashes()


def _pictures() -> dict[str, object]:
    contents = [draw(n) for n in range(PICTURES)]
    rates = []
    for _ in range(ROUNDS):
        wall, cpu = time.monotonic(), time.process_time()
        for content in contents:
            _take(content)
        rates.append((PICTURES / (time.monotonic() - wall), PICTURES / (time.process_time() - cpu)))
    steps = [_steps(content) for content in contents]
    return {
        "1280 × 720 JPEG, mean kB": round(sum(map(len, contents)) / PICTURES / 1000),
        "checked, with thumbnail and facts: pictures per second": round(median([rate for rate, _cpu in rates]), 1),
        "pictures per second of CPU of one core": round(median([rate for _wall, rate in rates]), 1),
        "rounds": [round(rate, 1) for rate, _cpu in rates],
        **{f"{name}, CPU ms a picture": round(median([one[name] for one in steps]), 2) for name in steps[0]},
    }


def _take(content: bytes) -> None:
    """From bytes that come in to a stored picture with thumbnail and facts, but for the database's rows."""
    from annotate.media import renditions, store
    from annotate.media.models import Blob
    from annotate.media.probe import probe
    from workflows.cleaning.measures.picture import measure as facts_of

    facts = probe(io.BytesIO(content))
    digest, size = store.measure(io.BytesIO(content))
    store.put(store.blob_path(1, digest.hex()), io.BytesIO(content))
    blob = Blob(organisation_id=1, sha256=digest, size=size, type=facts.type, width=facts.width, height=facts.height, facts=facts.document())
    seen: list[Any] = []
    with store.local(store.blob_path(1, digest.hex())) as file:
        renditions._make_smaller(blob, file, ["thumb"], lambda picture: seen.append(facts_of(picture, facts.orientation)))
    assert seen and not seen[0].fault


def _steps(content: bytes) -> dict[str, float]:
    from annotate.media.pixels import digest
    from annotate.media.probe import probe
    from workflows.cleaning.measures.picture import measure as facts_of

    spent: dict[str, float] = {}

    def timed(name: str, do: Callable[[], Any]) -> Any:
        began = time.process_time()
        found = do()
        spent[name] = (time.process_time() - began) * 1000
        return found

    def opened(reduced: bool) -> Image.Image:
        picture = Image.open(io.BytesIO(content))
        if reduced:
            picture.draft(None, (512, 288))
        picture.load()
        return picture

    timed("check: every byte decoded, digest of pixels, EXIF", lambda: probe(io.BytesIO(content)))
    full = opened(False)
    timed("of that the digest of pixels", lambda: digest(full))
    timed("sha256 of the file", lambda: hashlib.sha256(content).digest())
    small = timed("decoded once more at half size", lambda: opened(True))
    timed("facts", lambda: facts_of(small, 1))
    thumb = timed("thumbnail from it", lambda: small.resize((256, 144), Image.Resampling.LANCZOS, reducing_gap=1.0))
    timed("its JPEG", lambda: thumb.save(io.BytesIO(), "JPEG", quality=80))
    return spent


def _hashes() -> dict[str, object]:
    figures: dict[str, object] = {}
    for n, bits in ((100_000, 4), (100_000, 10), (1_000_000, 4)):
        hashes = _drawn(n)
        took = [_pairs(hashes, bits) for _ in range(3)]
        figures[f"{n:,} hashes within {bits} bits, s"] = round(median(took), 2)
    equal = np.concatenate([np.full(50_000, 2**63, dtype=np.uint64), _drawn(50_000)])
    figures["100,000 hashes within 4 bits, of which half are equal, s"] = round(_pairs(equal, 4), 2)
    for n in (100_000, 1_000_000):
        figures[f"rule near_duplicate, {n:,} pictures, s"] = round(_judged(n), 2)
    return figures


def _drawn(n: int) -> Any:
    """Hashes anywhere, but that every tenth is another one with up to four bits changed."""
    rng = np.random.default_rng(n)
    hashes = rng.integers(0, 2**64, n, dtype=np.uint64)
    some = n // 10
    hashes[:some] = hashes[some : 2 * some]
    for _ in range(4):
        hashes[:some] ^= np.uint64(1) << rng.integers(0, 64, some).astype(np.uint64)
    return hashes


def _pairs(hashes: Any, bits: int) -> float:
    from workflows.cleaning.rules.hamming import pairs

    began = time.process_time()
    found = pairs(hashes, bits)
    assert len(found.left) >= len(hashes) // 20
    return time.process_time() - began


def _judged(n: int) -> float:
    from workflows.cleaning.rules.near_duplicate import KIND

    numbers = np.arange(1, n + 1, dtype=np.uint64)
    columns = {
        "seen": np.ones(n, dtype=bool),
        "phash": _drawn(n),
        "blur": np.full(n, 0.5, dtype=np.float32),
        "width": np.full(n, 1280.0),
        "height": np.full(n, 720.0),
        "content": numbers * np.uint64(11),
        "pixels": numbers * np.uint64(13),
    }
    began = time.process_time()
    verdict = KIND.judge(columns, KIND.defaults())
    assert verdict.caught.sum() >= n // 20
    return time.process_time() - began
