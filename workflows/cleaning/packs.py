"""Packs of rules that come ready: what is nearly always dirt in pictures, in texts and in recordings of a road.

A parameter that is not named has its kind's default. What nobody can guess (which field must be there, which attribute a model
speaks of) is in no pack; what is dirt in some projects and wanted in others comes switched off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class PackRule(NamedTuple):
    """A rule as it is made of a pack. `name` is unique within the pack, and the kind's own where the pack has one of the kind."""

    name: str
    kind: str
    parameters: Mapping[str, Any] = {}
    severity: str = "warning"
    action: str = "flag"
    active: bool = True


def _of(kind: str, severity: str = "warning", action: str = "flag", **parameters: Any) -> PackRule:
    return PackRule(kind, kind, parameters, severity, action)


_FILES = (
    _of("unreadable", "error", "quarantine"),
    _of("wrong_extension", "info"),
    _of("rotated", "info"),
)
_LIGHT = (
    _of("dark", action="quarantine"),
    _of("bright", action="quarantine"),
    _of("blurred"),
    _of("low_information", action="quarantine"),
    _of("low_contrast"),
)
_SIZES = (
    _of("odd_aspect"),
    _of("odd_size"),
    _of("too_small", "error", "quarantine"),
)
_SHAPES = (
    _of("outside_picture", "error"),
    _of("no_area", "error"),
    _of("tiny"),
    _of("size_outlier"),
    _of("duplicate_objects"),
    _of("class_conflict"),
    _of("crossing_outline"),
    _of("few_points", "error"),
    _of("stray_keypoint"),
)
# Labelled, with nothing marked: forgotten, or a picture with nothing to mark. The team that knows switches it on.
_NOTHING_MARKED = PackRule("object_count", "object_count", {"factor": 0, "least": 1}, "info", active=False)
_ATTRIBUTES = (
    _of("missing_attribute", "error"),
    _of("undefined_label", "error"),
)
_ANSWERS = (
    _of("conflicting_labels", "error"),
    _of("lead_time", "info"),
    _of("straight_lining"),
)
_BALANCE = (
    _of("class_imbalance", "info"),
    _of("few_samples", "info"),
    _of("quota_not_met", "info"),
)
_SPLITS = (
    _of("group_leakage", "error"),
    _of("duplicate_leakage", "error"),
)

PACKS: dict[str, tuple[PackRule, ...]] = {
    "pictures": (
        *_FILES,
        *_LIGHT,
        *_SIZES,
        _of("greyscale", "info"),
        _of("exact_duplicate", action="quarantine"),
        _of("near_duplicate"),
        *_SHAPES,
        _NOTHING_MARKED,
        *_ATTRIBUTES,
        *_ANSWERS,
        *_BALANCE,
        *_SPLITS,
    ),
    "text": (
        _of("empty_text", "error", "quarantine"),
        _of("too_short"),
        _of("too_long"),
        _of("odd_words", least=2),
        _of("few_words", "info", threshold=3),
        _of("symbols"),
        _of("repetition"),
        _of("wrong_language", "info", languages=["en", "zh"]),
        _of("personal_data", "error", "quarantine"),
        _of("broken_encoding", "error"),
        PackRule("boilerplate", "pattern", {"pattern": r"(?i)lorem ipsum|\b(enable|requires?) javascript\b|\b(cookie|privacy) policy\b"}),
        _of("exact_duplicate_text", action="quarantine"),
        _of("near_duplicate_text"),
        _of("misquoted_span", "error"),
        *_ATTRIBUTES,
        *_ANSWERS,
        *_BALANCE,
        *_SPLITS,
    ),
    # Dark pictures may be the very night that was asked for: they are shown, not taken out.
    "driving": (
        *_FILES,
        _of("dark", "info"),
        _of("bright"),
        _of("blurred"),
        _of("low_information", action="quarantine"),
        *_SIZES,
        _of("exact_duplicate", action="quarantine"),
        _of("similar_neighbours", "info"),
        *_SHAPES,
        _NOTHING_MARKED,
        *_ATTRIBUTES,
        *_ANSWERS,
        *_BALANCE,
        *_SPLITS,
    ),
}
