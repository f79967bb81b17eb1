"""From a box to an outline without a network: each way's nearness to the truth on real nuclei, and the clicks that it saves."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from workflows.server import setup

HERE = Path(__file__).resolve().parent
NAME = "dsb2018_nuclei_masks"
CLICKS = 2  # a box


def unpack(source: Path, target: Path) -> None:
    """Pictures as raw RGBA and masks as bytes of 0 and 1, with an index."""
    index: list[dict[str, Any]] = []
    for number, folder in enumerate(sorted(path for path in source.iterdir() if (path / "image.png").exists())):
        with Image.open(folder / "image.png") as picture:
            (target / f"{number}.rgba").write_bytes(picture.convert("RGBA").tobytes())
            width, height = picture.size
        masks = []
        for place, file in enumerate(sorted((folder / "masks_corrected").glob("*.png"))):
            with Image.open(file) as mask:
                (target / f"{number}-{place}.mask").write_bytes(mask.convert("L").point(lambda value: 1 if value > 127 else 0).tobytes())
            masks.append(f"{number}-{place}.mask")
        index.append({"w": width, "h": height, "pixels": f"{number}.rgba", "masks": masks})
    (target / "index.json").write_text(json.dumps(index))


def measure() -> dict[str, object]:
    source = Path(os.environ.get("SLUICE_TEST_DATA") or HERE.parents[2] / "shared" / "data") / NAME
    if not source.exists():
        return {"not measured": f"no test data {NAME!r}: set SLUICE_TEST_DATA to the folder that holds it"}
    with tempfile.TemporaryDirectory() as folder:
        unpack(source, Path(folder))
        done = subprocess.run(
            ["node", str(HERE / "assist.mjs"), folder], env=setup.node_environment(), capture_output=True, text=True, check=True
        )
        clicked = subprocess.run(
            ["node", str(HERE / "assist_clicks.mjs"), folder], env=setup.node_environment(), capture_output=True, text=True, check=True
        )
    found = json.loads(done.stdout)
    clicks = found["vertices"]["mean"]
    rows: dict[str, object] = {
        "nuclei": found["nuclei"],
        "points of a polygon by hand at 2 px tolerance, mean": clicks,
        "clicks saved by a box": f"{1 - CLICKS / clicks:.0%}",
        "graph cut of 512 × 512 pixels, CPU ms": found["large"],
    }
    for name, runs in found["methods"].items():
        for run in runs:
            # Who gets less than a usable outline draws it by hand after all.
            saved = 1 - (CLICKS + (1 - run["usable"]) * clicks) / clicks
            shown = {key: value for key, value in run.items() if key != "jitter"} | {"clicks saved": f"{saved:.0%}"}
            rows[f"{name}, box off by {run['jitter']:.0%}"] = shown
    for run in json.loads(clicked.stdout):
        for count, after in enumerate(run["after"]):
            rows[f"after {count} clicks, box off by {run['jitter']:.0%}"] = after | {"ms": run["ms"], "p95": run["p95"]}
    return rows
