"""Slices, datasets, versions and tags: every write of this room but the work of the cut itself (`cutting`)."""

from __future__ import annotations

from collections.abc import Mapping

from annotate.people.actor import Actor
from annotate.projects.models import Project
from workflows.releases.models import Dataset, Slice, Tag, Version


def create_slice(project: Project, name: str, *, q: str, by: Actor) -> Slice:
    """A saved query. `Invalid` on a bad name or query, `Conflict` when the name is taken."""
    raise NotImplementedError


def create_dataset(project: Project, name: str, *, by: Actor) -> Dataset:
    """A dataset without versions. `Invalid` on a bad name, `Conflict` when the name is taken."""
    raise NotImplementedError


def cut(
    dataset: Dataset,
    *,
    q: str = "",
    message: str = "",
    splits: Mapping[str, float] | None = None,
    by_group: bool = True,
    stratify: str = "",
    salt: str = "",
    by: Actor,
) -> Version:
    """A version in state "cutting", with its `job`; when the job is done it is "frozen" with a number, or "failed".

    `q` selects among the approved items ("" takes all). `splits` maps names to shares that sum to 1: None takes those of
    the last version (at first 0.8 train, 0.1 val, 0.1 test), {} makes none.
    """
    raise NotImplementedError


def create_tag(dataset: Dataset, name: str, *, version: Version, by: Actor) -> Tag:
    """Let the name mean this frozen version from now on; earlier meanings stay as rows."""
    raise NotImplementedError


def withdraw(version: Version, *, reason: str, by: Actor) -> Version:
    """Frozen → withdrawn: it stays whole and readable, and is no longer offered as the latest."""
    raise NotImplementedError
