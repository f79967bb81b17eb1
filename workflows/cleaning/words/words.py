"""What a kind of rule and its parameters are called, and what they do, to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Words:
    """Lazy translations. `title`: two or three words; `help`: one sentence on what is caught and why it matters; `parameters`: a label
    for each; `score`: what the score is, with its unit, as an axis is labelled; `says`: a finding's sentence, a format string of `score`, `threshold`
    and the verdict's details."""

    title: Any
    help: Any
    says: Any
    score: Any = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
