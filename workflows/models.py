"""Gathers the rooms' models for Django; no logic."""

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

__all__ = ["Dataset", "Export", "ExportFile", "Shard", "Slice", "Tag", "Version", "VersionShard"]
