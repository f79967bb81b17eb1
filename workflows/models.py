"""Gathers the rooms' models for Django; no logic."""

from workflows.assignment.models import Handing
from workflows.releases.models import (
    Dataset,
    Export,
    ExportFile,
    Shard,
    Slice,
    Tag,
    Version,
    VersionShard,
)

__all__ = ["Dataset", "Export", "ExportFile", "Handing", "Shard", "Slice", "Tag", "Version", "VersionShard"]
