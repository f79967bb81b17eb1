"""Independent readers of our exports, each run by the Python that has it: `read("datasets", "webdataset", folder)`.

A reader is a script `read_<reader>.py FORMAT FOLDER [SPLIT]` beside this file. It imports no code of ours and prints one JSON
object: {"images": n, "objects": n, "boxes": [[file, label, x, y, width, height], …]}, and more where its format says more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# The environment that has the reader: "" is the one that the tests run in, "light" is .venv-light with requirements-light.txt.
READERS = {
    "webdataset": "",
    "duckdb": "",
    "datasets": "light",
    "links": "light",
    "spacy": "spacy",
    "supervision": "light",
    "mlcroissant": "light",
    "datumaro": "datumaro",
    "torch": "torch",
}


def python_of(environment: str) -> Path | None:
    """The environment's interpreter, None where `manage.py conformance` has not made it."""
    if not environment:
        return Path(sys.executable)
    beside = ROOT / f".venv-{environment}"
    return beside / "bin" / "python3" if any(beside.glob("installed-*")) else None


def read(reader: str, format: str, folder: Path, split: str = "", *, offline: bool = True) -> Any:
    """What the reader finds; the test is skipped where the reader is not installed. `offline`: it may look nothing up, not even here."""
    python = python_of(READERS[reader])
    if python is None:
        pytest.skip(f"{reader} is not installed: python3 manage.py conformance")
    cache = folder.parent / "reader"  # readers that keep copies keep them here
    environment = {"PATH": os.environ["PATH"], "HOME": str(cache), "HF_HOME": str(cache), "HF_HUB_OFFLINE": str(int(offline)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python), str(HERE / f"read_{reader}.py"), format, str(folder), split]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, timeout=200)
    assert done.returncode == 0, f"{reader} cannot read {format}:\n{done.stderr[-3000:]}"
    return json.loads(done.stdout.splitlines()[-1])
