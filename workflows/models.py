"""Gathers the rooms' models for Django; no logic."""

from workflows.assignment.models import Handing
from workflows.automation.models import Flow, Passage, Step, Stop, Switch
from workflows.cleaning.models import CheckRun, Finding, Gate, LabelFacts, PictureFacts, Rule, RuleSet, TextFacts
from workflows.evaluations.models import Evaluation, Pull, Suspect
from workflows.gating.models import GateOpening, ReleaseGate
from workflows.quality.models import (
    Confused,
    Consensus,
    ConsensusItem,
    ConsensusRun,
    GoldScore,
    Kept,
    PauseRule,
    QualityReport,
    SkillPause,
)
from workflows.releases.models import (
    Dataset,
    Export,
    ExportFile,
    Shard,
    Slice,
    SplitPlace,
    Tag,
    Version,
    VersionShard,
)
from workflows.rounds.models import Round, RoundItem
from workflows.wall.models import WallAct, WallItem, WallOrder, WallOrderPart
from workflows.webhooks.models import Delivery, Webhook

__all__ = [
    "CheckRun",
    "Confused",
    "Consensus",
    "ConsensusItem",
    "ConsensusRun",
    "Dataset",
    "Delivery",
    "Evaluation",
    "Export",
    "ExportFile",
    "Finding",
    "Flow",
    "Gate",
    "GateOpening",
    "GoldScore",
    "Handing",
    "Kept",
    "LabelFacts",
    "Passage",
    "PauseRule",
    "PictureFacts",
    "Pull",
    "QualityReport",
    "ReleaseGate",
    "Round",
    "RoundItem",
    "Rule",
    "RuleSet",
    "Shard",
    "SkillPause",
    "Slice",
    "SplitPlace",
    "Step",
    "Stop",
    "Suspect",
    "Switch",
    "Tag",
    "TextFacts",
    "Version",
    "VersionShard",
    "WallAct",
    "WallItem",
    "WallOrder",
    "WallOrderPart",
    "Webhook",
]
