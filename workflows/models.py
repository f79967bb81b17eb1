"""Gathers the rooms' models for Django; no logic."""

from workflows.assignment.models import Handing
from workflows.automation.models import Flow, Passage, Step, Stop, Switch
from workflows.cleaning.models import CheckRun, Finding, Gate, LabelFacts, PictureFacts, Rule, RuleSet, TextFacts
from workflows.quality.models import Confused, Consensus, ConsensusItem, ConsensusRun, GoldScore, Kept, QualityReport
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
from workflows.wall.models import WallAct, WallItem, WallOrder, WallOrderPart

__all__ = [
    "CheckRun",
    "Confused",
    "Consensus",
    "ConsensusItem",
    "ConsensusRun",
    "Dataset",
    "Export",
    "ExportFile",
    "Finding",
    "Flow",
    "Gate",
    "GoldScore",
    "Handing",
    "Kept",
    "LabelFacts",
    "Passage",
    "PictureFacts",
    "QualityReport",
    "Round",
    "RoundItem",
    "Rule",
    "RuleSet",
    "Shard",
    "Slice",
    "Step",
    "Stop",
    "Switch",
    "Tag",
    "TextFacts",
    "Version",
    "VersionShard",
    "WallAct",
    "WallItem",
    "WallOrder",
    "WallOrderPart",
]
