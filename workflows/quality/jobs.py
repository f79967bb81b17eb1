"""Measuring without being asked, by the clock: too little at a time, and too often, for background work that somebody looks at."""

from __future__ import annotations

from annotate.kernel.registry import ticks
from workflows.quality import gold

SECONDS = 2.0
ticks.add("measure gold", (SECONDS, gold.measure_some))
