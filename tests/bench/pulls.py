"""A version pulled whole by the client, then its successor after a clustered 1 % has changed, into the same folder: bytes and seconds of each.

The client is a process of its own, as people run it. Exports are made before they are pulled, and their making is told apart. "full" is the
successor pulled into an empty folder: what it would cost without the version before. Over a line of 100 Mbit/s the answers are held back.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from tests.bench.measuring import median
from tests.bench.serving import Place, place
from tests.bench.versions import change, fill
from tests.client.cutting import Cutting
from tests.server.running import ROOT, clean_environment

ITEMS = int(os.environ.get("SLUICE_BENCH_ITEMS", "100000"))
PICTURES = 3000
CLIENT = ROOT / "static" / "client" / "sluice.py"
_TOLD = re.compile(r"([0-9.]+) MB, of which (\d+) fetched \(([0-9.]+) MB\) in ([0-9.]+) s")
TRIES = 3
LINE = 100e6 / 8  # bytes a second, of all connections together


def _cut(here: Place, dataset: int, formats: tuple[str, ...], media: str = "reference") -> dict[str, float]:
    """The next version with its exports ready; seconds that each took to make."""
    job = here.owner.finished(here.owner.call("POST", f"/datasets/{dataset}/versions", {"by": "group"}))
    took = {}
    for format in formats:
        began = time.monotonic()
        here.owner.finished(here.owner.call("POST", f"/versions/{job['result']['version']}/exports", {"format": format, "media": media}))
        took[format] = round(time.monotonic() - began, 2)
    return took


def _pull(here: Place, address: str, what: str, to: Path) -> dict[str, float]:
    """Seconds from the start of the process to its end, MB that came, as the client says it. `what`: DATASET@NUMBER and options."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(CLIENT), "pull", *what.split(), "--to", str(to)],
        env=clean_environment(SLUICE_SERVER=address, SLUICE_TOKEN=here.owner.headers["Authorization"].split()[1]),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    took = time.monotonic() - began
    told = _TOLD.search(done.stderr)
    if done.returncode or told is None:
        raise RuntimeError(f"pull: {done.returncode} {done.stderr[-600:]}")
    return {"seconds": took, "MB": float(told.group(3)), "MB of the version": float(told.group(1))}


def _compared(here: Place, dataset: int, options: str, *, slow: bool = False) -> dict[str, Any]:
    """The median of several goes, each into folders of its own; one go over the slow line."""
    full, again, bare = [], [], []
    with tempfile.TemporaryDirectory(prefix="sluice-bench-") as base, Cutting(here.up.url, rate=LINE if slow else 0.0) as line:
        address = line.address if slow else here.up.url
        for n in range(1 if slow else TRIES):
            full.append(_pull(here, address, f"{dataset}@2 {options}", Path(base, f"full{n}")))
            _pull(here, address, f"{dataset}@1 {options}", Path(base, f"again{n}"))  # what came from another address is no base
            again.append(_pull(here, address, f"{dataset}@2 {options}", Path(base, f"again{n}")))
            bare.append(_pull(here, address, f"{dataset}@2 {options}", Path(base, f"again{n}")))
    seconds = [median([one["seconds"] for one in some]) for some in (full, again, bare)]
    size = [median([one["MB"] for one in some]) for some in (full, again, bare)]
    return {
        "full": {"MB": size[0], "seconds": round(seconds[0], 2)},
        "after 1 %": {"MB": size[1], "seconds": round(seconds[1], 2)},
        "nothing new": {"MB": size[2], "seconds": round(seconds[2], 2)},
        "after 1 %, share of bytes": round(size[1] / size[0], 4),
        "after 1 %, share of seconds": round(seconds[1] / seconds[0], 3),
    }


def _coco(moved: range) -> bytes:
    """A box on each picture, another one on those that moved."""
    images = [{"id": n + 1, "file_name": f"road/{n:05d}.jpg", "width": 160, "height": 120} for n in range(PICTURES)]
    boxes = [{"id": n + 1, "image_id": n + 1, "category_id": 1, "bbox": [5 + (n in moved), 6, 40, 30]} for n in range(PICTURES)]
    return json.dumps({"images": images, "categories": [{"id": 1, "name": "car"}], "annotations": boxes}).encode()


def _pictures() -> bytes:
    """A zip of small JPEG files of noise, some 13 kB each."""
    from PIL import Image

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(PICTURES):
            made = io.BytesIO()
            Image.effect_noise((160, 120), 60 + n % 40).convert("RGB").save(made, "JPEG", quality=92)
            archive.writestr(f"road/{n:05d}.jpg", made.getvalue())
    return out.getvalue()


def _send(here: Place, batch: int, files: dict[str, bytes]) -> None:
    mark = "sluice-bench-mark"
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode() + content + b"\r\n" for name, content in files.items()]
    body = b"".join([*parts, f"--{mark}--\r\n".encode()])
    here.owner.finished(here.owner.call("POST", f"/batches/{batch}/import?format=coco&as=approved", body, kind=f"multipart/form-data; boundary={mark}"))


def _with_pictures(here: Place) -> dict[str, object]:
    project = here.project("pictures")
    batch = here.batch(project, "all")["id"]
    _send(here, batch, {"labels.json": _coco(range(0)), "pictures.zip": _pictures()})
    dataset = here.owner.call("POST", f"/projects/{project['id']}/datasets", {"name": "pictures"})["id"]
    _cut(here, dataset, ("jsonl",), "include")
    _send(here, batch, {"labels.json": _coco(range(PICTURES // 2, PICTURES // 2 + PICTURES // 100))})
    _cut(here, dataset, ("jsonl",), "include")
    return {f"jsonl with {PICTURES} pictures": _compared(here, dataset, "--format jsonl --media include")}


def measure() -> dict[str, object]:
    formats = ("jsonl", "parquet")
    with place() as here:
        project = here.project("pulls")["id"]
        fill(here, project, ITEMS)
        dataset = here.owner.call("POST", f"/projects/{project}/datasets", {"name": "bench"})["id"]
        found: dict[str, object] = {f"exports of {ITEMS} items made, seconds": _cut(here, dataset, formats)}
        change(here, project, ITEMS)
        found["exports after 1 % made, seconds"] = _cut(here, dataset, formats)
        for format in formats:
            found[format] = _compared(here, dataset, f"--format {format}")
            found[f"{format} over 100 Mbit/s"] = _compared(here, dataset, f"--format {format}", slow=True)
        return found | _with_pictures(here)
