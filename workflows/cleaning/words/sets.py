"""Words of the rules on sets, metadata and predictions."""

from __future__ import annotations

from workflows.cleaning.words.words import Words

WORDS: dict[str, Words] = {}
