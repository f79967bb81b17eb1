"""The kinds of rules, one file each. A file with a `KIND` in this folder is registered by being there."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.cleaning.rules.kind import Kind  # numpy, which idle processes do without


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by name."""
    found = (getattr(import_module(f"{__name__}.{module.name}"), "KIND", None) for module in iter_modules(__path__))
    return {kind.name: kind for kind in sorted(filter(None, found), key=lambda kind: (kind.about, kind.name))}
