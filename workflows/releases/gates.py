"""What rooms above say of a version before it is cut: batches whose items stay out of it, and slices that may not be cut at all.

This room asks while it drafts a version, when one is asked for, and in the transaction whose snapshot the version is cut from: what is
said then is kept with the version, and never changes it afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from annotate.kernel.errors import Conflict
from annotate.kernel.registry import Registry
from annotate.projects.models import Project


@dataclass(frozen=True)
class Barred:
    """`batches`: id → why its items stay out. `slices`: gates that refuse the cut, as documents with `name` and `why`. `record`: every
    gate that was asked, as documents with the figures at that time."""

    batches: Mapping[int, str] = field(default_factory=dict)
    slices: Sequence[Mapping[str, Any]] = ()
    record: Sequence[Mapping[str, Any]] = ()


# When gates are asked: while a version is drafted, when one is asked for (of its slice alone), or at the instant of the cut. In the first
# two somebody waits for the answer, so what takes long is left to the last.
DRAFT, ASK, CUT = "draft", "ask", "cut"
# f(project, the version's query, which of the three). Only reads: a cut asks within a transaction that cannot write.
release_gates: Registry[Callable[[Project, str, str], Barred]] = Registry("release gates")


def barred(project: Project, q: str, when: str) -> Barred:
    """What all gates say now of a version with this query."""
    batches: dict[int, str] = {}
    slices: list[Mapping[str, Any]] = []
    record: list[Mapping[str, Any]] = []
    for _name, ask in sorted(release_gates):
        found = ask(project, q, when)
        batches |= found.batches
        slices += found.slices
        record += found.record
    return Barred(batches, slices, record)


def require_open(found: Barred) -> None:
    """`Conflict` gate_failed, with the gates that failed and their figures, where a slice may not be cut."""
    if found.slices:
        said = "; ".join(f"{one['name']}: {one['why']}" for one in found.slices)
        raise Conflict(_("The gate of the slice is shut. %(why)s") % {"why": said}, code="gate_failed", extra={"gates": list(found.slices)})
