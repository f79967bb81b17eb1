"""What people did is said in words, for every verb that the code records."""

from __future__ import annotations

import re
from pathlib import Path

from annotate.activity.words import VERBS

ROOT = Path(__file__).resolve().parents[2]
# `record(by, "noun.verb"` and the hand-written statements that write rows of activity.
CALLS = re.compile(r"""\brecord\(\s*\w+(?:\.\w+)*,\s*"([a-z_]+\.[a-z_]+)\"""")
ROWS = re.compile(r"'([a-z_]+\.[a-z_]+)',\s*'annotation'")


def test_every_verb_that_is_recorded_has_its_words() -> None:
    sources = [path.read_text() for app in ("annotate", "workflows") for path in (ROOT / app).rglob("*.py")]
    found = {verb for text in sources for pattern in (CALLS, ROWS) for verb in pattern.findall(text)}
    assert len(found) > 20 and "annotation.submit" in found
    assert not sorted(found - VERBS.keys())
