"""Gathers the rooms' models for Django; no logic."""

from workflows.assignment.models import Handing
from workflows.cleaning.models import CheckRun, Finding, Gate, LabelFacts, PictureFacts, Rule, RuleSet, TextFacts
from workflows.quality.models import Consensus, ConsensusItem, ConsensusRun, GoldScore, QualityReport
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
from workflows.rounds.models import Round, RoundItem

__all__ = [
    "CheckRun",
    "Consensus",
    "ConsensusItem",
    "ConsensusRun",
    "Dataset",
    "Export",
    "ExportFile",
    "Finding",
    "Gate",
    "GoldScore",
    "Handing",
    "LabelFacts",
    "PictureFacts",
    "QualityReport",
    "Round",
    "RoundItem",
    "Rule",
    "RuleSet",
    "Shard",
    "Slice",
    "Tag",
    "TextFacts",
    "Version",
    "VersionShard",
]
