"""Gathers the rooms' models for Django; no logic."""

from workflows.assignment.models import Handing
from workflows.quality.models import GoldScore
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

__all__ = ["Dataset", "Export", "ExportFile", "GoldScore", "Handing", "Shard", "Slice", "Tag", "Version", "VersionShard"]
