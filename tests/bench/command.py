"""`manage.py bench [name …]`: the figures of tests/bench/README.md, measured on this machine. Each starts servers of its own."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Sequence

NAMES = ("starts", "imports", "facts", "lists", "pairs", "nexts", "crowd", "watching", "exports", "workbench", "texts", "assist", "cleaning_texts", "checks", "wall", "quality", "versions", "pulls", "evaluations")


def main(arguments: Sequence[str]) -> int:
    unknown = [name for name in arguments if name not in NAMES]
    if unknown:
        print(f"manage.py bench: there is no {unknown[0]!r}; choose from {', '.join(NAMES)}", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}", flush=True)
    for name in arguments or NAMES:
        began = time.monotonic()
        found = importlib.import_module(f"tests.bench.{name}").measure()
        print(f"\n{name} ({time.monotonic() - began:.0f} s)", flush=True)
        for words, value in found.items():
            print(f"  {words}: {json.dumps(value)}", flush=True)
    return 0
