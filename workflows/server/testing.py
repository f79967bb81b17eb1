"""`manage.py test`: everything that shows the product works, on any machine, in one run.

Linters, types and the front end's own tests come first, as many at once as there are cores, pytest last, so that its closing line
closes the run. With arguments, only pytest runs, and they go to it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from workflows.server import setup
from workflows.server.setup import ROOT, STATIC, say

MOST_PROCESSES = 4  # as many files are waited for at most; each has a database of its own
BROWSER_PACKAGES = ROOT / "tests" / "browser"


@dataclass(frozen=True)
class Step:
    name: str
    command: Sequence[str]
    folder: object = ROOT


def steps() -> list[Step]:
    environment = setup.node_environment()
    node = shutil.which("node", path=environment["PATH"]) or "node"
    module = [sys.executable, "-m"]
    return [  # the longest first, for what runs beside them
        Step("TypeScript tests", [node, "--test", "--test-reporter=dot", "tests/js/**/*.test.ts"]),
        Step("mypy", [*module, "mypy"]),
        Step("TypeScript types", [node, "node_modules/typescript/bin/tsc", "--noEmit"], STATIC),
        Step("ruff", [*module, "ruff", "check", "--no-cache", "."]),
        Step("layers", [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]),
    ]


def run(step: Step) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        list(step.command), cwd=str(step.folder), env=setup.node_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )  # fmt: skip
    lines = [f"{'ok  ' if done.returncode == 0 else 'FAIL'} {step.name} ({time.monotonic() - began:.1f} s)"]
    say("\n".join(lines + (done.stdout.splitlines()[-60:] if done.returncode else [])))
    return done.returncode == 0


def run_all() -> bool:
    """Whether all steps passed; each is told of when it ends."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as several:
        return all(list(several.map(run, steps())))


def spread() -> list[str]:
    """pytest's words for a whole run: files spread over processes, one more than there are cores, since tests of servers and races wait a lot."""
    processes = min((os.cpu_count() or 1) + 1, MOST_PROCESSES)
    return ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]


def main(arguments: Sequence[str]) -> int:
    setup.build_front_end()
    with setup.locked(STATIC):
        setup.node_packages()
    sys.path.insert(0, str(ROOT))
    from tests.browser import chromium
    from workflows.server import translations

    translations.compile_all()
    chromium.ensure()
    passed = bool(arguments) or run_all()
    # Python keeps what it compiled beside the sources, whatever it does otherwise: every process of the tests would compile everything.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    status = subprocess.run([sys.executable, "-m", "pytest", *(arguments or spread())], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode
    return status or (0 if passed else 1)
