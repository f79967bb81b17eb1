"""Words of the rules on objects of labels."""

from __future__ import annotations

from workflows.cleaning.words.words import Words

WORDS: dict[str, Words] = {}
