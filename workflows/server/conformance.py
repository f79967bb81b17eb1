"""`manage.py conformance`: our exports read by other people's programs, what the client pulled read by PyTorch, and a bucket of a store that
checks signatures; all too heavy for the tests' own environment.

Each `tests/conformance/requirements-<name>.txt` gets a `.venv-<name>` beside `.venv`, made once; then the tests of readers run.
With arguments, pytest gets them instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workflows.server import setup

FOLDER = setup.ROOT / "tests" / "conformance"


def environments() -> list[tuple[Path, Path]]:
    """(virtual environment, the file of its pins) of each set of readers."""
    return [(setup.ROOT / f".venv-{path.stem.removeprefix('requirements-')}", path) for path in sorted(FOLDER.glob("requirements-*.txt"))]


def main(arguments: Sequence[str]) -> int:
    for place, pins in environments():
        with setup.locked(setup.ROOT):
            setup.make_venv(place)
            setup.install([pins], place)
    command = [sys.executable, "-m", "pytest", *(arguments or ["tests/exporters/test_readers.py", "tests/exporters/test_bucket.py", "tests/media/test_bucket.py", "tests/client/test_torch.py"])]
    return subprocess.run(command, cwd=setup.ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, stdin=subprocess.DEVNULL).returncode
