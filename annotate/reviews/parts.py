"""What rooms above this one put onto the reviews page of a project: each fills a named place, since this room does not know them."""

from __future__ import annotations

from collections.abc import Callable

from annotate.items.parts import Part
from annotate.kernel.pages import PageRequest
from annotate.kernel.registry import Registry
from annotate.projects.models import Project

# place → f(request, project): the part, or None when this person gets nothing there. "rounds" stands under what waits.
review_parts: Registry[Callable[[PageRequest, Project], Part | None]] = Registry("review parts")


def filled(request: PageRequest, project: Project) -> dict[str, Part]:
    """Place → part."""
    found = {place: fill(request, project) for place, fill in review_parts}
    return {place: part for place, part in found.items() if part is not None}
