"""What rooms above tell of versions and datasets: facts beside a version's own, and parts of their pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from annotate.kernel.registry import Registry
from workflows.releases.models import Dataset, Version

# f(version) → a few more fields of `GET /versions/{id}`.
version_facts: Registry[Callable[[Version], dict[str, Any]]] = Registry("facts of a version")

# f(dataset, what the page was asked with) → (template, context), or None when there is nothing to show.
dataset_parts: Registry[Callable[[Dataset, Mapping[str, str]], tuple[str, dict[str, Any]] | None]] = Registry("parts of a dataset's page")

# f(version) → (template, context) of a part of the version's page.
version_parts: Registry[Callable[[Version], tuple[str, dict[str, Any]]]] = Registry("parts of a version's page")


def facts(version: Version) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _name, tell in sorted(version_facts, key=lambda each: each[0]):
        found |= tell(version)
    return found


def parts(dataset: Dataset, wish: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    return [part for _name, tell in sorted(dataset_parts, key=lambda each: each[0]) if (part := tell(dataset, wish)) is not None]


def version_parts_of(version: Version) -> list[tuple[str, dict[str, Any]]]:
    return [tell(version) for _name, tell in sorted(version_parts, key=lambda each: each[0])]
