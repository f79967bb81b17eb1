"""F1 of spans in two ways: exactly the same characters, and any in common. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from workflows.quality.matching.assign import assign
from workflows.quality.matching.likeness import likeness


def span_f1(truth: Sequence[dict[str, Any]], answer: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """(exact, overlapping): spans with the same label and the same characters, or with a character in common, one to one."""
    total = len(truth) + len(answer)
    if not total:
        return 1.0, 1.0
    if not truth or not answer:
        return 0.0, 0.0
    named = np.array([one["label"] for one in truth])[:, None] == np.array([other["label"] for other in answer])[None, :]
    alike = np.where(named, likeness(truth, answer, 1.0), 0.0)
    exact = len(assign(np.where(alike >= 1.0, 1.0, 0.0)))
    some = len(assign(np.where(alike > 0, 1.0, 0.0)))
    return 2 * exact / total, 2 * some / total
